"""Collects what documents are planned from: facts, findings, texts, and the repository's own templates and settings."""

import asyncio
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.common import Language
from docgen_server.core.analysis.text import Undecodable, decode
from docgen_server.core.documents.facts import FileNote, ProblemFacts, SnapshotFacts, SymbolFacts
from docgen_server.core.documents.manifests import MANIFESTS
from docgen_server.core.documents.phrases import LOCALES
from docgen_server.core.documents.render import KINDS
from docgen_server.core.documents.sandbox import LARGEST_TEMPLATE_BYTES, TEMPLATE_FOLDER
from docgen_server.core.documents.usage import list_packages, read_usage
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.core.secrets.scan import mask_text
from docgen_server.db.history import HistoryStore
from docgen_server.db.links import LinkStore
from docgen_server.db.models import Problem, Snapshot, SnapshotFile, Symbol
from docgen_server.db.snapshots import FactsRow, get_snapshot, list_facts

SETTINGS_FILE = ".codemuse.toml"
_LARGEST_TEXT_BYTES = 512 * 1024
PAGES = frozenset({Language.MARKDOWN, Language.RST})


@dataclass(frozen=True, slots=True)
class Inputs:
    """A snapshot as the generator sees it."""

    snapshot: Snapshot
    rows: Mapping[str, FactsRow]
    facts: SnapshotFacts
    locales: tuple[str, ...] = ("en",)
    """Languages that the repository asks for; the first one is its own."""
    templates: Mapping[str, str] = field(default_factory=dict)
    """The repository's own templates, by kind of page."""
    summaries: bool | None = None
    """Whether the repository asks for summaries by a language model; nothing when it leaves that open."""


@dataclass(frozen=True, slots=True)
class InputStores:
    """Where inputs are, beside the database."""

    mirrors: MirrorStore
    links: LinkStore
    histories: HistoryStore


class InputReader:
    """Reads the inputs of a snapshot within one session."""

    def __init__(self, session: AsyncSession, stores: InputStores) -> None:
        self._session = session
        self._stores = stores

    async def read(self, snapshot_id: str) -> Inputs:
        """Everything that decides which documents are due; symbols and prose come later, for those that are.

        Raises:
            SnapshotNotFound: There is no such snapshot.
        """
        snapshot = await get_snapshot(self._session, snapshot_id)
        rows = {row.path: row for row in await list_facts(self._session, snapshot_id)}
        linked = await self._stores.links.get(self._session, snapshot)
        blobs = await self._special_files(snapshot_id)
        texts = await self.texts(snapshot, blobs)
        every = await self._blobs(snapshot_id)
        files = {path: FileNote(path, every[path], row.language, row.line_count, row.doc) for path, row in rows.items()}
        told = {path: text for path, text in texts.items() if "/" not in path and path != SETTINGS_FILE}
        facts = SnapshotFacts(
            files,
            linked.imports,
            {},
            await self._problems(snapshot_id),
            told,
            {path: every[path] for path in told},
            versions=list_packages(linked.program),
        )
        wishes = _wishes(texts.get(SETTINGS_FILE, ""))
        return Inputs(snapshot, rows, facts, _locales(wishes), _templates(texts), _summaries(wishes))

    async def with_symbols(self, inputs: Inputs, wanted: Sequence[str]) -> Inputs:
        """The inputs with definitions: those of some files and what these import in full, of all others the top level."""
        graph = inputs.facts.graph
        paths = {other for path in wanted for other in (path, *graph.internal_imports(path))}
        full = [inputs.rows[path].id for path in paths if path in inputs.rows]
        by_id = {row.id: row.path for row in inputs.rows.values()}
        columns = (
            Symbol.facts_id, Symbol.name, Symbol.qualified_name, Symbol.kind, Symbol.signature, Symbol.doc,
            Symbol.visibility, Symbol.start_line, Symbol.end_line, Symbol.depth,
        )  # fmt: skip
        query = (
            select(*columns)
            .join(SnapshotFile, SnapshotFile.facts_id == Symbol.facts_id)
            .where(SnapshotFile.snapshot_id == inputs.snapshot.id)
            .where(or_(Symbol.depth == 0, Symbol.facts_id.in_(full)), Symbol.visibility != "local")
            .order_by(Symbol.facts_id, Symbol.ordinal)
        )
        found: dict[str, list[SymbolFacts]] = {}
        rows: Any = await self._session.execute(query)
        for row in rows:
            if row[0] in by_id:
                found.setdefault(by_id[row[0]], []).append(SymbolFacts(*row[1:]))
        program, symbol_graph = await self._stores.links.get_symbols(self._session, inputs.snapshot)
        usage = await asyncio.to_thread(read_usage, program, symbol_graph, frozenset(wanted))
        history = await self._stores.histories.get(inputs.snapshot)
        changes = {path: file.commit_count for path, file in history.files.items()}
        return replace(inputs, facts=replace(inputs.facts, symbols=found, usage=usage, changes=changes))

    async def texts(self, snapshot: Snapshot, blobs: Mapping[str, tuple[str, int]]) -> dict[str, str]:
        """Texts of files, secrets masked; what is not text is left out."""
        contents = await self._stores.mirrors.get(snapshot.repository_id).read_blobs(list(blobs.values()))
        texts: dict[str, str] = {}
        for path, (blob, _) in blobs.items():
            try:
                texts[path] = mask_text(decode(contents[blob]))
            except Undecodable:
                continue
        return texts

    async def prose(self, inputs: Inputs, paths: Sequence[str]) -> dict[str, str]:
        """Texts of prose files that become pages."""
        query = select(SnapshotFile.path, SnapshotFile.blob, SnapshotFile.size).where(
            SnapshotFile.snapshot_id == inputs.snapshot.id, SnapshotFile.path.in_(paths)
        )
        blobs = {path: (blob, size) for path, blob, size in await self._session.execute(query)}
        return await self.texts(inputs.snapshot, blobs)

    async def _special_files(self, snapshot_id: str) -> dict[str, tuple[str, int]]:
        """README, manifests, settings and templates, as far as they are of a size that people write."""
        readme = SnapshotFile.path.istartswith("readme") & ~SnapshotFile.path.contains("/")
        query = select(SnapshotFile.path, SnapshotFile.blob, SnapshotFile.size).where(
            SnapshotFile.snapshot_id == snapshot_id,
            SnapshotFile.size <= _LARGEST_TEXT_BYTES,
            or_(
                readme,
                SnapshotFile.path.in_((*MANIFESTS, SETTINGS_FILE)),
                SnapshotFile.path.startswith(TEMPLATE_FOLDER, autoescape=True),
            ),
        )
        found: Any = await self._session.execute(query)
        return {path: (blob, size) for path, blob, size in found}

    async def _blobs(self, snapshot_id: str) -> dict[str, str]:
        query = select(SnapshotFile.path, SnapshotFile.blob).where(SnapshotFile.snapshot_id == snapshot_id)
        return {row[0]: row[1] for row in await self._session.execute(query)}

    async def _problems(self, snapshot_id: str) -> list[ProblemFacts]:
        query = (
            select(
                SnapshotFile.path,
                Problem.rule,
                Problem.severity,
                Problem.start_line,
                Problem.end_line,
                Problem.message,
            )
            .join(SnapshotFile, SnapshotFile.facts_id == Problem.facts_id)
            .where(SnapshotFile.snapshot_id == snapshot_id)
            .order_by(SnapshotFile.path, Problem.start_line)
        )
        return [ProblemFacts(*row) for row in await self._session.execute(query)]


def _wishes(settings: str) -> Mapping[str, Any]:
    """What ``.codemuse.toml`` says of documents; a file that cannot be read asks for nothing."""
    try:
        wishes = tomllib.loads(settings).get("documents", {})
    except tomllib.TOMLDecodeError:
        return {}
    return wishes if isinstance(wishes, dict) else {}


def _summaries(wishes: Mapping[str, Any]) -> bool | None:
    asked = wishes.get("summaries")
    return asked if isinstance(asked, bool) else None


def _locales(wishes: Mapping[str, Any]) -> tuple[str, ...]:
    asked = wishes.get("languages", [])
    known = tuple(locale for locale in asked if locale in LOCALES) if isinstance(asked, list) else ()
    return known or ("en",)


def _templates(texts: Mapping[str, str]) -> dict[str, str]:
    names = {kind: f"{TEMPLATE_FOLDER}{kind}.md.j2" for kind in KINDS}
    return {
        kind: texts[path]
        for kind, path in names.items()
        if path in texts and len(texts[path].encode()) <= LARGEST_TEMPLATE_BYTES
    }
