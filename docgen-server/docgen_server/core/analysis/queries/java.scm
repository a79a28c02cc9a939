(class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(annotation_type_declaration name: (_) @name body: (_) @body) @definition.interface
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
(record_declaration name: (_) @name body: (_) @body) @definition.class
(method_declaration name: (_) @name) @definition.method
(constructor_declaration name: (_) @name body: (_) @body) @definition.method
(class_body (field_declaration (modifiers "static" "final") declarator: (variable_declarator name: (_) @name)) @definition.constant)
(import_declaration (scoped_identifier) @import)
[(if_statement) (for_statement) (enhanced_for_statement) (while_statement) (do_statement) (switch_label) (catch_clause) (ternary_expression)] @branch
[(line_comment) (block_comment)] @leading
(method_invocation object: (_) name: (_)) @call
(method_invocation !object name: (_) @call)
(object_creation_expression type: (_) @call)
(superclass (_) @base)
(super_interfaces (type_list (_) @base))
(extends_interfaces (type_list (_) @base))
(formal_parameter type: (_) @type)
(field_declaration type: (_) @type)
(local_variable_declaration type: (_) @type)
(formal_parameter type: (_) @bind.type name: (_) @bind.name)
(field_declaration type: (_) @bind.type declarator: (variable_declarator name: (_) @bind.name))
(local_variable_declaration type: (_) @bind.type declarator: (variable_declarator name: (_) @bind.name))
(method_declaration type: (_) @returns name: (_) @name)
