(function_definition name: (_) @name body: (_) @body) @definition.function
(class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(trait_declaration name: (_) @name body: (_) @body) @definition.trait
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
(method_declaration name: (_) @name) @definition.method
(const_declaration (const_element (name) @name)) @definition.constant
(namespace_use_clause (qualified_name) @import)
(namespace_use_clause (name) @import)
[(require_expression (string) @import) (require_once_expression (string) @import)
 (include_expression (string) @import) (include_once_expression (string) @import)]
[(if_statement) (else_if_clause) (for_statement) (foreach_statement) (while_statement) (do_statement) (case_statement) (catch_clause) (conditional_expression)] @branch
[(comment) (attribute_list)] @leading
(function_call_expression function: (_) @call)
(member_call_expression object: (_) name: (_)) @call
(scoped_call_expression scope: (_) name: (_)) @call
(object_creation_expression (name) @call)
(object_creation_expression (qualified_name) @call)
(base_clause (_) @base)
(class_interface_clause (_) @base)
(simple_parameter type: (_) @bind.type name: (_) @bind.name)
(property_declaration type: (_) @bind.type (property_element name: (_) @bind.name))
(named_type (_) @type)
