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
(call receiver: (_) method: (_)) @call
(call !receiver method: (_) @call)
(superclass (_) @base)
(assignment left: [(identifier) (instance_variable)] @bind.name right: (call receiver: (constant) @bind.type method: (identifier) @_new (#eq? @_new "new")))
