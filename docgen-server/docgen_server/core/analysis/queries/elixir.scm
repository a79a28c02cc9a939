(call target: (identifier) @_kind (arguments (alias) @name) (do_block) @body (#any-of? @_kind "defmodule" "defprotocol" "defimpl")) @definition.module
(call target: (identifier) @_kind (arguments (call target: (identifier) @name))
  (#any-of? @_kind "def" "defp" "defmacro" "defmacrop" "defguard")) @definition.function
(call target: (identifier) @_kind (arguments (identifier) @name)
  (#any-of? @_kind "def" "defp" "defmacro" "defmacrop")) @definition.function
(call target: (identifier) @_kind (arguments (binary_operator left: (call target: (identifier) @name)))
  (#any-of? @_kind "def" "defp" "defmacro" "defmacrop" "defguard")) @definition.function
(call target: (identifier) @_kind (arguments . (alias) @import) (#any-of? @_kind "alias" "import" "use" "require"))
(call target: (identifier) @_branch (#any-of? @_branch "if" "unless" "case" "cond" "with" "for" "try")) @branch
(comment) @leading
(unary_operator operand: (call target: (identifier) @_doc (#any-of? @_doc "doc" "spec" "impl" "deprecated"))) @leading
(call target: (dot left: (alias) right: (identifier))) @call
(call target: (identifier) @call)
