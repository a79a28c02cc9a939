(class_declaration name: (_) @name) @definition.class
(object_declaration name: (_) @name) @definition.object
(class_declaration name: (_) @name (class_body) @body) @definition.class
(object_declaration name: (_) @name (class_body) @body) @definition.object
(function_declaration name: (_) @name) @definition.function
(function_declaration name: (_) @name (function_body) @body) @definition.function
(type_alias type: (_) @name) @definition.type
(source_file (property_declaration (variable_declaration (identifier) @name)) @definition.variable)
(import (qualified_identifier) @import)
[(if_expression) (for_statement) (while_statement) (do_while_statement) (when_entry) (catch_block)] @branch
[(line_comment) (block_comment)] @leading
(call_expression . (_) @call)
(delegation_specifier (_) @base)
(parameter (identifier) @bind.name (user_type) @bind.type)
(class_parameter (identifier) @bind.name (user_type) @bind.type)
(user_type) @type
