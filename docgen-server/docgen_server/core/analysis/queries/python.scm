(class_definition name: (identifier) @name body: (_) @body) @definition.class
(function_definition name: (identifier) @name body: (_) @body) @definition.function
(import_statement name: (dotted_name) @import)
(import_statement name: (aliased_import name: (dotted_name) @import))
(import_from_statement module_name: (_) @import)
[(if_statement) (elif_clause) (for_statement) (while_statement) (except_clause) (case_clause)] @branch
(comment) @leading
(call function: (_) @call)
