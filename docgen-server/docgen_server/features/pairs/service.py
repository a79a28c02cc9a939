"""Draws pairs of each kind from what is known of a snapshot."""

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence

from codemuse.contracts.pairs import PairKind, PairLines, PairList, PairRead
from codemuse.database import Sessions
from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.analysis.languages import CODE
from docgen_server.core.analysis.model import first_sentence
from docgen_server.core.analysis.text import Undecodable, decode, split_lines
from docgen_server.core.git.mirror import Mirror, MirrorStore
from docgen_server.core.pairs.commits import find_commits
from docgen_server.core.pairs.doc_lines import find_doc_lines, still_says, with_what_stands_above
from docgen_server.core.pairs.tested import find_tests
from docgen_server.core.pairs.words import in_lots, is_telling
from docgen_server.db.links import LinkStore
from docgen_server.db.models import Snapshot
from docgen_server.db.snapshots import get_snapshot
from docgen_server.features.pairs.repository import SymbolPlace, list_symbols

_SHORTEST_NAME = 4
_TARGET_LINES = 60
"""Of a long definition, that must be found: any place in a class of a thousand lines would be too easy."""
_READ_AT_ONCE = 50


class PairService:
    """Words, the code that they speak of, and the lines that would give the answer away."""

    def __init__(self, sessions: Sessions, mirrors: MirrorStore, links: LinkStore) -> None:
        self._sessions = sessions
        self._mirrors = mirrors
        self._links = links

    async def list_some(self, snapshot_id: str, kind: PairKind, limit: int, seed: str) -> PairList:
        """A sample of one kind; the same one for the same seed."""
        async with self._sessions() as session:
            snapshot = await get_snapshot(session, snapshot_id)
        makers = {
            PairKind.SYMBOLS: self._symbols,
            PairKind.DOCS: self._docs,
            PairKind.TESTS: self._tests,
            PairKind.COMMITS: self._commits,
        }
        found = await makers[kind](snapshot, limit, seed)
        if not found.items and found.missing is None:
            return found.model_copy(update={"missing": "none_found"})
        return found

    async def _symbols(self, snapshot: Snapshot, limit: int, seed: str) -> PairList:
        async with self._sessions() as session:
            symbols = await list_symbols(session, snapshot.id)
        counts = Counter(symbol.name for symbol in symbols)
        good = [symbol for symbol in symbols if counts[symbol.name] == 1 and _is_worth_a_name(symbol)]
        chosen = in_lots(good, seed, lambda one: f"{one.path}:{one.qualified_name}")[:limit]
        items = [PairRead(kind=PairKind.SYMBOLS, text=one.name, targets=[_head(one)]) for one in chosen]
        return PairList(items=items, candidates=len(good))

    async def _docs(self, snapshot: Snapshot, limit: int, seed: str) -> PairList:
        async with self._sessions() as session:
            symbols = await list_symbols(session, snapshot.id, documented=True)
        said = [(symbol, first_sentence(symbol.doc)) for symbol in symbols]
        counts = Counter(words for _, words in said)
        good = [
            (symbol, words)
            for symbol, words in said
            if counts[words] == 1
            and is_telling(words)
            and symbol.visibility != "local"
            and not is_test_path(symbol.path)
        ]
        order = in_lots(good, seed, lambda one: f"{one[0].path}:{one[0].qualified_name}")
        mirror = self._mirrors.get(snapshot.repository_id)
        items: list[PairRead] = []
        for start in range(0, len(order), _READ_AT_ONCE):
            items += await _without_their_words(mirror, order[start : start + _READ_AT_ONCE])
            if len(items) >= limit:
                break
        return PairList(items=items[:limit], candidates=len(good))

    async def _tests(self, snapshot: Snapshot, limit: int, seed: str) -> PairList:
        async with self._sessions() as session:
            program, graph = await self._links.get_symbols(session, snapshot)
            places = {
                (one.path, one.qualified_name, one.end_line): one for one in await list_symbols(session, snapshot.id)
            }
        tests = list(find_tests(program, graph))
        counts = Counter(test.words for test in tests)
        good = [test for test in tests if counts[test.words] == 1]
        chosen: list[tuple[str, list[SymbolPlace]]] = []
        for test in in_lots(good, seed, lambda one: f"{one.site.path}:{one.words}"):
            sites = [test.site, *test.targets]
            keys = [(site.path, (item := program.definition(site)).qualified_name, item.end_line) for site in sites]
            if len(chosen) < limit and all(key in places for key in keys):
                chosen.append((test.words, [places[key] for key in keys]))
        contents = await _read(self._mirrors.get(snapshot.repository_id), [own for _, (own, *_) in chosen])
        items = [_about_test(words, own, targets, contents) for words, (own, *targets) in chosen]
        return PairList(items=items, candidates=len(good))

    async def _commits(self, snapshot: Snapshot, limit: int, seed: str) -> PairList:
        async with self._sessions() as session:
            files = (await self._links.get(session, snapshot)).imports.files.values()
        known = {file.path for file in files if file.language in CODE and not is_test_path(file.path)}
        commits = await find_commits(self._mirrors.get(snapshot.repository_id), snapshot.object_id, known)
        if commits is None:
            return PairList(items=[], candidates=0, missing="no_history")
        items = [
            PairRead(kind=PairKind.COMMITS, text=one.subject, targets=[PairLines(path=path) for path in one.paths])
            for one in in_lots(commits, seed, lambda one: one.subject)[:limit]
        ]
        return PairList(items=items, candidates=len(commits))


async def _read(mirror: Mirror, symbols: Sequence[SymbolPlace]) -> dict[str, list[str]]:
    """Lines of the files that definitions stand in, by blob; without what cannot be read."""
    contents = await mirror.read_blobs(list({symbol.blob: symbol.size for symbol in symbols}.items()))
    lines: dict[str, list[str]] = {}
    for blob, data in contents.items():
        with contextlib.suppress(Undecodable):
            lines[blob] = split_lines(decode(data))
    return lines


async def _without_their_words(mirror: Mirror, said: Sequence[tuple[SymbolPlace, str]]) -> list[PairRead]:
    """Those whose comment can be told from their code, so that it can be hidden."""
    contents = await _read(mirror, [symbol for symbol, _ in said])
    pairs = []
    for symbol, words in said:
        lines = contents.get(symbol.blob, [])
        found = find_doc_lines(lines, symbol.start_line, symbol.end_line, symbol.doc) if lines else None
        if found is not None and not still_says(lines, symbol.start_line, symbol.end_line, found, words):
            hidden = [PairLines(path=symbol.path, start_line=found[0], end_line=found[1])]
            pairs.append(PairRead(kind=PairKind.DOCS, text=words, targets=[_head(symbol)], hidden=hidden))
    return pairs


def _about_test(
    words: str, own: SymbolPlace, targets: Sequence[SymbolPlace], contents: Mapping[str, Sequence[str]]
) -> PairRead:
    first = with_what_stands_above(contents.get(own.blob, ()), own.start_line)
    hidden = [PairLines(path=own.path, start_line=first, end_line=own.end_line)]
    return PairRead(kind=PairKind.TESTS, text=words, targets=[_head(target) for target in targets], hidden=hidden)


def _is_worth_a_name(symbol: SymbolPlace) -> bool:
    is_named = len(symbol.name) >= _SHORTEST_NAME and not symbol.name.startswith("_")
    return is_named and symbol.visibility != "local" and not is_test_path(symbol.path)


def _head(symbol: SymbolPlace) -> PairLines:
    end = min(symbol.end_line, symbol.start_line + _TARGET_LINES - 1)
    return PairLines(path=symbol.path, start_line=symbol.start_line, end_line=end)
