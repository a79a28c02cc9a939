(function_item name: (_) @name body: (_) @body) @definition.function
(function_signature_item name: (_) @name) @definition.function
(struct_item name: (_) @name) @definition.struct
(enum_item name: (_) @name body: (_) @body) @definition.enum
(union_item name: (_) @name) @definition.struct
(trait_item name: (_) @name body: (_) @body) @definition.trait
(impl_item type: (type_identifier) @name body: (_) @body) @scope
(impl_item type: (generic_type type: (_) @name) body: (_) @body) @scope
(impl_item type: (scoped_type_identifier name: (_) @name) body: (_) @body) @scope
(mod_item name: (_) @name body: (_) @body) @definition.module
(mod_item name: (_) @import !body)
(type_item name: (_) @name) @definition.type
(const_item name: (_) @name) @definition.constant
(static_item name: (_) @name) @definition.constant
(macro_definition name: (_) @name) @definition.macro
(use_declaration argument: (_) @import)
[(if_expression) (for_expression) (while_expression) (loop_expression) (match_arm)] @branch
[(line_comment) (block_comment) (attribute_item)] @leading
(call_expression function: (_) @call)
(macro_invocation macro: (_) @call)
(struct_expression name: (_) @call)
(impl_item trait: (_) @base)
(parameter pattern: (identifier) @bind.name type: (_) @bind.type)
(field_declaration name: (_) @bind.name type: (_) @bind.type)
(let_declaration pattern: (identifier) @bind.name type: (_) @bind.type)
(let_declaration pattern: (identifier) @bind.name value: (call_expression) @bind.value)
(parameter type: (_) @type)
(field_declaration type: (_) @type)
(function_item name: (_) @name return_type: (_) @returns)
