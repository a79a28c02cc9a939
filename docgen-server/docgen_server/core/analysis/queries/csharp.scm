(namespace_declaration name: (_) @name body: (_) @body) @definition.module
(class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(struct_declaration name: (_) @name body: (_) @body) @definition.struct
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
(record_declaration name: (_) @name) @definition.class
(delegate_declaration name: (_) @name) @definition.type
(method_declaration name: (_) @name) @definition.method
(constructor_declaration name: (_) @name body: (_) @body) @definition.method
(property_declaration name: (_) @name) @definition.property
(local_function_statement name: (_) @name) @definition.function
(using_directive [(qualified_name) (identifier)] @import)
[(if_statement) (for_statement) (foreach_statement) (while_statement) (do_statement) (switch_section) (switch_expression_arm) (catch_clause) (conditional_expression)] @branch
(comment) @leading
(invocation_expression function: (_) @call)
(object_creation_expression type: (_) @call)
(base_list (_) @base)
(parameter type: (_) @bind.type name: (_) @bind.name)
(variable_declaration type: (_) @bind.type (variable_declarator name: (_) @bind.name))
(property_declaration type: (_) @bind.type name: (_) @bind.name)
(parameter type: (_) @type)
(variable_declaration type: (identifier) @type)
