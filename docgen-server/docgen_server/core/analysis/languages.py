"""Which language a file is written in, told by its name and, for scripts without an extension, its first line."""

import re
from pathlib import PurePosixPath

from codemuse.contracts.common import Language

BY_EXTENSION: dict[str, Language] = {
    ".py": Language.PYTHON, ".pyi": Language.PYTHON, ".pyw": Language.PYTHON,
    ".js": Language.JAVASCRIPT, ".mjs": Language.JAVASCRIPT, ".cjs": Language.JAVASCRIPT, ".jsx": Language.JAVASCRIPT,
    ".ts": Language.TYPESCRIPT, ".mts": Language.TYPESCRIPT, ".cts": Language.TYPESCRIPT, ".tsx": Language.TSX,
    ".go": Language.GO, ".java": Language.JAVA, ".rs": Language.RUST,
    ".c": Language.C, ".h": Language.C,
    ".cc": Language.CPP, ".cpp": Language.CPP, ".cxx": Language.CPP, ".hpp": Language.CPP, ".hh": Language.CPP, ".hxx": Language.CPP, ".inl": Language.CPP,
    ".rb": Language.RUBY, ".rake": Language.RUBY, ".gemspec": Language.RUBY, ".php": Language.PHP, ".cs": Language.CSHARP,
    ".kt": Language.KOTLIN, ".kts": Language.KOTLIN, ".swift": Language.SWIFT, ".scala": Language.SCALA, ".sc": Language.SCALA,
    ".ex": Language.ELIXIR, ".exs": Language.ELIXIR, ".lua": Language.LUA, ".sh": Language.BASH, ".bash": Language.BASH, ".zsh": Language.BASH,
    ".zig": Language.ZIG, ".hs": Language.HASKELL,
    ".vue": Language.VUE, ".html": Language.HTML, ".htm": Language.HTML, ".css": Language.CSS, ".scss": Language.CSS, ".less": Language.CSS, ".sql": Language.SQL,
    ".md": Language.MARKDOWN, ".markdown": Language.MARKDOWN, ".mdx": Language.MARKDOWN, ".rst": Language.RST,
    ".txt": Language.TEXT, ".adoc": Language.TEXT, ".proto": Language.TEXT, ".graphql": Language.TEXT, ".tf": Language.TEXT, ".mod": Language.TEXT,
    ".json": Language.JSON, ".jsonc": Language.JSON, ".yaml": Language.YAML, ".yml": Language.YAML, ".toml": Language.TOML,
    ".ini": Language.TEXT, ".cfg": Language.TEXT, ".conf": Language.TEXT, ".properties": Language.TEXT, ".gradle": Language.TEXT, ".xml": Language.HTML,
}  # fmt: skip

BY_NAME: dict[str, Language] = {
    "readme": Language.TEXT, "license": Language.TEXT, "licence": Language.TEXT, "copying": Language.TEXT, "authors": Language.TEXT,
    "changelog": Language.TEXT, "changes": Language.TEXT, "contributing": Language.TEXT, "contributors": Language.TEXT, "notice": Language.TEXT,
    "makefile": Language.TEXT, "dockerfile": Language.TEXT, "procfile": Language.TEXT, "rakefile": Language.RUBY, "gemfile": Language.RUBY,
    "jenkinsfile": Language.TEXT, "vagrantfile": Language.RUBY, "codeowners": Language.TEXT,
}  # fmt: skip

_SHEBANG = re.compile(rb"^#!.*?\b(python|bash|zsh|sh|node|ruby|php|lua|elixir)[\d.]*\b")
_BY_INTERPRETER: dict[bytes, Language] = {
    b"python": Language.PYTHON, b"bash": Language.BASH, b"zsh": Language.BASH, b"sh": Language.BASH, b"node": Language.JAVASCRIPT,
    b"ruby": Language.RUBY, b"php": Language.PHP, b"lua": Language.LUA, b"elixir": Language.ELIXIR,
}  # fmt: skip

PROSE = frozenset({Language.MARKDOWN, Language.RST, Language.TEXT})
CONFIG = frozenset({Language.JSON, Language.YAML, Language.TOML})
MARKUP = frozenset({Language.VUE, Language.HTML, Language.CSS, Language.SQL})
CODE = frozenset(Language) - PROSE - CONFIG - MARKUP
"""Languages whose files become modules with symbols."""


def language_of(path: str, head: bytes = b"") -> Language | None:
    """The language of a file, or nothing when it is none that is known.

    Args:
        path: Path in the repository.
        head: The first bytes of the file, where they are at hand.
    """
    name = PurePosixPath(path).name.lower()
    suffix = PurePosixPath(name).suffix
    if suffix in BY_EXTENSION:
        return BY_EXTENSION[suffix]
    stem = name.split(".", 1)[0]
    if stem in BY_NAME and (suffix == "" or stem == "dockerfile"):
        return BY_NAME[stem]
    match = _SHEBANG.match(head.split(b"\n", 1)[0]) if suffix == "" else None
    return _BY_INTERPRETER[match[1]] if match else None
