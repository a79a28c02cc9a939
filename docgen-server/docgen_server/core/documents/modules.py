"""The page of one code file: what it is for, what it defines, who uses it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.documents.comments import comment_to_markdown
from docgen_server.core.documents.diagrams import Edge, bases_of, draw_classes, draw_flow
from docgen_server.core.documents.facts import FileNote, ProblemFacts, SnapshotFacts, SymbolFacts
from docgen_server.core.documents.links import SymbolLinks, page_link, place
from docgen_server.core.documents.sections import SectionPlan, Source

_MOST_NEIGHBOURS = 10
_MOST_LISTED = 60
_MOST_USERS = 8
_MOST_CALLED = 8
_MOST_PROBLEMS = 20
_CONTAINERS = frozenset({"class", "interface", "struct", "enum", "trait", "object", "module", "protocol"})


def plan_module(
    facts: SnapshotFacts, path: str, package_path: str | None, asked: set[str] | None = None
) -> list[SectionPlan]:
    """The sections of a module's page, in reading order.

    Args:
        facts: The snapshot.
        path: The file.
        package_path: The page of the folder that it stands in, when that has one.
        asked: Takes up every name that was looked up among the definitions that the page can see.
    """
    file = facts.files[path]
    symbols = [one for one in facts.symbols.get(path, ()) if one.visibility != "local" and one.kind != "prototype"]
    top = without_members(symbols)
    public = [one for one in top if one.visibility == "public" and not one.is_value]
    links = SymbolLinks(_visible(facts, path), path, asked)
    users = facts.usage.users(path)
    plans = [_about(facts, file, package_path, links), *_contents(file, public)]
    if not is_test_path(path):
        plans += [*_hierarchy(facts, file, symbols), *_neighbours(facts, file), *_calls(facts, file)]
    for key, symbol in _keyed(public):
        plan = _symbol(key, file, symbol, _members(symbols, symbol), links)
        plans.append(replace(plan, facts={**plan.facts, **_users(users.get(symbol.qualified_name, []), path)}))
    hidden = [one for one in top if one.visibility != "public" and not one.is_value]
    values = [one for one in top if one.is_value and one.visibility == "public"]
    plans += [*_listed("values", file, values), *_listed("internals", file, hidden)]
    plans += [*_relations(facts, file), *plan_problems(facts, [path])]
    return plans


def plan_problems(facts: SnapshotFacts, paths: Sequence[str]) -> Iterator[SectionPlan]:
    """What a reviewer would say about some files, the weightiest first."""
    wanted = frozenset(paths)
    found = sorted((one for one in facts.problems if one.path in wanted), key=_weight)
    if not found:
        return
    shown = found[:_MOST_PROBLEMS]
    yield SectionPlan(
        "problems",
        "problems",
        {
            "problems": [{**one._asdict(), "place": place(one.path, one.start_line, one.end_line)} for one in shown],
            "total": len(found),
            "rules": len({one.rule for one in found}),
        },
        tuple(facts.files[one.path].source(one.start_line, one.end_line) for one in shown if one.path in facts.files),
    )


def without_members(symbols: Iterable[SymbolFacts]) -> list[SymbolFacts]:
    """Top-level definitions but for methods that stand outside of their type, as in Go: they are shown with it."""
    top = [one for one in symbols if one.depth == 0]
    names = {one.qualified_name for one in top}
    return [one for one in top if one.qualified_name.rpartition(".")[0] not in names]


def _weight(problem: ProblemFacts) -> tuple[int, str, int]:
    return ({"error": 0, "warning": 1}.get(problem.severity, 2), problem.path, problem.start_line)


def _visible(facts: SnapshotFacts, path: str) -> Iterator[tuple[str, str]]:
    for symbol in facts.symbols.get(path, ()):
        if symbol.visibility == "public":
            yield path, symbol.qualified_name
    for other in facts.graph.internal_imports(path):
        for found in facts.names.get(other, {}).values():
            yield from ((other, name) for name in found)


def _about(facts: SnapshotFacts, file: FileNote, package_path: str | None, links: SymbolLinks) -> SectionPlan:
    return SectionPlan(
        "about",
        "about",
        {
            "path": file.path,
            "language": file.language,
            "line_count": file.line_count,
            "doc": links.link_all(comment_to_markdown(file.doc, file.language)),
            "package": page_link(package_path) if package_path else "",
            "importer_count": len(facts.graph.importers(file.path)),
            "place": place(file.path, 1, file.line_count),
        },
        (file.source(),),
    )


def _contents(file: FileNote, public: Sequence[SymbolFacts]) -> Iterator[SectionPlan]:
    if len(public) < 2:
        return
    rows = [
        {"link": page_link(file.path, one.qualified_name, one.qualified_name), **_row(one)}
        for one in public[:_MOST_LISTED]
    ]
    yield SectionPlan(
        "contents", "contents", {"rows": rows, "more": max(0, len(public) - _MOST_LISTED)}, _spans(file, public)
    )


def _hierarchy(facts: SnapshotFacts, file: FileNote, symbols: Sequence[SymbolFacts]) -> Iterator[SectionPlan]:
    """Drawn when it shows more than one inheritance: of classes here as written, of their heirs elsewhere as linked."""
    classes = [one for one in symbols if one.kind in _CONTAINERS]
    bases = {one.name: [_last(name) for name in found] for one in classes if (found := bases_of(one.signature))}
    for base, heir in facts.usage.subtypes(file.path):
        if base[0] == file.path != heir[0] and heir[1]:
            bases.setdefault(_last(heir[1]), []).append(_last(base[1]))
    if sum(map(len, bases.values())) > 1:
        yield SectionPlan("hierarchy", "hierarchy", {"diagram": draw_classes(bases)}, _spans(file, classes))


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _calls(facts: SnapshotFacts, file: FileNote) -> Iterator[SectionPlan]:
    """Who calls into the module and whom it calls; what stays inside is told by its sections.

    Shown are the definitions of the module that take part in most calls, with those at the other end.
    """
    counts: Counter[str] = Counter()
    edges: list[tuple[str, Edge]] = []
    for source, target in facts.usage.calls(file.path):
        if source[0] != target[0]:
            edge = Edge(_caller(source, file.path), _caller(target, file.path))
            edges.append((edge.source if source[0] == file.path else edge.target, edge))
            counts.update((edge.source, edge.target))
    own = sorted({name for name, _ in edges}, key=lambda name: (-counts[name], name))[:_MOST_CALLED]
    shown = [edge for name, edge in edges if name in own]
    if len(shown) > 2:
        sizes = counts + Counter(dict.fromkeys(own, len(edges)))
        yield SectionPlan("calls", "calls", {"diagram": draw_flow(shown, sizes=sizes)}, (file.source(),))


def _caller(name: tuple[str, str], here: str) -> str:
    path, qualified = name
    if path == here:
        return qualified or "module"
    return f"{path}: {qualified}" if qualified else path


def _neighbours(facts: SnapshotFacts, file: FileNote) -> Iterator[SectionPlan]:
    lines = facts.graph.importing_lines(file.path)
    importers = [path for path in sorted(lines) if not is_test_path(path)][:_MOST_NEIGHBOURS]
    imports = facts.graph.internal_imports(file.path)[:_MOST_NEIGHBOURS]
    edges = [Edge(path, file.path) for path in importers] + [Edge(file.path, path) for path in imports]
    if len(edges) > 2:
        diagram = draw_flow(edges, focus=file.path)
        sources = (facts.files[path].source(lines[path], lines[path]) for path in importers if path in facts.files)
        yield SectionPlan("neighbours", "neighbours", {"diagram": diagram}, (file.source(), *sources))


def _keyed(symbols: Sequence[SymbolFacts]) -> Iterator[tuple[str, SymbolFacts]]:
    """Symbols with keys of their own; of several of one name the later ones are numbered."""
    counts: dict[str, int] = {}
    for symbol in symbols:
        number = counts[symbol.qualified_name] = counts.get(symbol.qualified_name, 0) + 1
        yield f"symbol:{symbol.qualified_name}" + (f"~{number}" if number > 1 else ""), symbol


def _members(symbols: Sequence[SymbolFacts], owner: SymbolFacts) -> list[SymbolFacts]:
    """What stands inside a definition, and methods of its name that stand outside."""
    return [
        one
        for one in symbols
        if one is not owner
        and (
            (one.depth > 0 and owner.start_line <= one.start_line <= one.end_line <= owner.end_line)
            or (one.depth == 0 and one.qualified_name.rpartition(".")[0] == owner.qualified_name)
        )
    ]


def _users(users: Sequence[tuple[str, str]], here: str) -> dict[str, Any]:
    """Who uses a definition from other files."""
    others = [name for name in users if name[0] != here]
    shown = [page_link(path, name or path, name) for path, name in others[:_MOST_USERS]]
    return {"users": shown, "more_users": max(0, len(others) - _MOST_USERS)}


def _is_hook(symbol: SymbolFacts) -> bool:
    """Whether only the language calls it, and its author had nothing to say about it."""
    name = symbol.name
    return name.startswith("__") and name.endswith("__") and not symbol.doc and name not in {"__init__", "__call__"}


def _symbol(
    key: str, file: FileNote, symbol: SymbolFacts, members: Sequence[SymbolFacts], links: SymbolLinks
) -> SectionPlan:
    public = [one for one in members if one.visibility == "public" and not one.is_value and not _is_hook(one)]
    facts = {
        "symbol": _detailed(file, symbol, links),
        "bases": [links.link(name) for name in bases_of(symbol.signature)] if symbol.kind in _CONTAINERS else [],
        "members": [_detailed(file, one, links) for one in public],
        "values": [_detailed(file, one, links) for one in members if one.is_value and one.visibility == "public"],
        "hidden": [f"`{one.name}`" for one in members if one not in public and not one.is_value],
        "language": file.language,
    }
    outside = [one for one in members if one.depth == 0]
    return SectionPlan(key, "symbol", facts, _spans(file, [symbol, *outside]))


def _detailed(file: FileNote, symbol: SymbolFacts, links: SymbolLinks) -> dict[str, Any]:
    return {
        "name": symbol.qualified_name,
        "kind": symbol.kind,
        "signature": symbol.signature,
        "doc": links.link_all(comment_to_markdown(symbol.doc, file.language)),
        "place": place(file.path, symbol.start_line, symbol.end_line),
    }


def _listed(key: str, file: FileNote, symbols: Sequence[SymbolFacts]) -> Iterator[SectionPlan]:
    if not symbols:
        return
    rows = [
        {**_row(one), "text": one.signature or one.name, "place": place(file.path, one.start_line, one.end_line)}
        for one in symbols[:_MOST_LISTED]
    ]
    yield SectionPlan(key, key, {"rows": rows, "more": max(0, len(symbols) - _MOST_LISTED)}, _spans(file, symbols))


def _row(symbol: SymbolFacts) -> dict[str, Any]:
    return {
        "name": symbol.qualified_name,
        "kind": symbol.kind,
        "start_line": symbol.start_line,
        "end_line": symbol.end_line,
        "summary": symbol.summary,
    }


def _relations(facts: SnapshotFacts, file: FileNote) -> Iterator[SectionPlan]:
    imports = facts.graph.internal_imports(file.path)
    importers = facts.graph.importers(file.path)
    outside = facts.graph.external_imports(file.path)
    if imports or importers or outside:
        relations = {
            "imports": [page_link(path) for path in imports[:_MOST_LISTED]],
            "importers": [page_link(path) for path in importers[:_MOST_LISTED]],
            "more": max(0, len(importers) - _MOST_LISTED),
            "outside": outside,
        }
        yield SectionPlan("relations", "relations", relations, (file.source(),))


def _spans(file: FileNote, symbols: Sequence[SymbolFacts]) -> tuple[Source, ...]:
    return tuple(file.source(one.start_line, one.end_line) for one in symbols[:_MOST_LISTED])
