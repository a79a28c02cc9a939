(class_definition name: (_) @name) @definition.class
(object_definition name: (_) @name) @definition.object
(trait_definition name: (_) @name) @definition.trait
(enum_definition name: (_) @name) @definition.enum
(function_definition name: (_) @name) @definition.function
(function_declaration name: (_) @name) @definition.function
(type_definition name: (_) @name) @definition.type
(import_declaration) @import
[(if_expression) (for_expression) (while_expression) (case_clause) (catch_clause)] @branch
[(comment) (block_comment)] @leading
(call_expression function: (_) @call)
(instance_expression (_) @call)
(extends_clause type: (_) @base)
(parameter name: (_) @bind.name type: (_) @bind.type)
(type_identifier) @type
