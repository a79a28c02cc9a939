(function_declaration name: (identifier) @name) @definition.function
(method_declaration receiver: (parameter_list) @owner name: (_) @name) @definition.method
(type_spec name: (_) @name type: (struct_type (field_declaration_list) @body)) @definition.struct
(type_spec name: (_) @name type: (interface_type)) @definition.interface
(type_spec name: (_) @name) @definition.type
(type_alias name: (_) @name) @definition.type
(source_file (const_declaration (const_spec name: (identifier) @name) @definition.constant))
(source_file (var_declaration (var_spec name: (identifier) @name) @definition.variable))
(import_spec path: (_) @import)
[(if_statement) (for_statement) (expression_case) (type_case) (communication_case)] @branch
(comment) @leading
(call_expression function: (_) @call)
(composite_literal type: [(type_identifier) (qualified_type)] @call)
(field_declaration !name type: [(type_identifier) (qualified_type) (pointer_type)] @base)
(parameter_declaration type: [(type_identifier) (qualified_type) (pointer_type)] @type)
(field_declaration name: (_) type: [(type_identifier) (qualified_type) (pointer_type)] @type)
(type_elem [(type_identifier) (qualified_type)] @base)
(parameter_declaration name: (identifier) @bind.name type: (_) @bind.type)
(field_declaration name: (field_identifier) @bind.name type: (_) @bind.type)
(short_var_declaration left: (expression_list . (identifier) @bind.name) right: (expression_list . (call_expression) @bind.value))
(short_var_declaration left: (expression_list . (identifier) @bind.name) right: (expression_list . (composite_literal type: (_) @bind.type)))
(short_var_declaration left: (expression_list . (identifier) @bind.name) right: (expression_list . (unary_expression operand: (composite_literal type: (_) @bind.type))))
(var_spec name: (identifier) @bind.name type: (_) @bind.type)
(function_declaration name: (identifier) @name result: [(type_identifier) (qualified_type) (pointer_type)] @returns)
(method_declaration name: (_) @name result: [(type_identifier) (qualified_type) (pointer_type)] @returns)
