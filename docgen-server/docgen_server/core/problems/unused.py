"""``unused-definition``: private definitions whose name stands nowhere else."""

from collections.abc import Iterator, Sequence

from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.analysis.languages import CODE
from docgen_server.core.analysis.model import FUNCTION_KINDS
from docgen_server.core.linking.file_links import FileLinks, LinkDefinition
from docgen_server.core.linking.per_file import per_file
from docgen_server.core.linking.program import Program, Site

_KINDS = FUNCTION_KINDS | {"class"}
_SHORTEST_NAME = 4
_CALLED_BY_OTHERS = frozenset({"main", "init", "test", "setup", "teardown"})


def find_unused_candidates(program: Program) -> Iterator[Site]:
    """Private definitions that nothing in their own file mentions; whether another file does, the caller must ask.

    A decorated definition is registered somewhere, a method of a class with unknown bases may be called by them, and a name
    that ends with an underscore is a hook of the language: none of them is suspected. Nor is a constant, for tables of
    constants mirror a format and are complete on purpose.
    """
    for file in program.files.values():
        yield from _candidates(file)


@per_file
def _candidates(file: FileLinks) -> Sequence[Site]:
    if file.language not in CODE or is_test_path(file.path) or not file.lonely:
        return ()
    return [
        Site(file.path, ordinal) for ordinal, item in enumerate(file.definitions) if _is_lonely(file, ordinal, item)
    ]


def _is_lonely(file: FileLinks, ordinal: int, item: LinkDefinition) -> bool:
    is_private = item.visibility == "private" and item.name in file.lonely and item.kind in _KINDS
    if not is_private or item.decorators or item.name.endswith("_") or len(item.name) < _SHORTEST_NAME:
        return False
    if item.name in _CALLED_BY_OTHERS or item.name.lower().startswith("test"):
        return False
    return item.kind != "method" or not file.bases.get(file.parents[ordinal])


def dispatch_prefixes(name: str) -> list[str]:
    """How a name may be put together where it is called: ``_handle_`` of ``_handle_text``, as in ``"_handle_" + kind``."""
    parts = name.split("_")
    prefixes = ("_".join(parts[:end]) + "_" for end in range(1, len(parts)))
    return [prefix for prefix in prefixes if len(prefix.strip("_")) > 1]
