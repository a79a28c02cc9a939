"""The page of one folder of code: its modules, what it offers, and its neighbours."""

import re
from collections.abc import Iterator, Mapping, Sequence

from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.analysis.languages import CODE
from docgen_server.core.documents.comments import comment_to_markdown
from docgen_server.core.documents.diagrams import Edge, draw_flow
from docgen_server.core.documents.facts import FileNote, SnapshotFacts
from docgen_server.core.documents.links import page_link, place
from docgen_server.core.documents.modules import plan_problems, without_members
from docgen_server.core.documents.sections import SectionPlan

_MOST_ROWS = 80
_MOST_INTERFACE = 60
_MOST_NEIGHBOURS = 20
_MOST_NAMED = 3
_ENTRY_FILES = re.compile(r"(^|/)(__init__\.py|doc\.go|mod\.rs|lib\.rs|index\.(js|ts)|package-info\.java)$")


def package_path(folder: str) -> str:
    """Where the page of a folder stands in the tree."""
    return f"{folder}/"


def group_packages(files: Mapping[str, FileNote]) -> dict[str, list[FileNote]]:
    """Code files by folder, of those folders that get a page: not the root, which the overview describes."""
    grouped: dict[str, list[FileNote]] = {}
    for file in files.values():
        if file.language in CODE and (folder := file.folder):
            grouped.setdefault(folder, []).append(file)
    return grouped


def describing_file(files: Sequence[FileNote]) -> FileNote | None:
    """The file whose doc comment speaks for its folder; in Go any file may."""
    entry = next((file for file in files if _ENTRY_FILES.search(file.path) and file.doc), None)
    if entry is None and files and files[0].language == "go":
        entry = max(files, key=lambda file: len(file.doc) if not is_test_path(file.path) else 0)
    return entry if entry is not None and entry.doc else None


def plan_package(facts: SnapshotFacts, folder: str, packages: Mapping[str, Sequence[FileNote]]) -> list[SectionPlan]:
    """The sections of a package's page.

    Args:
        facts: The snapshot.
        folder: The folder.
        packages: All folders that have pages, with their code files.
    """
    files = packages[folder]
    inside = [other for other in packages if other.startswith(f"{folder}/")]
    plans = [_about(folder, files, packages)]
    plans += _subpackages(inside, packages, folder)
    plans += [*plan_modules(facts, files), *plan_interface(facts, files)]
    if not is_test_path(f"{folder}/x"):
        plans += _module_graph(facts, files)
    plans += [*_neighbours(facts, folder, packages), *plan_problems(facts, [file.path for file in files])]
    return plans


def plan_modules(facts: SnapshotFacts, files: Sequence[FileNote]) -> Iterator[SectionPlan]:
    """A table of modules."""
    rows = [
        {"link": page_link(file.path, file.name), "line_count": file.line_count, "summary": facts.summary_of(file.path)}
        for file in files[:_MOST_ROWS]
    ]
    sources = tuple(file.source() for file in files[:_MOST_ROWS])
    yield SectionPlan("modules", "modules", {"rows": rows, "more": max(0, len(files) - _MOST_ROWS)}, sources)


def plan_interface(facts: SnapshotFacts, files: Sequence[FileNote]) -> Iterator[SectionPlan]:
    """What the modules offer: public definitions, those with a doc comment first when there are too many."""
    found = [
        (file, symbol)
        for file in files
        if not is_test_path(file.path)
        for symbol in facts.symbols.get(file.path, ())
        if symbol.depth == 0 and symbol.visibility == "public" and not symbol.is_value and symbol.kind != "prototype"
    ]
    kept = {id(symbol) for symbol in without_members(symbol for _, symbol in found)}
    hidden = {
        symbol.qualified_name
        for file in files
        for symbol in facts.symbols.get(file.path, ())
        if symbol.depth == 0 and symbol.visibility != "public"
    }
    found = [pair for pair in found if id(pair[1]) in kept and pair[1].qualified_name.rpartition(".")[0] not in hidden]
    if len(found) > _MOST_INTERFACE:
        found = [pair for pair in found if pair[1].doc] or found
    if not found:
        return
    rows = [
        {
            "link": page_link(file.path, symbol.qualified_name, symbol.qualified_name),
            "kind": symbol.kind,
            "place": place(file.path, symbol.start_line, symbol.end_line),
            "summary": symbol.summary,
        }
        for file, symbol in found[:_MOST_INTERFACE]
    ]
    sources = tuple(file.source(one.start_line, one.end_line) for file, one in found[:_MOST_INTERFACE])
    yield SectionPlan("interface", "interface", {"rows": rows, "more": max(0, len(found) - _MOST_INTERFACE)}, sources)


def _about(folder: str, files: Sequence[FileNote], packages: Mapping[str, Sequence[FileNote]]) -> SectionPlan:
    entry = describing_file(files)
    parent = folder.rpartition("/")[0]
    return SectionPlan(
        "about",
        "about",
        {
            "path": folder,
            "doc": comment_to_markdown(entry.doc, entry.language) if entry else "",
            "place": place(entry.path, 1, 1) if entry else "",
            "module_count": len(files),
            "line_count": sum(file.line_count for file in files),
            "package": page_link(package_path(parent)) if parent in packages else "",
        },
        (entry.source(),) if entry else (),
    )


def _subpackages(
    inside: Sequence[str], packages: Mapping[str, Sequence[FileNote]], folder: str
) -> Iterator[SectionPlan]:
    if not inside:
        return
    rows = [package_row(other, packages[other], other.removeprefix(f"{folder}/")) for other in inside[:_MOST_ROWS]]
    entries = [entry for other in inside[:_MOST_ROWS] if (entry := describing_file(packages[other]))]
    yield SectionPlan(
        "packages",
        "packages",
        {"rows": rows, "more": max(0, len(inside) - _MOST_ROWS)},
        tuple(one.source() for one in entries),
    )


def package_row(folder: str, files: Sequence[FileNote], name: str = "") -> dict[str, object]:
    """A package in a table."""
    entry = describing_file(files)
    return {
        "link": page_link(package_path(folder), name or folder),
        "file_count": len(files),
        "line_count": sum(file.line_count for file in files),
        "summary": entry.summary if entry else _largest(files),
    }


def _largest(files: Sequence[FileNote]) -> str:
    """The names of the largest modules, which say something where nobody else does."""
    ranked = sorted(files, key=lambda file: (-file.line_count, file.name))
    return ", ".join(f"`{file.name}`" for file in ranked[:_MOST_NAMED])


def _module_graph(facts: SnapshotFacts, files: Sequence[FileNote]) -> Iterator[SectionPlan]:
    own = {file.path: file for file in files}
    edges = [
        Edge(own[source].name, own[target].name, weight)
        for (source, target, is_external), weight in facts.graph.weights.items()
        if not is_external and source in own and target in own
    ]
    diagram = draw_flow(edges, sizes={file.name: file.line_count for file in files}, layered=True)
    if diagram.count("-->") > 1:
        yield SectionPlan(
            "module_graph", "module_graph", {"diagram": diagram}, tuple(file.source() for file in files[:_MOST_ROWS])
        )


def _neighbours(facts: SnapshotFacts, folder: str, packages: Mapping[str, Sequence[FileNote]]) -> Iterator[SectionPlan]:
    edges = facts.graph.folder_weights
    uses = sorted({target for source, target in edges if source == folder and target in packages})
    used_by = sorted({source for source, target in edges if target == folder and source in packages})
    if uses or used_by:
        relations = {
            "uses": [page_link(package_path(other)) for other in uses[:_MOST_NEIGHBOURS]],
            "used_by": [page_link(package_path(other)) for other in used_by[:_MOST_NEIGHBOURS]],
            "more": max(0, len(used_by) - _MOST_NEIGHBOURS),
        }
        yield SectionPlan(
            "relations", "relations", relations, tuple(file.source() for file in packages[folder][:_MOST_ROWS])
        )
