(variable_declaration (identifier) @name (struct_declaration)) @definition.struct
(variable_declaration (identifier) @name (enum_declaration)) @definition.enum
(variable_declaration (identifier) @name (union_declaration)) @definition.struct
(function_declaration name: (identifier) @name body: (_) @body) @definition.function
(source_file (variable_declaration . (identifier) @name) @definition.variable)
(variable_declaration (identifier) (builtin_function (builtin_identifier) @_import (arguments (string) @import) (#eq? @_import "@import")))
[(if_statement) (for_statement) (while_statement) (switch_case) (catch_expression)] @branch
(comment) @leading
(call_expression function: (_) @call)
(parameter name: (identifier) @bind.name type: (_) @bind.type)
(container_field name: (identifier) @bind.name type: (_) @bind.type)
(parameter type: [(identifier) (pointer_type)] @type)
