"""Links a snapshot anew where it differs from one that is linked already: a small commit costs little.

A file is resolved again when it has changed itself, or when a name that its links were worked out from says something else
now. All other links stand; where definitions of their targets have moved up or down, they are led there.
"""

from collections.abc import Mapping

from docgen_server.core.analysis.model import MODULE
from docgen_server.core.linking.file_links import FileLinks
from docgen_server.core.linking.program import Program, Site
from docgen_server.core.linking.symbol_graph import FileUses, SymbolGraph, link_symbols
from docgen_server.core.linking.trail import ANY_NAME, ANYWHERE, Seen

_MOST_CHANGED = 0.25
"""From this share of changed files on everything is linked anew."""
_Moves = Mapping[str, Mapping[int, int]]


def relink_symbols(program: Program, old: Program, known: SymbolGraph) -> SymbolGraph:
    """The links of a program.

    Args:
        program: What is to be linked; files that have not changed are the same objects as in ``old``.
        old: A program of the same repository.
        known: Its links.
    """
    if not program.sees_the_same_files(old) or program.files.keys() != old.files.keys():
        return link_symbols(program)
    changed = [path for path, file in program.files.items() if old.files[path] is not file]
    if len(changed) > _MOST_CHANGED * len(program.files):
        return link_symbols(program)
    altered = frozenset(seen for path in changed for seen in _altered(old.files[path], program.files[path]))
    moves = {path: _moves(old.files[path], program.files[path]) for path in changed}
    kept: dict[str, FileUses] = {}
    for path, uses in known.by_file.items():
        if path not in moves and not _is_affected(uses, altered):
            moved = _move(uses, moves)
            if moved is not None:
                kept[path] = moved
    program.take_names(old)
    anew = link_symbols(program, [path for path in program.files if path not in kept])
    return SymbolGraph({path: kept[path] if path in kept else anew.by_file[path] for path in program.files})


def _altered(before: FileLinks, after: FileLinks) -> set[Seen]:
    """What a file says differently."""
    old, new = before.interface, after.interface
    names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    found = {(where, name) for name in names for where in (after.path, ANYWHERE)}
    return found | ({(after.path, ANY_NAME)} if names else set())


def _is_affected(uses: FileUses, altered: frozenset[Seen]) -> bool:
    return bool(altered) if uses.seen is None else not uses.seen.isdisjoint(altered)


def _moves(before: FileLinks, after: FileLinks) -> Mapping[int, int]:
    """New ordinals of definitions by old ones; of several of one name the first stays the first."""
    places: dict[tuple[str, int], int] = {}
    counts: dict[str, int] = {}
    for ordinal, item in enumerate(after.definitions):
        places[item.qualified_name, counts.setdefault(item.qualified_name, 0)] = ordinal
        counts[item.qualified_name] += 1
    moves = {MODULE: MODULE}
    counts = {}
    for ordinal, item in enumerate(before.definitions):
        place = places.get((item.qualified_name, counts.setdefault(item.qualified_name, 0)))
        counts[item.qualified_name] += 1
        if place is not None:
            moves[ordinal] = place
    return moves


def _move(uses: FileUses, moves: _Moves) -> FileUses | None:
    """The same links with the new places of their targets; nothing when one of them is gone."""
    if uses.paths.isdisjoint(moves):
        return uses
    links = list(uses.links)
    for index, link in enumerate(links):
        path = link.target.path
        if path in moves:
            ordinal = moves[path].get(link.target.ordinal)
            if ordinal is None:
                return None
            links[index] = link._replace(target=Site(path, ordinal))
    return uses._replace(links=links)
