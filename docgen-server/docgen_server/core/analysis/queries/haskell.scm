(data_type name: (_) @name) @definition.struct
(newtype name: (_) @name) @definition.struct
(type_synonym name: (_) @name) @definition.type
(class name: (_) @name) @definition.interface
(declarations (function name: (variable) @name) @definition.function)
(declarations (bind name: (variable) @name) @definition.function)
(import module: (_) @import)
[(guards) (alternative) (conditional)] @branch
[(haddock) (signature)] @leading
(apply function: (variable) @call)
(infix left_operand: (variable) @call)
(signature type: (function (name) @type))
(deriving classes: (name) @base)
