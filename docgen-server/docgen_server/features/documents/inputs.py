"""Collects what documents are planned from: facts, findings, texts, and the repository's own templates and settings."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Uuid, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.common import Language
from docgen_server.core.analysis.text import Undecodable, decode
from docgen_server.core.documents.facts import FileNote, ProblemFacts, SnapshotFacts, SymbolFacts
from docgen_server.core.documents.manifests import MANIFESTS
from docgen_server.core.documents.phrases import LOCALES
from docgen_server.core.documents.render import KINDS
from docgen_server.core.documents.sandbox import LARGEST_TEMPLATE_BYTES, TEMPLATE_FOLDER
from docgen_server.core.documents.usage import list_packages
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.core.linking.per_file import public_names
from docgen_server.core.secrets.scan import mask_text
from docgen_server.db.history import HistoryStore
from docgen_server.db.links import LinkStore
from docgen_server.db.models import Problem, Snapshot, SnapshotFile, Symbol
from docgen_server.db.snapshots import FileRow, any_array, get_snapshot, plain_rows

SETTINGS_FILE = ".codemuse.toml"
_LARGEST_TEXT_BYTES = 512 * 1024
PAGES = frozenset({Language.MARKDOWN, Language.RST})


@dataclass(frozen=True, slots=True)
class Inputs:
    """A snapshot as the generator sees it."""

    snapshot: Snapshot
    rows: Mapping[str, FileRow]
    """Every file that was analysed."""
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
        """Everything that decides which documents are due; symbols, history and prose come later, for those that are.

        Raises:
            SnapshotNotFound: There is no such snapshot.
        """
        snapshot = await get_snapshot(self._session, snapshot_id)
        linked = await self._stores.links.get(self._session, snapshot)
        usage = await self._stores.links.get_usage(linked)
        texts = await self.texts(snapshot, [row for row in linked.rows.values() if _is_special(row)])
        rows = {path: row for path, _, row in linked.analysed}
        files = {path: FileNote(path, row.blob, row.language, row.line_count, row.doc) for path, row in rows.items()}
        told = {path: text for path, text in texts.items() if "/" not in path and path != SETTINGS_FILE}
        facts = SnapshotFacts(
            files,
            linked.imports,
            names={path: public_names(file) for path, file in linked.program.files.items()},
            problems=await self._problems(snapshot_id),
            texts=told,
            blobs={path: linked.rows[path].blob for path in told},
            usage=usage,
            versions=list_packages(linked.program),
        )
        wishes = _wishes(texts.get(SETTINGS_FILE, ""))
        return Inputs(snapshot, rows, facts, _locales(wishes), _templates(texts), _summaries(wishes))

    async def with_symbols(self, inputs: Inputs, whole: Collection[str], top: Collection[str]) -> Inputs:
        """The inputs with the definitions of some files, and with those at the top level of some others."""
        paths = {inputs.rows[path].id: path for path in (*top, *whole) if path in inputs.rows}
        wanted = [inputs.rows[path].id for path in whole if path in inputs.rows]
        columns = (
            Symbol.facts_id, Symbol.name, Symbol.qualified_name, Symbol.kind, Symbol.signature, Symbol.doc,
            Symbol.visibility, Symbol.start_line, Symbol.end_line, Symbol.depth,
        )  # fmt: skip
        query = (
            select(*columns)
            .where(Symbol.facts_id == any_array(list(paths), Uuid))
            .where(or_(Symbol.depth == 0, Symbol.facts_id == any_array(wanted, Uuid)), Symbol.visibility != "local")
            .order_by(Symbol.facts_id, Symbol.ordinal)
        )
        found: dict[str, list[SymbolFacts]] = {}
        for row in await plain_rows(self._session, query):
            found.setdefault(paths[row[0]], []).append(SymbolFacts(*row[1:]))
        return replace(inputs, facts=replace(inputs.facts, symbols=found))

    async def with_history(self, inputs: Inputs) -> Inputs:
        """The inputs with how often each file was changed."""
        history = await self._stores.histories.get(inputs.snapshot)
        changes = {path: file.commit_count for path, file in history.files.items()}
        return replace(inputs, facts=replace(inputs.facts, changes=changes))

    async def texts(self, snapshot: Snapshot, files: Sequence[FileRow]) -> dict[str, str]:
        """Texts of files, secrets masked; what is not text is left out."""
        contents = await self._stores.mirrors.get(snapshot.repository_id).read_blobs(
            [(file.blob, file.size) for file in files]
        )
        texts: dict[str, str] = {}
        for file in files:
            try:
                texts[file.path] = mask_text(decode(contents[file.blob]))
            except Undecodable:
                continue
        return texts

    async def prose(self, inputs: Inputs, paths: Sequence[str]) -> dict[str, str]:
        """Texts of prose files that become pages."""
        return await self.texts(inputs.snapshot, [inputs.rows[path] for path in paths])

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
        return [ProblemFacts(*row) for row in await plain_rows(self._session, query)]


def _is_special(row: FileRow) -> bool:
    """README, manifests, settings and templates, as far as they are of a size that people write."""
    path = row.path
    is_named = path in MANIFESTS or path == SETTINGS_FILE or path.startswith(TEMPLATE_FOLDER)
    is_readme = "/" not in path and path.lower().startswith("readme")
    return (is_named or is_readme) and row.size <= _LARGEST_TEXT_BYTES and row.skip_reason != "submodule"


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
