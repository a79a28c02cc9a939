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
