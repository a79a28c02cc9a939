(class_declaration name: (_) @name body: (_) @body) @definition.class
(abstract_class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
(type_alias_declaration name: (_) @name) @definition.type
(internal_module name: (_) @name body: (_) @body) @definition.module
(function_signature name: (identifier) @name) @definition.function
(abstract_method_signature name: (_) @name) @definition.method
(public_field_definition name: (_) @name value: (arrow_function body: (_) @body)) @definition.method
(function_declaration name: (identifier) @name body: (_) @body) @definition.function
(generator_function_declaration name: (identifier) @name body: (_) @body) @definition.function
(method_definition name: (_) @name body: (_) @body) @definition.method
(lexical_declaration (variable_declarator name: (identifier) @name value: [
  (arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)])) @definition.function
(variable_declaration (variable_declarator name: (identifier) @name value: [
  (arrow_function body: (_) @body) (function_expression body: (_) @body)])) @definition.function
(variable_declaration (variable_declarator name: (identifier) @name value: (class body: (_) @body))) @definition.class
(lexical_declaration (variable_declarator name: (identifier) @name value: (class body: (_) @body))) @definition.class
(expression_statement (assignment_expression
  left: (member_expression object: (_) @owner property: (_) @name)
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body)])) @definition.function
(pair key: (property_identifier) @name value: [
  (arrow_function body: (_) @body) (function_expression body: (_) @body)]) @definition.function
(program (lexical_declaration (variable_declarator name: (identifier) @name)) @definition.variable)
(program (export_statement (lexical_declaration (variable_declarator name: (identifier) @name)) @definition.variable))
(import_statement source: (string) @import)
(export_statement source: (string) @import)
(call_expression function: (identifier) @_require arguments: (arguments . (string) @import) (#eq? @_require "require"))
(call_expression function: (import) arguments: (arguments . (string) @import))
[(if_statement) (for_statement) (for_in_statement) (while_statement) (do_statement) (switch_case) (catch_clause) (ternary_expression)] @branch
[(comment) (decorator)] @leading
(call_expression function: (_) @call)
(new_expression constructor: (_) @call)
(extends_clause value: (_) @base)
(implements_clause (_) @base)
(extends_type_clause (_) @base)
(type_annotation (type_identifier) @type)
(type_annotation (generic_type name: (_) @type))
(type_arguments (type_identifier) @type)
(union_type (type_identifier) @type)
(as_expression (type_identifier) @type)
(lexical_declaration (variable_declarator name: (identifier) @bind.name value: (new_expression constructor: (_) @bind.type)))
(lexical_declaration (variable_declarator name: (identifier) @bind.name type: (type_annotation) @bind.type))
(required_parameter pattern: (identifier) @bind.name type: (type_annotation) @bind.type)
(optional_parameter pattern: (identifier) @bind.name type: (type_annotation) @bind.type)
(public_field_definition name: (_) @bind.name type: (type_annotation) @bind.type)
(assignment_expression left: (member_expression object: (this) property: (_) @bind.name) right: (new_expression constructor: (_) @bind.type))
(function_declaration name: (identifier) @name return_type: (type_annotation) @returns)
(method_definition name: (_) @name return_type: (type_annotation) @returns)
