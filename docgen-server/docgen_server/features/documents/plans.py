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
from docgen_server.core.documents.overview import plan_overview, read_overview
from docgen_server.core.documents.packages import folder_edges, group_packages, package_path, plan_package
from docgen_server.core.documents.sections import SectionPlan
from docgen_server.core.summaries.evidence import Evidence, gather_module, gather_package
from docgen_server.features.documents.inputs import PAGES, Inputs

TEMPLATE_VERSION = 8
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


def plan_documents(inputs: Inputs, locales: Sequence[str], paths: Sequence[str] | None) -> list[DocumentPlan]:
    """All documents of a snapshot, or those of some source files.

    Args:
        inputs: The snapshot.
        locales: Languages of pages written from code.
        paths: Source files; nothing means the whole tree.
    """
    wanted = None if paths is None else frozenset(paths)
    plans = [plan for plan in _prose(inputs) if wanted is None or plan.path in wanted]
    for locale in locales:
        plans += [plan for plan in _modules(inputs, locale) if wanted is None or plan.path in wanted]
        if wanted is None:
            plans += [*_packages(inputs, locale), _overview(inputs, locale)]
    return plans


def plan_sections(
    inputs: Inputs, plan: DocumentPlan, packages: Mapping[str, Sequence[FileNote]]
) -> tuple[str, list[SectionPlan]]:
    """Title and sections of a document that is written from code.

    Args:
        inputs: The snapshot, with the symbols of the document's files.
        plan: The document.
        packages: Code files by folder, as ``group_packages`` finds them.
    """
    if plan.kind == "overview":
        overview = read_overview(inputs.facts)
        return overview.title, plan_overview(overview)
    if plan.kind == "package":
        return plan.path.rstrip("/"), plan_package(inputs.facts, plan.path.rstrip("/"), packages)
    folder = inputs.facts.files[plan.path].folder
    return plan.path, plan_module(inputs.facts, plan.path, package_path(folder) if folder in packages else None)


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
    for row in inputs.rows.values():
        if row.language in PAGES:
            yield DocumentPlan(row.path, "page", row.language, "", inputs_hash(row.id.hex))


def _modules(inputs: Inputs, locale: str) -> Iterator[DocumentPlan]:
    graph = inputs.facts.graph
    template = inputs.templates.get("module", "")
    for row in inputs.rows.values():
        if row.language in CODE:
            imports = graph.internal_imports(row.path)
            importers = graph.importers(row.path)
            known = [inputs.rows[path].id.hex for path in (*imports, *importers) if path in inputs.rows]
            neighbours = (imports, known, graph.external_imports(row.path), importers)
            yield DocumentPlan(
                row.path,
                "module",
                row.language,
                locale,
                inputs_hash(row.id.hex, neighbours, locale, template, inputs.summaries),
            )


def _packages(inputs: Inputs, locale: str) -> Iterator[DocumentPlan]:
    packages = group_packages(inputs.facts.files)
    template = inputs.templates.get("package", "")
    edges: dict[str, list[tuple[str, str]]] = {}
    for pair in sorted(folder_edges(inputs.facts)):
        for folder in pair:
            edges.setdefault(folder, []).append(pair)
    links: dict[str, list[list[str]]] = {
        folder: [inputs.facts.graph.internal_imports(file.path) for file in files] for folder, files in packages.items()
    }
    for folder in packages:
        inside = [other for other in packages if other == folder or other.startswith(f"{folder}/")]
        members = [inputs.rows[file.path].id.hex for other in inside for file in packages[other]]
        digest = inputs_hash(members, edges.get(folder, []), links[folder], locale, template, inputs.summaries)
        yield DocumentPlan(package_path(folder), "package", None, locale, digest)


def _overview(inputs: Inputs, locale: str) -> DocumentPlan:
    facts = [row.id.hex for row in inputs.rows.values()]
    digest = inputs_hash(facts, dict(inputs.facts.blobs), locale, inputs.templates.get("overview", ""))
    return DocumentPlan(OVERVIEW_PATH, "overview", None, locale, digest)
