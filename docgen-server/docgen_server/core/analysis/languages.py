"""Which language a file is written in, told by its name and, for scripts without an extension, its first line."""

import re
from pathlib import PurePosixPath

from codemuse.contracts.common import Language as L

BY_EXTENSION: dict[str, L] = {
    ".py": L.PYTHON, ".pyi": L.PYTHON, ".pyw": L.PYTHON,
    ".js": L.JAVASCRIPT, ".mjs": L.JAVASCRIPT, ".cjs": L.JAVASCRIPT, ".jsx": L.JAVASCRIPT,
    ".ts": L.TYPESCRIPT, ".mts": L.TYPESCRIPT, ".cts": L.TYPESCRIPT, ".tsx": L.TSX,
    ".go": L.GO, ".java": L.JAVA, ".rs": L.RUST,
    ".c": L.C, ".h": L.C,
    ".cc": L.CPP, ".cpp": L.CPP, ".cxx": L.CPP, ".hpp": L.CPP, ".hh": L.CPP, ".hxx": L.CPP, ".inl": L.CPP,
    ".rb": L.RUBY, ".rake": L.RUBY, ".gemspec": L.RUBY, ".php": L.PHP, ".cs": L.CSHARP,
    ".kt": L.KOTLIN, ".kts": L.KOTLIN, ".swift": L.SWIFT, ".scala": L.SCALA, ".sc": L.SCALA,
    ".ex": L.ELIXIR, ".exs": L.ELIXIR, ".lua": L.LUA, ".sh": L.BASH, ".bash": L.BASH, ".zsh": L.BASH,
    ".vue": L.VUE, ".html": L.HTML, ".htm": L.HTML, ".css": L.CSS, ".scss": L.CSS, ".less": L.CSS, ".sql": L.SQL,
    ".md": L.MARKDOWN, ".markdown": L.MARKDOWN, ".mdx": L.MARKDOWN, ".rst": L.RST,
    ".txt": L.TEXT, ".adoc": L.TEXT, ".proto": L.TEXT, ".graphql": L.TEXT, ".tf": L.TEXT, ".mod": L.TEXT,
    ".json": L.JSON, ".jsonc": L.JSON, ".yaml": L.YAML, ".yml": L.YAML, ".toml": L.TOML,
    ".ini": L.TEXT, ".cfg": L.TEXT, ".conf": L.TEXT, ".properties": L.TEXT, ".gradle": L.TEXT, ".xml": L.HTML,
}  # fmt: skip

BY_NAME: dict[str, L] = {
    "readme": L.TEXT, "license": L.TEXT, "licence": L.TEXT, "copying": L.TEXT, "authors": L.TEXT,
    "changelog": L.TEXT, "changes": L.TEXT, "contributing": L.TEXT, "contributors": L.TEXT, "notice": L.TEXT,
    "makefile": L.TEXT, "dockerfile": L.TEXT, "procfile": L.TEXT, "rakefile": L.RUBY, "gemfile": L.RUBY,
    "jenkinsfile": L.TEXT, "vagrantfile": L.RUBY, "codeowners": L.TEXT,
}  # fmt: skip

_SHEBANG = re.compile(rb"^#!.*?\b(python|bash|zsh|sh|node|ruby|php|lua|elixir)[\d.]*\b")
_BY_INTERPRETER: dict[bytes, L] = {
    b"python": L.PYTHON, b"bash": L.BASH, b"zsh": L.BASH, b"sh": L.BASH, b"node": L.JAVASCRIPT,
    b"ruby": L.RUBY, b"php": L.PHP, b"lua": L.LUA, b"elixir": L.ELIXIR,
}  # fmt: skip

PROSE = frozenset({L.MARKDOWN, L.RST, L.TEXT})
CONFIG = frozenset({L.JSON, L.YAML, L.TOML})
MARKUP = frozenset({L.VUE, L.HTML, L.CSS, L.SQL})
CODE = frozenset(L) - PROSE - CONFIG - MARKUP
"""Languages whose files become modules with symbols."""


def language_of(path: str, head: bytes = b"") -> L | None:
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
