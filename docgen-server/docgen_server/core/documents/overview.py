"""Sees a repository as a whole: what it is, where it begins, how its parts hang together."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codemuse.contracts.common import Language
from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.analysis.languages import CODE
from docgen_server.core.analysis.model import first_sentence
from docgen_server.core.analysis.prose import parse_markdown, parse_rst
from docgen_server.core.analysis.text import split_lines
from docgen_server.core.documents.pages import LanguageLine, ModuleLine, OverviewPage, PackageLine
from docgen_server.core.linking.graph import LinkGraph

_MOST_PACKAGES = 40
_MOST_NODES = 20
_MOST_EDGES = 36
_MOST_LINES = 12
_OPENING_LINES = 12
_NO_TITLES = frozenset({"table of contents", "contents", "donations", "sponsors", "installation"})
_MARKUP = re.compile(r"<[^>]*>|!?\[[^\]]*\]\([^)]*\)|[`*]")
_ENTRY_NAMES = {
    "__main__.py": "runs with `python -m`",
    "manage.py": "Django's command line",
    "main.py": "program",
    "app.py": "application",
    "wsgi.py": "WSGI application",
    "asgi.py": "ASGI application",
    "main.go": "program",
    "main.rs": "program",
    "lib.rs": "library root",
    "index.js": "package entry",
    "index.ts": "package entry",
    "main.ts": "program",
    "main.js": "program",
    "server.js": "server",
    "Main.java": "program",
    "Application.java": "application",
    "Program.cs": "program",
}
_DOC_FILES = re.compile(r"(^|/)(__init__\.py|doc\.go|mod\.rs|lib\.rs|index\.[jt]s|package-info\.java)$")


@dataclass(frozen=True, slots=True)
class FileNote:
    """What the overview needs of one analysed file."""

    path: str
    language: str
    line_count: int
    doc: str


def build_overview(
    files: Sequence[FileNote], graph: LinkGraph, *, readme: str, file_count: int, problems: Mapping[str, int]
) -> OverviewPage:
    """Collect the facts of the overview page.

    Args:
        files: All analysed files, in path order.
        graph: How they depend on each other.
        readme: Text of the README, or nothing.
        file_count: All files, analysed or not.
        problems: Findings per rule.
    """
    docs = {file.path: first_sentence(file.doc, 160) for file in files}
    code = [file for file in files if file.language in CODE]
    product = [file for file in code if not is_test_path(file.path)]
    importers = Counter({file.path: len(graph.importers(file.path)) for file in _units(product)})
    externals = graph.externals()
    pages = [file for file in files if file.language in {Language.MARKDOWN, Language.RST} and file.path[0] != "."]
    pages.sort(key=lambda file: (file.path.count("/"), file.path))
    readme_note = next(
        (file.doc for file in files if "/" not in file.path and file.path.lower().startswith("readme")), ""
    )
    return OverviewPage(
        title=_title(readme),
        summary=readme_note,
        file_count=file_count,
        line_count=sum(file.line_count for file in files),
        languages=_languages(files),
        entry_points=_entry_points(product),
        packages=_packages(product, docs),
        diagram=_diagram(product, graph),
        central=[
            ModuleLine(path, docs[path] or f"imported by {count} files")
            for path, count in importers.most_common(_MOST_LINES)
            if count > 1
        ],
        externals=[ModuleLine(name, f"{count}") for name, count in externals.most_common(_MOST_LINES)],
        problems=dict(sorted(problems.items())),
        documents=[ModuleLine(file.path, docs[file.path]) for file in pages[:_MOST_LINES]],
    )


def _units(product: Sequence[FileNote]) -> list[FileNote]:
    """What is imported as one: a file, or the best documented file of a Go package."""
    packages: dict[str, FileNote] = {}
    for file in product:
        key = file.path.rpartition("/")[0] if file.language == Language.GO else file.path
        if key not in packages or len(file.doc) > len(packages[key].doc):
            packages[key] = file
    return list(packages.values())


def _title(readme: str) -> str:
    """The heading that the README opens with."""
    lines = split_lines(readme)
    headings = parse_markdown(lines).definitions or parse_rst(lines).definitions
    opening = next((item.name for item in headings if item.line <= _OPENING_LINES), "")
    if opening.lower() in _NO_TITLES:
        return "Overview"
    return _MARKUP.sub("", opening).strip() or "Overview"


def _languages(files: Sequence[FileNote]) -> list[LanguageLine]:
    lines: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for file in files:
        lines[file.language] += file.line_count
        counts[file.language] += 1
    return [LanguageLine(language, counts[language], count) for language, count in lines.most_common(_MOST_LINES)]


def _entry_points(product: Sequence[FileNote]) -> list[ModuleLine]:
    found = [(file.path, _ENTRY_NAMES.get(file.path.rpartition("/")[2])) for file in product]
    entries = [ModuleLine(path, note) for path, note in found if note]
    return sorted(entries, key=lambda entry: (entry.path.count("/"), entry.path))[:_MOST_LINES]


def _packages(product: Sequence[FileNote], docs: Mapping[str, str]) -> list[PackageLine]:
    grouped: dict[str, list[FileNote]] = defaultdict(list)
    for file in product:
        grouped[file.path.rpartition("/")[0] or "."].append(file)
    lines = [
        PackageLine(
            path=folder,
            file_count=len(members),
            line_count=sum(member.line_count for member in members),
            summary=next((docs[m.path] for m in members if _DOC_FILES.search(m.path) and docs[m.path]), ""),
        )
        for folder, members in grouped.items()
    ]
    largest = sorted(lines, key=lambda line: -line.line_count)[:_MOST_PACKAGES]
    return sorted(largest, key=lambda line: line.path)


def _diagram(product: Sequence[FileNote], graph: LinkGraph) -> str:
    """A Mermaid graph of the largest packages; labels are quoted, so that a path is never read as syntax."""
    sizes: Counter[str] = Counter()
    for file in product:
        sizes[_package(file.path)] += file.line_count
    nodes = {package: f"p{number}" for number, (package, _) in enumerate(sizes.most_common(_MOST_NODES))}
    edges: Counter[tuple[str, str]] = Counter()
    for (source, target, is_external), weight in graph.weights().items():
        pair = (_package(source), _package(target))
        if not is_external and pair[0] != pair[1] and pair[0] in nodes and pair[1] in nodes:
            edges[pair] += weight
    if not edges:
        return ""
    lines = ["graph LR"]
    connected = {package for edge, _ in edges.most_common(_MOST_EDGES) for package in edge}
    lines += [f'  {name}["{_label(package)}"]' for package, name in nodes.items() if package in connected]
    lines += [f"  {nodes[a]} --> {nodes[b]}" for (a, b), _ in sorted(edges.most_common(_MOST_EDGES))]
    return "\n".join(lines)


def _package(path: str) -> str:
    return path.rpartition("/")[0] or "."


def _label(package: str) -> str:
    return re.sub(r"[^\w./\- ]", "_", package)[:60]
