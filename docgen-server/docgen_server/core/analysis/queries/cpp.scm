(function_definition declarator: (function_declarator declarator: (_) @name) body: (_) @body) @definition.function
(function_definition declarator: (pointer_declarator (function_declarator declarator: (_) @name)) body: (_) @body) @definition.function
(function_definition declarator: (reference_declarator (function_declarator declarator: (_) @name)) body: (_) @body) @definition.function
(field_declaration declarator: (function_declarator declarator: (field_identifier) @name)) @definition.prototype
(class_specifier name: (_) @name body: (_) @body) @definition.class
(struct_specifier name: (_) @name body: (_) @body) @definition.struct
(union_specifier name: (_) @name body: (_) @body) @definition.struct
(enum_specifier name: (_) @name body: (_) @body) @definition.enum
(namespace_definition name: (_) @name body: (_) @body) @definition.module
(alias_declaration name: (_) @name) @definition.type
(concept_definition name: (_) @name) @definition.type
(type_definition declarator: (type_identifier) @name) @definition.type
(preproc_function_def name: (_) @name) @definition.macro
(preproc_def name: (_) @name) @definition.constant
(preproc_include path: (_) @import)
[(if_statement) (for_statement) (for_range_loop) (while_statement) (do_statement) (case_statement) (catch_clause) (conditional_expression)] @branch
(comment) @leading
(call_expression function: (_) @call)
(new_expression type: (_) @call)
(base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base)
(parameter_declaration type: [(type_identifier) (qualified_identifier) (template_type)] @type)
(declaration type: [(type_identifier) (qualified_identifier) (template_type)] @type)
(declaration type: [(type_identifier) (qualified_identifier)] @bind.type declarator: (identifier) @bind.name)
(field_declaration type: [(type_identifier) (qualified_identifier)] @bind.type declarator: (field_identifier) @bind.name)
