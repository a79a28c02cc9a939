(class_declaration name: (_) @name body: (_) @body) @definition.class
(field_definition property: (_) @name value: (arrow_function body: (_) @body)) @definition.method
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
(class_heritage (_) @base)
(lexical_declaration (variable_declarator name: (identifier) @bind.name value: (new_expression constructor: (_) @bind.type)))
(variable_declaration (variable_declarator name: (identifier) @bind.name value: (new_expression constructor: (_) @bind.type)))
(assignment_expression left: (member_expression object: (this) property: (_) @bind.name) right: (new_expression constructor: (_) @bind.type))
(jsx_opening_element name: (_) @call)
(jsx_self_closing_element name: (_) @call)
