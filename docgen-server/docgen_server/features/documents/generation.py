"""Renders the documents of a snapshot: each from its inputs, and only when the inputs have changed."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from codemuse.contracts.common import Language
from codemuse.contracts.documents import DocumentsGenerated
from codemuse.database import Sessions
from docgen_server.core.analysis.languages import CODE
from docgen_server.core.analysis.text import decode, split_lines
from docgen_server.core.documents.overview import FileNote, build_overview
from docgen_server.core.documents.pages import ModulePage, SymbolEntry, inputs_hash
from docgen_server.core.documents.render import Renderer
from docgen_server.core.documents.rst import to_markdown
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.core.linking.graph import LinkGraph
from docgen_server.db.links import load_graph
from docgen_server.db.models import Document, Snapshot
from docgen_server.db.snapshots import FactsRow, get_snapshot, list_facts
from docgen_server.features.documents.repository import DocumentRepository

OVERVIEW_PATH = "/"
_PAGES = frozenset({Language.MARKDOWN, Language.RST})


@dataclass(frozen=True, slots=True)
class _Plan:
    """A document that a snapshot should have."""

    path: str
    kind: str
    language: str | None
    digest: str
    facts_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Inputs:
    """Everything that documents are rendered from."""

    notes: Mapping[str, FileNote]
    graph: LinkGraph
    symbols: Mapping[UUID, list[SymbolEntry]]
    texts: Mapping[str, str]
    problems: Mapping[str, int]
    file_count: int


class DocumentGenerator:
    """Brings the documents of a repository up to a snapshot."""

    def __init__(self, sessions: Sessions, mirrors: MirrorStore, renderer: Renderer) -> None:
        self._sessions = sessions
        self._mirrors = mirrors
        self._renderer = renderer

    async def generate(self, snapshot_id: str, paths: Sequence[str] | None) -> DocumentsGenerated:
        """Render what is new or changed; of some paths only, or of all and then drop what has no source any more.

        Raises:
            SnapshotNotFound: There is no such snapshot.
        """
        async with self._sessions() as session:
            repository = DocumentRepository(session)
            snapshot = await get_snapshot(session, snapshot_id)
            graph = await load_graph(session, self._mirrors, snapshot)
            facts = {row.path: row for row in await list_facts(session, snapshot_id)}
            existing = await repository.all_of(snapshot.repository_id)
            problems = await repository.problem_counts(snapshot_id)
            plans = [
                _Plan(row.path, kind, row.language, _digest(row, graph, kind), row.id)
                for row in facts.values()
                if (kind := _kind(row.language)) and (paths is None or row.path in paths)
            ]
            if paths is None:
                plans.append(_overview_plan(facts, problems))
            due = [plan for plan in plans if _is_due(plan, existing.get(plan.path))]
            wanted = [plan.facts_id for plan in due if plan.facts_id and plan.kind == "module"]
            symbols = await repository.symbols(wanted)
            texts = await self._texts(repository, snapshot, due, facts)
        notes = {path: FileNote(path, row.language, row.line_count, row.doc) for path, row in facts.items()}
        inputs = _Inputs(notes, graph, symbols, texts, problems, snapshot.file_count)
        fresh = [plan for plan in due if not _is_kept(existing.get(plan.path))]
        rows = await asyncio.to_thread(lambda: [self._row(snapshot, plan, inputs) for plan in fresh])
        gone = [] if paths is not None else _gone(existing, plans)
        async with self._sessions.begin() as session:
            repository = DocumentRepository(session)
            await repository.store(rows)
            changed = {existing[plan.path].id: plan.digest for plan in due if _is_kept(existing.get(plan.path))}
            await repository.mark_stale(changed, [document.id for document in gone if document.is_edited])
            await repository.remove([document.id for document in gone if not document.is_edited])
        removed = sum(not document.is_edited for document in gone)
        return DocumentsGenerated(rendered=len(rows), unchanged=len(plans) - len(rows), removed=removed)

    async def _texts(
        self, repository: DocumentRepository, snapshot: Snapshot, due: Sequence[_Plan], facts: Mapping[str, FactsRow]
    ) -> Mapping[str, str]:
        """Texts of prose files, and of the README for the overview."""
        wanted = [plan.path for plan in due if plan.kind == "page"]
        if any(plan.kind == "overview" for plan in due):
            wanted += [path for path in facts if "/" not in path and path.lower().startswith("readme")][:1]
        blobs = await repository.blobs(snapshot.id, wanted)
        contents = await self._mirrors.get(snapshot.repository_id).read_blobs(list(blobs.values()))
        return {path: decode(contents[blob]) for path, (blob, _) in blobs.items()}

    def _row(self, snapshot: Snapshot, plan: _Plan, inputs: _Inputs) -> dict[str, Any]:
        title, content = _RENDERERS[plan.kind](self._renderer, plan, inputs)
        return {
            "id": _document_id(snapshot.repository_id, plan.path),
            "repository_id": snapshot.repository_id,
            "path": plan.path,
            "kind": plan.kind,
            "title": title,
            "content": content,
            "source_file": None if plan.kind == "overview" else plan.path,
            "language": plan.language,
            "commit": snapshot.commit,
            "inputs_hash": plan.digest,
            "is_edited": False,
            "is_deleted": False,
            "is_stale": False,
        }


def _render_module(renderer: Renderer, plan: _Plan, inputs: _Inputs) -> tuple[str, str]:
    note = inputs.notes[plan.path]
    page = ModulePage(
        path=plan.path,
        language=note.language,
        line_count=note.line_count,
        doc=note.doc,
        symbols=inputs.symbols.get(plan.facts_id, []) if plan.facts_id else [],
        imports=inputs.graph.internal_imports(plan.path),
        externals=inputs.graph.external_imports(plan.path),
        importers=inputs.graph.importers(plan.path),
    )
    return plan.path, renderer.module(page)


def _render_page(_renderer: Renderer, plan: _Plan, inputs: _Inputs) -> tuple[str, str]:
    text = inputs.texts[plan.path]
    content = to_markdown(split_lines(text)) if plan.language == Language.RST else text
    heading = next((line.strip("# ").strip() for line in content.splitlines() if line.startswith("# ")), "")
    return heading[:300] or plan.path, content


def _render_overview(renderer: Renderer, _plan: _Plan, inputs: _Inputs) -> tuple[str, str]:
    readme = next((text for path, text in inputs.texts.items() if path.lower().startswith("readme")), "")
    page = build_overview(
        list(inputs.notes.values()),
        inputs.graph,
        readme=readme,
        file_count=inputs.file_count,
        problems=inputs.problems,
    )
    return page.title, renderer.overview(page)


_RENDERERS: Mapping[str, Callable[[Renderer, _Plan, _Inputs], tuple[str, str]]] = {
    "module": _render_module,
    "page": _render_page,
    "overview": _render_overview,
}


def _kind(language: str) -> str | None:
    if language in CODE:
        return "module"
    return "page" if language in _PAGES else None


def _digest(row: FactsRow, graph: LinkGraph, kind: str) -> str:
    if kind == "page":
        return inputs_hash(row.id.hex)
    path = row.path
    return inputs_hash(row.id.hex, graph.internal_imports(path), graph.external_imports(path), graph.importers(path))


def _overview_plan(facts: Mapping[str, FactsRow], problems: Mapping[str, int]) -> _Plan:
    digest = inputs_hash([row.id.hex for row in facts.values()], dict(problems))
    return _Plan(OVERVIEW_PATH, "overview", None, digest)


def _is_due(plan: _Plan, document: Document | None) -> bool:
    return document is None or document.inputs_hash != plan.digest


def _is_kept(document: Document | None) -> bool:
    """A person's text is never written over."""
    return document is not None and document.is_edited


def _gone(existing: Mapping[str, Document], plans: Sequence[_Plan]) -> list[Document]:
    planned = {plan.path for plan in plans}
    return [document for path, document in existing.items() if path not in planned]


def _document_id(repository_id: str, path: str) -> str:
    return hashlib.blake2b(f"{repository_id}\0{path}".encode("utf-8", "replace"), digest_size=16).hexdigest()
