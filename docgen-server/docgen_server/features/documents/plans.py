"""Decides which documents a snapshot should have, and what each of them is planned from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from docgen_server.core.analysis.languages import CODE
from docgen_server.core.documents.facts import FileNote, SnapshotFacts
from docgen_server.core.documents.links import OVERVIEW_PATH
from docgen_server.core.documents.modules import plan_module
from docgen_server.core.documents.overview import described_files, plan_overview, read_overview
from docgen_server.core.documents.packages import group_packages, package_path, plan_package
from docgen_server.core.documents.sections import SectionPlan
from docgen_server.core.summaries.evidence import Evidence, gather_module, gather_package
from docgen_server.features.documents.inputs import PAGES, Inputs

TEMPLATE_VERSION = 11
"""Part of the identity of rendered text: raise it when a template or a planner changes."""


@dataclass(frozen=True, slots=True)
class DocumentPlan:
    """A document that a snapshot should have."""

    path: str
    kind: str
    language: str | None
    locale: str
    digest: str
    """Hash of everything that its sections are planned from."""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the other documents of its repository."""
        return self.path, self.locale


def inputs_hash(*parts: Any) -> str:
    """Hash of everything that a text is made from."""
    data = orjson.dumps([TEMPLATE_VERSION, *parts], option=orjson.OPT_SORT_KEYS)
    return blake2b(data, digest_size=16).hexdigest()


def plan_documents(
    inputs: Inputs, locales: Sequence[str], paths: Sequence[str] | None, asked: Mapping[tuple[str, str], Sequence[str]]
) -> list[DocumentPlan]:
    """All documents of a snapshot, or those of some source files.

    Args:
        inputs: The snapshot.
        locales: Languages of pages written from code.
        paths: Source files; nothing means the whole tree.
        asked: Names that the pages looked up when they were planned before, by path and language.
    """
    wanted = None if paths is None else frozenset(paths)
    plans = [plan for plan in _prose(inputs) if wanted is None or plan.path in wanted]
    modules = [row for row in inputs.rows.values() if row.language in CODE and (wanted is None or row.path in wanted)]
    for locale in locales:
        for row in modules:
            digest = module_digest(inputs, row.path, locale, asked.get((row.path, locale), ()))
            plans.append(DocumentPlan(row.path, "module", row.language, locale, digest))
        if wanted is None:
            plans += [*_packages(inputs, locale), _overview(inputs, locale)]
    return plans


def module_digest(inputs: Inputs, path: str, locale: str, asked: Sequence[str]) -> str:
    """Hash of everything that the page of a file is planned from.

    Of what the file imports that is only what the page looked up there; of who imports it, where they do.
    """
    facts, graph = inputs.facts, inputs.facts.graph
    imports = graph.internal_imports(path)
    seen = [(other, facts.names[other]) for other in imports if other in facts.names]
    answers = [[other, names[name]] for name in sorted(asked) for other, names in seen if name in names]
    neighbours = (imports, graph.external_imports(path), dict(graph.importing_lines(path)))
    template = inputs.templates.get("module", "")
    return inputs_hash(
        _hex(inputs, path), neighbours, answers, facts.usage.digest(path), locale, template, inputs.summaries
    )


def needed_files(inputs: Inputs, due: Sequence[DocumentPlan]) -> tuple[set[str], set[str]]:
    """Files whose definitions some documents show: all of them, or those at the top level."""
    packages = group_packages(inputs.facts.files)
    whole = {plan.path for plan in due if plan.kind == "module"}
    top = {file.path for plan in due if plan.kind == "package" for file in packages[plan.path.rstrip("/")]}
    if any(plan.kind == "overview" for plan in due):
        top |= described_files(inputs.facts)
    return whole, top


@dataclass(frozen=True, slots=True)
class PagePlan:
    """What a page written from code should say."""

    title: str
    sections: list[SectionPlan]
    asked: tuple[str, ...] = ()
    """Names that were looked up among the definitions that the page can see."""


def plan_page(inputs: Inputs, plan: DocumentPlan, packages: Mapping[str, Sequence[FileNote]]) -> PagePlan:
    """The sections of a document that is written from code.

    Args:
        inputs: The snapshot, with the symbols of the document's files.
        plan: The document.
        packages: Code files by folder, as ``group_packages`` finds them.
    """
    if plan.kind == "overview":
        overview = read_overview(inputs.facts)
        return PagePlan(overview.title, plan_overview(overview))
    if plan.kind == "package":
        folder = plan.path.rstrip("/")
        return PagePlan(folder, plan_package(inputs.facts, folder, packages))
    folder = inputs.facts.files[plan.path].folder
    asked: set[str] = set()
    sections = plan_module(inputs.facts, plan.path, package_path(folder) if folder in packages else None, asked)
    return PagePlan(plan.path, sections, tuple(sorted(asked)))


def gather_evidence(facts: SnapshotFacts, plans: Sequence[DocumentPlan]) -> list[tuple[DocumentPlan, Evidence]]:
    """What a language model is shown of pages that gain by an opening: packages first, then modules by their importers."""
    packages = group_packages(facts.files)
    found: list[tuple[DocumentPlan, Evidence]] = []
    for plan in plans:
        if plan.kind == "package":
            evidence = gather_package(facts, plan.path.rstrip("/"), packages)
        else:
            evidence = gather_module(facts, plan.path) if plan.kind == "module" else None
        if evidence is not None:
            found.append((plan, evidence))
    return sorted(found, key=lambda one: (one[0].kind != "package", -len(facts.graph.importers(one[0].path))))


def section_digest(plan: SectionPlan, locale: str, templates: Mapping[str, str], kind: str) -> str:
    """Hash of everything that a section's text is made from."""
    return inputs_hash(plan.block, plan.facts, locale, templates.get(kind, ""))


def _prose(inputs: Inputs) -> Iterator[DocumentPlan]:
    for path, row in inputs.rows.items():
        if row.language in PAGES:
            yield DocumentPlan(path, "page", row.language, "", inputs_hash(_hex(inputs, path)))


def _packages(inputs: Inputs, locale: str) -> Iterator[DocumentPlan]:
    packages = group_packages(inputs.facts.files)
    template = inputs.templates.get("package", "")
    edges: dict[str, list[tuple[str, str]]] = {}
    for pair in sorted(inputs.facts.graph.folder_weights):
        for folder in pair:
            edges.setdefault(folder, []).append(pair)
    for folder, files in packages.items():
        inside = [other for other in packages if other == folder or other.startswith(f"{folder}/")]
        members = [_hex(inputs, file.path) for other in inside for file in packages[other]]
        links = [_links(inputs, file.path) for file in files]
        digest = inputs_hash(members, edges.get(folder, []), links, locale, template, inputs.summaries)
        yield DocumentPlan(package_path(folder), "package", None, locale, digest)


def _links(inputs: Inputs, path: str) -> tuple[list[str], list[str]]:
    """What a file imports; a language model is told of its importers too."""
    graph = inputs.facts.graph
    return graph.internal_imports(path), graph.importers(path) if inputs.summaries else []


def _overview(inputs: Inputs, locale: str) -> DocumentPlan:
    facts = [_hex(inputs, path) for path in inputs.rows]
    digest = inputs_hash(facts, dict(inputs.facts.blobs), locale, inputs.templates.get("overview", ""))
    return DocumentPlan(OVERVIEW_PATH, "overview", None, locale, digest)


def _hex(inputs: Inputs, path: str) -> str:
    """Id of the facts of a file."""
    identifier = inputs.rows[path].id
    return identifier.hex if identifier else ""
