"""Brings the documents of a repository up to a snapshot: section by section, and only where inputs have changed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

from codemuse.contracts.common import Language
from codemuse.contracts.documents import DocumentsGenerate, DocumentsGenerated
from codemuse.database import Sessions
from docgen_server.core.analysis.text import split_lines
from docgen_server.core.documents.merge import merge_sections
from docgen_server.core.documents.packages import group_packages
from docgen_server.core.documents.readme import plain
from docgen_server.core.documents.render import Job, Renderer, TemplateFault
from docgen_server.core.documents.rst import to_markdown
from docgen_server.core.documents.sandbox import TemplateSandbox
from docgen_server.core.documents.sections import (
    Section,
    decode_sections,
    encode_sections,
    join_sections,
)
from docgen_server.core.summaries.section import plan_summary
from docgen_server.db.models import Snapshot
from docgen_server.features.documents.inputs import InputReader, Inputs, InputStores
from docgen_server.features.documents.plans import (
    DocumentPlan,
    PagePlan,
    gather_evidence,
    inputs_hash,
    module_digest,
    needed_files,
    plan_documents,
    plan_page,
    section_digest,
)
from docgen_server.features.documents.repository import DocumentRepository, KnownDocument
from docgen_server.features.documents.summaries import Summaries, SummaryWriter

_LONGEST_TITLE = 300


@dataclass(slots=True)
class _Draft:
    """A document in the making."""

    plan: DocumentPlan
    page: PagePlan
    before: list[Section]
    generated: list[Section] = field(default_factory=list)
    after: list[Section] = field(default_factory=list)
    template_error: str | None = None
    rendered: int = 0
    is_pending: bool = False
    """Whether a language model has still to write its opening."""

    @property
    def is_changed(self) -> bool:
        """Whether its text is another one now."""
        return join_sections(self.before) != join_sections(self.after)

    def merge(self) -> None:
        """Bring what was generated and what people wrote together."""
        self.after = merge_sections(self.before, self.generated)


class DocumentGenerator:
    """Writes what is not right any more."""

    def __init__(
        self,
        sessions: Sessions,
        stores: InputStores,
        renderer: Renderer,
        sandbox: TemplateSandbox,
        summaries: SummaryWriter,
    ) -> None:
        self._sessions = sessions
        self._stores = stores
        self._renderer = renderer
        self._sandbox = sandbox
        self._summaries = summaries

    async def generate(self, body: DocumentsGenerate) -> DocumentsGenerated:
        """Render what is new or changed; of some paths only, or of all and then drop what has no source any more.

        Raises:
            SnapshotNotFound: There is no such snapshot.
        """
        async with self._sessions() as session:
            reader, repository = InputReader(session, self._stores), DocumentRepository(session)
            inputs = await reader.read(body.snapshot_id)
            inputs = replace(inputs, summaries=self._summaries.policy.allows(inputs.summaries))
            every = await repository.known(inputs.snapshot.repository_id)
            locales = [body.language] if body.language else sorted({one.locale for one in every.values()} - {""})
            locales = locales or list(inputs.locales)
            existing = {key: one for key, one in every.items() if one.locale in {"", *locales}}
            asked = {key: one.asked_names for key, one in existing.items()}
            plans = plan_documents(inputs, locales, body.paths, asked)
            due = [plan for plan in plans if _is_due(plan, existing.get(plan.key))]
            if any(plan.kind != "page" for plan in due):
                inputs = await reader.with_symbols(inputs, *needed_files(inputs, due))
            if any(plan.kind == "overview" for plan in due):
                inputs = await reader.with_history(inputs)
            prose = await reader.prose(inputs, [plan.path for plan in due if plan.kind == "page"])
            stored = await repository.sections([existing[plan.key].id for plan in due if plan.key in existing])
        before = {key: decode_sections(stored[one.id]) for key, one in existing.items() if one.id in stored}
        drafts = await asyncio.to_thread(_plan_drafts, due, inputs, prose, before)
        summaries = await self._summarise(drafts, inputs, body.organisation_id)
        await asyncio.to_thread(self._render_all, drafts, inputs.templates)
        if inputs.templates:
            drafts = [await self._with_own_templates(draft, inputs.templates) for draft in drafts]
        gone = [] if body.paths is not None else _gone(existing, plans)
        removed = await self._store(inputs.snapshot, drafts, existing, [document.id for document in gone])
        changed = [draft for draft in drafts if draft.plan.key not in existing or draft.is_changed]
        return DocumentsGenerated(
            rendered=len(changed),
            unchanged=len(plans) - len(changed),
            removed=removed,
            sections_rendered=sum(draft.rendered for draft in drafts),
            conflicts=sum(any(section.is_conflicting for section in draft.after) for draft in drafts),
            summaries_written=summaries.written,
            summaries_pending=len(summaries.pending),
            summaries_stopped=summaries.stopped,
        )

    async def _summarise(self, drafts: Sequence[_Draft], inputs: Inputs, organisation_id: str | None) -> Summaries:
        """Put openings by a language model behind the first sections, as far as they can be had."""
        if not inputs.summaries:
            return Summaries()
        evidence = await asyncio.to_thread(gather_evidence, inputs.facts, [draft.plan for draft in drafts])
        wanted = {plan.key: (one, plan.locale) for plan, one in evidence}
        summaries = await self._summaries.write(wanted, inputs.snapshot.repository_id, organisation_id)
        for draft in drafts:
            draft.is_pending = draft.plan.key in summaries.pending
            written = summaries.found.get(draft.plan.key)
            if written is not None and written.sentences:
                shown, _ = wanted[draft.plan.key]
                draft.page.sections.insert(1, plan_summary(inputs.facts, shown, written.model, written.sentences))
        return summaries

    def _render_all(self, drafts: Sequence[_Draft], templates: Mapping[str, str]) -> None:
        for draft in drafts:
            if draft.plan.kind != "page" and draft.plan.kind not in templates:
                self._render(draft)

    def _render(self, draft: _Draft) -> None:
        """With the built-in templates, those sections whose inputs have changed."""
        kind, locale = draft.plan.kind, draft.plan.locale
        known = {section.key: section for section in draft.before}
        draft.generated = []
        for plan in draft.page.sections:
            digest = section_digest(plan, locale, {}, kind)
            old = known.get(plan.key)
            if old is not None and old.digest == digest:
                text = old.written_by_machine()
            else:
                text = self._renderer.render(Job(kind, plan), locale)
                draft.rendered += 1
            draft.generated.append(Section(plan.key, text, digest, plan.sources, model=plan.model))
        draft.merge()

    async def _with_own_templates(self, draft: _Draft, templates: Mapping[str, str]) -> _Draft:
        """With the repository's templates; where they fail, with the built-in ones, and the page says why."""
        kind, locale = draft.plan.kind, draft.plan.locale
        if kind not in templates:
            return draft
        try:
            texts = await self._sandbox.render(
                {kind: templates[kind]}, [Job(kind, one) for one in draft.page.sections], locale
            )
        except TemplateFault as fault:
            draft.template_error = str(fault)
            self._render(draft)
            return draft
        draft.generated = [
            Section(plan.key, text, section_digest(plan, locale, templates, kind), plan.sources, model=plan.model)
            for plan, text in zip(draft.page.sections, texts, strict=True)
        ]
        draft.rendered = len(draft.generated)
        draft.merge()
        return draft

    async def _store(
        self,
        snapshot: Snapshot,
        drafts: Sequence[_Draft],
        existing: Mapping[tuple[str, str], KnownDocument],
        gone: Sequence[str],
    ) -> int:
        """Write the documents, and remove those that are gone; how many were removed."""
        async with self._sessions.begin() as session:
            repository = DocumentRepository(session)
            known = await _lock(repository, snapshot.repository_id, drafts, existing, gone)
            rows: list[dict[str, Any]] = []
            former: list[tuple[KnownDocument, str]] = []
            kept: list[dict[str, Any]] = []
            for draft in drafts:
                document = known.get(draft.plan.key)
                row = _row(snapshot, draft, document)
                if document is not None and not draft.is_changed and _is_same(document, row):
                    kept.append(row)
                    continue
                rows.append(row)
                if document is not None and draft.is_changed:
                    former.append((document, join_sections(draft.before)))
            await repository.remember(former)
            await repository.store(rows)
            await repository.refresh_inputs(kept)
            removed = await repository.remove(gone)
            await repository.orphan(gone)
            if former:
                await repository.forget_generated([document.id for document, _ in former])
        return removed


async def _lock(
    repository: DocumentRepository,
    repository_id: str,
    drafts: Sequence[_Draft],
    existing: Mapping[tuple[str, str], KnownDocument],
    gone: Sequence[str],
) -> dict[tuple[str, str], KnownDocument]:
    """The documents to be written, kept from changing like those that are gone.

    What a person has changed meanwhile, or another generation has written, is merged once more.
    """
    known = {draft.plan.key: existing[draft.plan.key] for draft in drafts if draft.plan.key in existing}
    ids = {draft.plan.key: _document_id(repository_id, draft.plan) for draft in drafts}
    revisions = await repository.lock([*ids.values(), *gone])
    before = {key: document.revision for key, document in known.items()}
    moved = {key for key, document_id in ids.items() if revisions.get(document_id) != before.get(key)}
    if not moved:
        return known
    now = await repository.known(repository_id)
    stored = await repository.sections([now[key].id for key in moved if key in now])
    for draft in drafts:
        if draft.plan.key in moved:
            known.pop(draft.plan.key, None)
            if draft.plan.key in now:
                known[draft.plan.key] = now[draft.plan.key]
                draft.before = decode_sections(stored[now[draft.plan.key].id])
                draft.merge()
    return known


def _plan_drafts(
    due: Sequence[DocumentPlan],
    inputs: Inputs,
    prose: Mapping[str, str],
    before: Mapping[tuple[str, str], list[Section]],
) -> list[_Draft]:
    packages = group_packages(inputs.facts.files)
    drafts: list[_Draft] = []
    for plan in due:
        known = before.get(plan.key, [])
        if plan.kind == "page":
            title, section = _prose_section(plan, inputs, prose.get(plan.path, ""))
            draft = _Draft(plan, PagePlan(title, []), known, [section], rendered=1)
            draft.merge()
            drafts.append(draft)
            continue
        page = plan_page(inputs, plan, packages)
        if plan.kind == "module":
            plan = replace(plan, digest=module_digest(inputs, plan.path, plan.locale, page.asked))  # noqa: PLW2901
        drafts.append(_Draft(plan, page, known))
    return drafts


def _row(snapshot: Snapshot, draft: _Draft, document: KnownDocument | None) -> dict[str, Any]:
    plan = draft.plan
    changed = document is not None and draft.is_changed
    return {
        "id": _document_id(snapshot.repository_id, plan),
        "repository_id": snapshot.repository_id,
        "path": plan.path,
        "locale": plan.locale,
        "kind": plan.kind,
        "title": (draft.page.title or plan.path)[:_LONGEST_TITLE],
        "own_title": document.own_title if document else None,
        "sections": encode_sections(draft.after),
        "source_file": plan.path if plan.kind in {"module", "page"} else None,
        "language": plan.language,
        "commit": snapshot.commit,
        "inputs_hash": "" if draft.is_pending else plan.digest,
        "asked_names": list(draft.page.asked),
        "revision": document.revision + changed if document else 1,
        "origin": "generated" if document is None or changed else document.origin,
        "author": "" if document is None or changed else document.author,
        "template_error": draft.template_error,
        "is_edited": any(section.is_edited for section in draft.after),
        "is_conflicting": any(section.is_conflicting for section in draft.after),
        "is_deleted": False,
    }


def _is_same(document: KnownDocument, row: Mapping[str, Any]) -> bool:
    names = ("title", "template_error", "is_edited", "is_conflicting", "is_deleted")
    return all(getattr(document, name) == row[name] for name in names)


def _prose_section(plan: DocumentPlan, inputs: Inputs, text: str) -> tuple[str, Section]:
    content = to_markdown(split_lines(text)) if plan.language == Language.RST else text
    heading = next((line.strip("# ").strip() for line in content.splitlines() if line.startswith("# ")), "")
    file = inputs.facts.files[plan.path]
    return plain(heading) or plan.path, Section("page", content.strip("\n"), inputs_hash(content), (file.source(),))


def _is_due(plan: DocumentPlan, document: KnownDocument | None) -> bool:
    return document is None or document.inputs_hash != plan.digest


def _gone(existing: Mapping[tuple[str, str], KnownDocument], plans: Sequence[DocumentPlan]) -> list[KnownDocument]:
    planned = {plan.key for plan in plans}
    return [document for key, document in existing.items() if key not in planned]


def _document_id(repository_id: str, plan: DocumentPlan) -> str:
    parts = (repository_id, plan.path, *([plan.locale] if plan.locale not in {"", "en"} else []))
    return blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()
