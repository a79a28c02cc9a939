(function_declaration name: (identifier) @name) @definition.function
(function_declaration name: (dot_index_expression table: (_) @owner field: (_) @name)) @definition.function
(function_declaration name: (method_index_expression table: (_) @owner method: (_) @name)) @definition.method
(assignment_statement (variable_list name: (dot_index_expression table: (_) @owner field: (_) @name)) (expression_list value: (function_definition))) @definition.function
(variable_declaration (assignment_statement (variable_list name: (identifier) @name) (expression_list value: (function_definition)))) @definition.function
(function_call name: (identifier) @_require arguments: (arguments (string) @import) (#any-of? @_require "require" "dofile"))
[(if_statement) (elseif_statement) (for_statement) (while_statement) (repeat_statement)] @branch
(comment) @leading
(function_call name: (_) @call)
