"""What a language model is shown of a page: its facts as numbered sources, each with the lines that it stands for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from codemuse.contracts.sources import Source
from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.documents.facts import FileNote, SnapshotFacts, SymbolFacts
from docgen_server.core.documents.modules import without_members
from docgen_server.core.documents.packages import describing_file

_MOST_SOURCES = 40
_MOST_CHARACTERS = 12_000
_LONGEST_SOURCE = 1_200
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts of one page."""

    kind: str
    """``module`` or ``package``."""
    path: str
    sources: tuple[Source, ...]
    line_counts: Mapping[str, int]
    """Lengths of the files that sources stand for."""


def gather_module(facts: SnapshotFacts, path: str) -> Evidence | None:
    """The facts of a module; nothing when there is too little to say more than its page does."""
    file = facts.files[path]
    symbols = [one for one in facts.symbols.get(path, ()) if one.visibility != "local" and one.kind != "prototype"]
    top = sorted(without_members(symbols), key=lambda one: one.visibility != "public")
    if is_test_path(path) or len(top) < 2:
        return None
    drafts = [_head(facts, file, symbols), *(_definition(facts, file, one, symbols) for one in top)]
    return Evidence("module", path, tuple(_numbered(drafts)), {path: file.line_count})


def gather_package(facts: SnapshotFacts, folder: str, packages: Mapping[str, Sequence[FileNote]]) -> Evidence | None:
    """The facts of a package: what its modules say of themselves and define."""
    files = [file for file in packages[folder] if not is_test_path(file.path)]
    if len(files) < 2:
        return None
    entry = describing_file(files)
    ordered = sorted(files, key=lambda file: (file is not entry, -len(facts.graph.importers(file.path)), file.path))
    drafts = (_module(facts, file) for file in ordered)
    return Evidence("package", folder, tuple(_numbered(drafts)), {file.path: file.line_count for file in ordered})


def _head(facts: SnapshotFacts, file: FileNote, symbols: Sequence[SymbolFacts]) -> Source:
    """What a module says of itself, and its neighbours; these lines stand before its first definition."""
    first = min((one.start_line for one in symbols), default=file.line_count + 1)
    return _source(file, 1, max(1, first - 1), _lines(file.doc, *_relations(facts, file)))


def _definition(facts: SnapshotFacts, file: FileNote, symbol: SymbolFacts, symbols: Sequence[SymbolFacts]) -> Source:
    inside = [
        f"{one.kind} {one.qualified_name}" + (f": {one.summary}" if one.doc else "")
        for one in symbols
        if one is not symbol and one.qualified_name.startswith(f"{symbol.qualified_name}.")
    ]
    users = [name or path for path, name in facts.usage.users(file.path).get(symbol.qualified_name, ())]
    used = f"Used by {', '.join(users[:_MOST_NAMED])}" if users else ""
    text = _lines(symbol.signature or f"{symbol.kind} {symbol.name}", symbol.doc, *inside, used)
    return _source(file, symbol.start_line, symbol.end_line, text, symbol.qualified_name)


def _module(facts: SnapshotFacts, file: FileNote) -> Source:
    public = [one for one in facts.symbols.get(file.path, ()) if one.depth == 0 and one.visibility == "public"]
    defined = [f"{one.kind} {one.name}" + (f": {one.summary}" if one.doc else "") for one in public[:_MOST_NAMED]]
    return _source(file, 1, max(1, file.line_count), _lines(file.doc, *defined, *_relations(facts, file)))


def _relations(facts: SnapshotFacts, file: FileNote) -> Iterator[str]:
    graph = facts.graph
    told = {
        "Imports": graph.internal_imports(file.path),
        "Imported by": [path for path in graph.importers(file.path) if not is_test_path(path)],
        "Uses from outside": graph.external_imports(file.path),
    }
    for label, names in told.items():
        if names:
            yield f"{label}: {', '.join(names[:_MOST_NAMED])}"


def _source(file: FileNote, start: int, end: int, text: str, symbol: str | None = None) -> Source:
    return Source(
        number=0,
        path=file.path,
        start_line=start,
        end_line=min(end, max(1, file.line_count)),
        text=text[:_LONGEST_SOURCE],
        language=file.language,
        symbol=symbol,
    )


def _numbered(drafts: Iterable[Source]) -> Iterator[Source]:
    """As many as a model reads with care, counted from 1."""
    size = number = 0
    for draft in drafts:
        if not draft.text.strip():
            continue
        size += len(draft.text)
        number += 1
        if number > _MOST_SOURCES or size > _MOST_CHARACTERS:
            return
        yield draft.model_copy(update={"number": number})


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
