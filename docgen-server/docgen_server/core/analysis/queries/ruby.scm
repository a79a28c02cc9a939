(module name: (_) @name body: (_) @body) @definition.module
(class name: (_) @name body: (_) @body) @definition.class
(class name: (_) @name) @definition.class
(method name: (_) @name body: (_) @body) @definition.method
(method name: (_) @name) @definition.method
(singleton_method name: (_) @name body: (_) @body) @definition.method
(singleton_method name: (_) @name) @definition.method
(assignment left: (constant) @name) @definition.constant
(call method: (identifier) @_require arguments: (argument_list . (string) @import)
  (#any-of? @_require "require" "require_relative" "load"))
[(if) (unless) (elsif) (while) (until) (for) (when) (rescue) (if_modifier) (unless_modifier) (conditional)] @branch
(comment) @leading
