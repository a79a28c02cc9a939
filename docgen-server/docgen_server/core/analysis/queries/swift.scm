(class_declaration name: (type_identifier) @name body: (_) @body) @definition.class
(class_declaration name: (user_type) @name body: (_) @body) @scope
(protocol_declaration name: (_) @name body: (_) @body) @definition.protocol
(function_declaration name: (simple_identifier) @name body: (_) @body) @definition.function
(protocol_function_declaration name: (simple_identifier) @name) @definition.function
(init_declaration "init" @name body: (_) @body) @definition.method
(typealias_declaration name: (type_identifier) @name) @definition.type
(source_file (property_declaration name: (pattern bound_identifier: (_) @name)) @definition.variable)
(import_declaration (identifier) @import)
[(if_statement) (guard_statement) (for_statement) (while_statement) (repeat_while_statement) (switch_entry) (catch_block)] @branch
[(comment) (multiline_comment)] @leading
(call_expression . (_) @call)
(inheritance_specifier inherits_from: (_) @base)
(parameter name: (simple_identifier) @bind.name type: (_) @bind.type)
(user_type) @type
