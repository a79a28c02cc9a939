"""Names that come with a language: nobody depends on them in the sense of a dependency graph."""

import sys

from codemuse.contracts.common import Language

_NODE = frozenset({
    "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram", "dns",
    "domain", "events", "fs", "http", "http2", "https", "inspector", "module", "net", "os", "path", "perf_hooks",
    "process", "punycode", "querystring", "readline", "repl", "stream", "string_decoder", "test", "timers", "tls",
    "trace_events", "tty", "url", "util", "v8", "vm", "wasi", "worker_threads", "zlib",
})  # fmt: skip
_PREFIXES: dict[str, tuple[str, ...]] = {
    Language.JAVA: ("java.", "javax."),
    Language.KOTLIN: ("kotlin.", "java.", "javax."),
    Language.SCALA: ("scala.", "java.", "javax."),
    Language.CSHARP: ("System",),
}
_NAMES: dict[str, frozenset[str]] = {
    Language.PYTHON: sys.stdlib_module_names,
    Language.JAVASCRIPT: _NODE,
    Language.TYPESCRIPT: _NODE,
    Language.TSX: _NODE,
    Language.RUST: frozenset({"std", "core", "alloc"}),
    Language.ZIG: frozenset({"std", "builtin", "root"}),
}


def is_standard(language: str, name: str | None) -> bool:
    """Whether a name from outside the repository belongs to the language's own library."""
    if name is None:
        return False
    if language == Language.GO:
        return "." not in name.split("/", 1)[0]
    return name in _NAMES.get(language, ()) or name.startswith(_PREFIXES.get(language, ("\0",)))
