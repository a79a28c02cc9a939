(function_definition name: (_) @name body: (_) @body) @definition.function
(program (variable_assignment name: (_) @name) @definition.variable)
(command name: (command_name (word) @_source) argument: (word) @import (#any-of? @_source "source" "."))
[(if_statement) (elif_clause) (for_statement) (while_statement) (case_item)] @branch
(comment) @leading
(command name: (command_name) @call)
