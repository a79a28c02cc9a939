"""The languages that are read by tree-sitter. A new one is an entry here and a query file in ``queries/``."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import tree_sitter_bash
import tree_sitter_c
import tree_sitter_c_sharp
import tree_sitter_cpp
import tree_sitter_elixir
import tree_sitter_go
import tree_sitter_haskell
import tree_sitter_java
import tree_sitter_javascript
import tree_sitter_kotlin
import tree_sitter_lua
import tree_sitter_php
import tree_sitter_python
import tree_sitter_ruby
import tree_sitter_rust
import tree_sitter_scala
import tree_sitter_swift
import tree_sitter_typescript
import tree_sitter_zig

from codemuse.contracts.common import Language

_RECEIVER_TYPE = re.compile(r"\*?\s*([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*\)?$")
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Grammar:
    """How one language is read."""

    load: Callable[[], object]
    query: str
    is_strict: bool = True
    """Whether an error in the tree means an error in the file; grammars that cannot see macros err on good code."""
    leading_marks: tuple[str, ...] = ("/", "*", "@")
    """How a line begins that may belong to the definition below."""
    doc_mark: str = ""
    """How a doc comment begins that belongs to a function even across an empty line."""

    def visibility(self, name: str, signature: str) -> str:
        """Who may use a definition, as far as its own text tells."""
        words = set(_WORD.findall(signature.split("(", 1)[0]))
        if "private" in words or name.startswith(("_", "#")):
            return "private"
        return "protected" if "protected" in words else "public"

    def owner(self, text: str) -> str:
        """Name of the type that a definition belongs to, from the text that was captured for it."""
        return "".join(text.split())[:100]


class GoGrammar(Grammar):
    """Go tells visibility by the first letter and the owner of a method by its receiver."""

    def visibility(self, name: str, signature: str) -> str:  # noqa: ARG002
        """Exported or not."""
        return "public" if name[:1].isupper() else "private"

    def owner(self, text: str) -> str:
        """``(e *Engine[T])`` belongs to ``Engine``."""
        match = _RECEIVER_TYPE.search(text)
        return match[1] if match else ""


class RustGrammar(Grammar):
    """Rust is private unless it says ``pub``."""

    def visibility(self, name: str, signature: str) -> str:  # noqa: ARG002
        """``pub`` in any form counts as public."""
        return "public" if signature.startswith("pub") else "private"


class CGrammar(Grammar):
    """C hides by ``static``, and C++ names the class in front of the name."""

    def visibility(self, name: str, signature: str) -> str:  # noqa: ARG002
        """A static function is known to its file only."""
        return "private" if signature.startswith("static ") else "public"


class ElixirGrammar(Grammar):
    """Elixir defines by macros."""

    def visibility(self, name: str, signature: str) -> str:  # noqa: ARG002
        """``defp`` and ``defmacrop`` are private."""
        return "private" if signature.startswith(("defp", "defmacrop")) else "public"


class ZigGrammar(Grammar):
    """Zig is private unless it says ``pub``, and a container is a value with a name."""

    def visibility(self, name: str, signature: str) -> str:  # noqa: ARG002
        """``pub`` is public."""
        return "public" if signature.startswith(("pub", "export")) else "private"


_HASH = ("#",)
_JSDOC = "/**"

GRAMMARS: Mapping[str, Grammar] = {
    Language.PYTHON: Grammar(tree_sitter_python.language, "python", leading_marks=("#", "@")),
    Language.JAVASCRIPT: Grammar(tree_sitter_javascript.language, "javascript", doc_mark=_JSDOC),
    Language.TYPESCRIPT: Grammar(tree_sitter_typescript.language_typescript, "typescript", doc_mark=_JSDOC),
    Language.TSX: Grammar(tree_sitter_typescript.language_tsx, "typescript", doc_mark=_JSDOC),
    Language.GO: GoGrammar(tree_sitter_go.language, "go"),
    Language.JAVA: Grammar(tree_sitter_java.language, "java"),
    Language.RUST: RustGrammar(tree_sitter_rust.language, "rust", leading_marks=("/", "*", "#")),
    Language.C: CGrammar(tree_sitter_c.language, "c", is_strict=False),
    Language.CPP: CGrammar(tree_sitter_cpp.language, "cpp", is_strict=False),
    Language.RUBY: Grammar(tree_sitter_ruby.language, "ruby", leading_marks=_HASH),
    Language.PHP: Grammar(tree_sitter_php.language_php, "php", leading_marks=("/", "*", "#")),
    Language.CSHARP: Grammar(tree_sitter_c_sharp.language, "csharp", is_strict=False, leading_marks=("/", "*", "[")),
    Language.KOTLIN: Grammar(tree_sitter_kotlin.language, "kotlin", is_strict=False),
    Language.SWIFT: Grammar(tree_sitter_swift.language, "swift", is_strict=False),
    Language.SCALA: Grammar(tree_sitter_scala.language, "scala", is_strict=False),
    Language.ELIXIR: ElixirGrammar(tree_sitter_elixir.language, "elixir", leading_marks=("#", "@")),
    Language.LUA: Grammar(tree_sitter_lua.language, "lua", leading_marks=("-",)),
    Language.ZIG: ZigGrammar(tree_sitter_zig.language, "zig"),
    Language.HASKELL: Grammar(tree_sitter_haskell.language, "haskell", leading_marks=("-", "{", "")),
    Language.BASH: Grammar(tree_sitter_bash.language, "bash", is_strict=False, leading_marks=_HASH),
}
