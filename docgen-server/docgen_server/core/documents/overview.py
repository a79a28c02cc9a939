"""The page of a repository as a whole: what it is, how one begins, how its parts hang together, what to look at."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

from codemuse.contracts.common import Language
from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.analysis.languages import CODE
from docgen_server.core.documents.diagrams import Edge, draw_flow
from docgen_server.core.documents.facts import FileNote, SnapshotFacts
from docgen_server.core.documents.links import page_link, place
from docgen_server.core.documents.manifests import MANIFESTS, Project, read_project
from docgen_server.core.documents.modules import plan_problems
from docgen_server.core.documents.packages import (
    group_packages,
    package_row,
    plan_interface,
    plan_modules,
)
from docgen_server.core.documents.readme import Readme, plain, read_readme
from docgen_server.core.documents.sections import SectionPlan, Source
from docgen_server.core.documents.usage import normal_name

_MOST_ROWS = 40
_MOST_LINES = 12
_MOST_BESIDE = 8
"""Folders of documentation, examples and scripts."""
_MOST_LANGUAGES = 6
_ENTRY_NAMES = frozenset({
    "__main__.py", "manage.py", "main.py", "app.py", "wsgi.py", "asgi.py", "main.go", "main.rs", "lib.rs", "main.ts", "main.js",
    "server.js", "index.js", "index.ts", "Main.java", "Application.java", "Program.cs",
})  # fmt: skip
_STARTED_ANYWHERE = frozenset(
    {"__main__.py", "manage.py", "main.go", "main.rs", "Main.java", "Application.java", "Program.cs"}
)
"""Names that nothing but a beginning has."""
_NEAR_THE_TOP = re.compile(r"^((src|lib|packages|apps|cmd)/)?([^/]+/)?[^/]+$")
_TRANSLATION = re.compile(r"(^|/)docs/(?!en/)[a-z]{2}(-[A-Za-z]+)?/")
_FOR_MACHINES = re.compile(r"(^|/)\.|prompt", re.IGNORECASE)
_SEVERITY = {"error": 5, "warning": 2}
_SIDE_FOLDERS = re.compile(
    r"(^|/)(docs?|docs_src|docker|extra|scripts|tools|bench(marks?)?|examples?|requirements|_examples|samples?)(/|$)"
)


_TOOLING = re.compile(
    r"^(setup|noxfile|conftest|fabfile|tasks|gulpfile|gruntfile|rakefile|package|build)\.\w+$|\.config\.\w+$",
    re.IGNORECASE,
)
"""Files at the root that serve the making of the product and are no part of it."""


@dataclass(frozen=True)
class Overview:
    """What the sections of the overview are planned from."""

    facts: SnapshotFacts
    project: Project
    readme: Readme
    readme_path: str

    @property
    def title(self) -> str:
        """The name of the whole: as the README heads it, else as a manifest calls it, else the largest package's."""
        if self.readme.title:
            return self.readme.title
        if self.project.name:
            return self.project.name
        sizes = Counter(
            {
                folder: sum(file.line_count for file in files)
                for folder, files in group_packages(self.facts.files).items()
            }
        )
        return sizes.most_common(1)[0][0].rpartition("/")[2] if sizes else ""

    @cached_property
    def product(self) -> list[FileNote]:
        """Code files that are neither tests nor examples."""
        return [file for file in self.facts.files.values() if file.language in CODE and not is_test_path(file.path)]


def read_overview(facts: SnapshotFacts) -> Overview:
    """Read what README and manifests say."""
    readme_path = next((path for path in facts.texts if "/" not in path and path.lower().startswith("readme")), "")
    language = facts.files[readme_path].language if readme_path in facts.files else ""
    manifests = {path: text for path, text in facts.texts.items() if path in MANIFESTS}
    readme = read_readme(facts.texts.get(readme_path, ""), language)
    return Overview(facts, read_project(manifests), readme, readme_path)


def described_files(facts: SnapshotFacts) -> set[str]:
    """Files whose definitions the overview shows, or may be described by."""
    overview = Overview(facts, Project(), Readme(), "")
    root = {file.path for file in overview.product if not file.folder}
    return root | {file.path for file in _entry_files(overview)} | {path for path, _ in _most_imported(overview)}


def plan_overview(overview: Overview) -> list[SectionPlan]:
    """The sections of the overview, in the order that a newcomer asks."""
    facts = overview.facts
    grouped = group_packages({file.path: file for file in overview.product})
    packages = {folder: files for folder, files in grouped.items() if not folder.startswith(".")}
    root = [file for file in overview.product if not file.folder and not _TOOLING.search(file.path)]
    plans = [_about(overview), *_start(overview), *_entry_points(overview), *_layers(overview), *_packages(packages)]
    if root:
        plans += [*plan_modules(facts, root), *plan_interface(facts, root)]
    plans += [*_central(overview), *_hot_spots(overview), *_externals(facts), *_problems(overview), *_reading(facts)]
    return plans


def _about(overview: Overview) -> SectionPlan:
    facts, project = overview.facts, overview.project
    lines: Counter[str] = Counter()
    for file in facts.files.values():
        if file.language in CODE:
            lines[file.language] += file.line_count
    paragraphs = overview.readme.paragraphs
    first = plain(paragraphs[0].text) if paragraphs else ""
    description = project.description if not first.lower().startswith(project.description.lower()[:40]) else ""
    about = {
        "title": overview.title,
        "description": description.strip(),
        "paragraphs": [
            {"text": one.text, "place": place(overview.readme_path, one.start_line, one.end_line)} for one in paragraphs
        ],
        "file_count": len(facts.files),
        "line_count": sum(file.line_count for file in facts.files.values()),
        "languages": [{"name": name, "line_count": count} for name, count in lines.most_common(_MOST_LANGUAGES)],
        "license": project.license,
        "version": project.version,
        "requires": project.requires,
    }
    sources = [_text_source(facts, overview.readme_path, one.start_line, one.end_line) for one in paragraphs]
    return SectionPlan("about", "about", about, tuple(sources))


def _start(overview: Overview) -> Iterator[SectionPlan]:
    commands, how_to = overview.project.commands, overview.readme.how_to
    if not commands and not how_to:
        return
    facts = overview.facts
    shown = {
        "commands": [{**asdict(one), "place": place(one.path, one.line, one.line)} for one in commands],
        "how_to": [
            {**asdict(one), "place": place(overview.readme_path, one.start_line, one.end_line)} for one in how_to
        ],
    }
    sources = [_text_source(facts, one.path, one.line, one.line) for one in commands]
    sources += [_text_source(facts, overview.readme_path, one.start_line, one.end_line) for one in how_to]
    yield SectionPlan("start", "start", shown, tuple(sources))


def _entry_points(overview: Overview) -> Iterator[SectionPlan]:
    facts = overview.facts
    rows = [
        {
            "name": entry.name,
            "target": _target_link(facts, entry.target),
            "place": place(entry.path, entry.line, entry.line),
            "summary": facts.summary_of(path) if (path := _target_path(facts, entry.target)) else "",
        }
        for entry in overview.project.entry_points
    ]
    files = _entry_files(overview)
    rows += [
        {
            "name": file.name,
            "target": page_link(file.path),
            "place": place(file.path, 1, file.line_count),
            "summary": facts.summary_of(file.path),
        }
        for file in files
    ]
    if rows:
        manifest = [_text_source(facts, one.path, one.line, one.line) for one in overview.project.entry_points]
        yield SectionPlan(
            "entry_points", "entry_points", {"rows": rows}, (*manifest, *(file.source() for file in files))
        )


def _entry_files(overview: Overview) -> list[FileNote]:
    """Files named like a beginning, near the top, that no manifest names already."""
    named = {_target_path(overview.facts, entry.target) for entry in overview.project.entry_points}
    found = [
        file
        for file in overview.product
        if file.name in _ENTRY_NAMES
        and file.path not in named
        and not _SIDE_FOLDERS.search(file.path)
        and (file.name in _STARTED_ANYWHERE or _NEAR_THE_TOP.match(file.path))
    ]
    return sorted(found, key=lambda file: (file.path.count("/"), file.path))[:_MOST_LINES]


def _target_link(facts: SnapshotFacts, target: str) -> str:
    """What an entry point names, as a link to its page where there is one."""
    path = _target_path(facts, target)
    return page_link(path, target, target.partition(":")[2]) if path else f"`{target}`"


def _target_path(facts: SnapshotFacts, target: str) -> str | None:
    """The file that an entry point names."""
    module = target.partition(":")[0]
    stem = module.replace(".", "/") if ":" in target else module.removeprefix("./")
    ending = (f"{stem}.py", f"{stem}/__init__.py", stem, f"{stem}.js", f"{stem}/index.js")
    return next((path for path in facts.files if path.removeprefix("src/") in ending), None)


def _layers(overview: Overview) -> Iterator[SectionPlan]:
    sizes: Counter[str] = Counter()
    for file in overview.product:
        if not _SIDE_FOLDERS.search(file.path):
            sizes[file.folder or "root"] += file.line_count
    edges = [
        Edge(source or "root", target or "root", weight)
        for (source, target), weight in overview.facts.graph.folder_weights.items()
        if (source or "root") in sizes and (target or "root") in sizes
    ]
    diagram = draw_flow(edges, sizes=sizes, direction="TB", layered=True)
    if diagram:
        entries = [file.source() for file in overview.product if file.folder in sizes][:_MOST_ROWS]
        yield SectionPlan("layers", "layers", {"diagram": diagram}, tuple(entries))


def _packages(packages: Mapping[str, Sequence[FileNote]]) -> Iterator[SectionPlan]:
    if not packages:
        return
    sized = sorted(packages, key=lambda folder: -sum(file.line_count for file in packages[folder]))
    central = [folder for folder in sized if not _SIDE_FOLDERS.search(folder)]
    beside = [folder for folder in sized if _SIDE_FOLDERS.search(folder)]
    shown = sorted(central[:_MOST_ROWS]) + sorted(beside)[:_MOST_BESIDE]
    rows = [package_row(folder, packages[folder]) for folder in shown]
    sources = tuple(packages[folder][0].source() for folder in shown)
    yield SectionPlan("packages", "packages", {"rows": rows, "more": len(packages) - len(shown)}, sources)


def _most_imported(overview: Overview) -> list[tuple[str, int]]:
    """Files that most others import, with their number."""
    graph = overview.facts.graph
    product = {file.path for file in overview.product}
    counts = {
        file.path: len([path for path in graph.importing_lines(file.path) if path in product])
        for file in overview.product
        if file.language != Language.GO
    }
    ranked = sorted((path for path, count in counts.items() if count > 1), key=lambda path: (-counts[path], path))
    return [(path, counts[path]) for path in ranked[:_MOST_LINES]]


def _central(overview: Overview) -> Iterator[SectionPlan]:
    ranked = _most_imported(overview)
    rows = [
        {"link": page_link(path), "importer_count": count, "summary": overview.facts.summary_of(path)}
        for path, count in ranked
    ]
    if rows:
        sources = tuple(overview.facts.files[path].source() for path, _ in ranked)
        yield SectionPlan("central", "central", {"rows": rows}, sources)


def _hot_spots(overview: Overview) -> Iterator[SectionPlan]:
    """Files by commits times lines (Tornhill, Your Code as a Crime Scene, 2015); without history by findings and importers."""
    graph, files = overview.facts.graph, overview.facts.files
    weights: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    product = {file.path for file in overview.product if not _SIDE_FOLDERS.search(file.path)}
    for problem in overview.facts.problems:
        if problem.path in product:
            weights[problem.path] += _SEVERITY.get(problem.severity, 1)
            counts[problem.path] += 1
    commits = overview.facts.changes
    scores = {
        path: (commits.get(path, 0) * files[path].line_count, weights[path] * (1 + len(graph.importing_lines(path))))
        for path in product
        if weights[path] or commits.get(path, 0) > 1
    }
    ranked = sorted(scores, key=lambda path: (-scores[path][0], -scores[path][1], path))[:_MOST_LINES]
    rows = [
        {
            "link": page_link(path),
            "commit_count": commits.get(path, 0),
            "line_count": files[path].line_count,
            "finding_count": counts[path],
            "importer_count": sum(other in product for other in graph.importing_lines(path)),
        }
        for path in ranked
    ]
    if rows:
        yield SectionPlan("hot_spots", "hot_spots", {"rows": rows}, tuple(files[path].source() for path in ranked))


def _externals(facts: SnapshotFacts) -> Iterator[SectionPlan]:
    counts = Counter(
        target
        for _, target in {
            (link.source, link.target)
            for link in facts.graph.links
            if link.is_external and not is_test_path(link.source) and not _SIDE_FOLDERS.search(link.source)
        }
    )
    named = [name for name in counts if not name.startswith("_")]
    ranked = sorted(named, key=lambda name: (-counts[name], name))[: _MOST_LINES * 2]
    if ranked:
        rows = [
            {"name": name, "file_count": counts[name], "version": facts.versions.get(normal_name(name), "")}
            for name in ranked
        ]
        yield SectionPlan("externals", "externals", {"rows": rows, "more": max(0, len(named) - len(ranked))})


def _problems(overview: Overview) -> Iterator[SectionPlan]:
    facts = overview.facts
    for plan in plan_problems(facts, list(facts.files)):
        rules = Counter(problem.rule for problem in facts.problems)
        rows = [{"rule": rule, "count": count} for rule, count in rules.most_common()]
        yield SectionPlan(plan.key, plan.block, {**plan.facts, "counts": rows}, plan.sources)


def _reading(facts: SnapshotFacts) -> Iterator[SectionPlan]:
    pages = [
        file
        for file in facts.files.values()
        if file.language in {Language.MARKDOWN, Language.RST}
        and not _FOR_MACHINES.search(file.path)
        and not is_test_path(file.path)
    ]
    if any(file.path.startswith("docs/en/") for file in pages):
        pages = [file for file in pages if not _TRANSLATION.search(file.path)]
    pages.sort(key=lambda file: (file.path.count("/"), file.path))
    if pages:
        rows = [
            {"link": page_link(file.path), "summary": "" if file.path in facts.texts else file.summary}
            for file in pages[:_MOST_LINES]
        ]
        sources = tuple(file.source() for file in pages[:_MOST_LINES])
        yield SectionPlan("reading", "reading", {"rows": rows, "more": max(0, len(pages) - _MOST_LINES)}, sources)


def _text_source(facts: SnapshotFacts, path: str, start_line: int, end_line: int) -> Source:
    return Source(path, facts.blobs.get(path, ""), start_line, end_line)
