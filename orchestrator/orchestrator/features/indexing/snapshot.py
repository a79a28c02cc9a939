"""Step ``snapshot``: name the commit and find out which files are new, changed, unchanged or gone."""

from collections.abc import Iterable, Mapping
from typing import Any

from codemuse.clients.docgen import DocgenClient
from codemuse.contracts.docgen import ArchiveSource, GitSource, ManifestFile, SnapshotCreate
from codemuse.contracts.runs import EventType, FileState
from codemuse.database import Sessions
from codemuse.errors import InvalidInput, NotFound
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter
from orchestrator.db.models import Repository
from orchestrator.features.indexing.ledger import Ledger, PublishedFile


class SnapshotStep:
    """Mirrors the source and opens the ledger."""

    def __init__(self, sessions: Sessions, docgen: DocgenClient) -> None:
        self._sessions = sessions
        self._docgen = docgen

    async def __call__(self, run: RunView, writer: RunWriter) -> Finished:
        """Read the manifest and compare it with the published generation.

        Raises:
            InvalidInput: The source holds no files.
        """
        repository_id = run.repository_id or ""
        snapshot = await self._docgen.create_snapshot(_source(repository_id, run.input))
        manifest = await self._docgen.list_files(snapshot.id)
        if not manifest:
            raise InvalidInput("The repository holds no files.", code="empty_repository")
        async with self._sessions.begin() as session:
            repository = await session.get(Repository, repository_id)
            if repository is None:
                raise NotFound("The repository was deleted.", code="repository_not_found")
            ledger = Ledger(session, run.id)
            rows = plan_files(manifest, await ledger.list_published(repository_id))
            await ledger.open(rows)
            progress = await ledger.progress()
            generation = repository.generation + 1
        await writer.emit(EventType.PROGRESS, **progress.model_dump())
        changed = sum(row["state"] in {FileState.PENDING, FileState.REMOVED} for row in rows)
        result = {"snapshot_id": snapshot.id, "commit": snapshot.commit, "generation": generation}
        return Finished(
            {**result, "changed": changed}, {"commit": snapshot.commit, "files": len(manifest), "changed": changed}
        )


def plan_files(manifest: Iterable[ManifestFile], published: Iterable[PublishedFile]) -> list[dict[str, Any]]:
    """Ledger rows: what is to be done with each file of the manifest, and which published ones are gone."""
    before = {file.path: file for file in published}
    rows = [_plan(file, before.pop(file.path, None)) for file in manifest]
    rows += [
        _row(old.path, old.blob, FileState.REMOVED, indexed_before=True)
        for old in before.values()
        if old.chunk_count > 0
    ]
    return rows


def _plan(file: ManifestFile, old: PublishedFile | None) -> dict[str, Any]:
    had_chunks = old is not None and old.chunk_count > 0
    if file.skip_reason is not None:
        return _row(
            file.path,
            file.blob,
            FileState.SKIPPED,
            reason=file.skip_reason,
            language=file.language,
            indexed_before=had_chunks,
        )
    if file.is_analysed and old is not None and old.blob == file.blob and old.state == FileState.INDEXED:
        return _row(
            file.path,
            file.blob,
            FileState.UNCHANGED,
            reason=old.reason,
            language=old.language,
            chunk_count=old.chunk_count,
            indexed_before=True,
        )
    return _row(file.path, file.blob, FileState.PENDING, language=file.language, indexed_before=had_chunks)


def _row(path: str, blob: str, state: FileState, **values: Any) -> dict[str, Any]:
    defaults = {"reason": None, "message": None, "language": None, "chunk_count": 0, "indexed_before": False}
    return {"path": path, "blob": blob, "state": state.value, "attempts": 0, "written": False, **defaults, **values}


def _source(repository_id: str, source: Mapping[str, Any]) -> SnapshotCreate:
    if "git" in source:
        return SnapshotCreate(repository_id=repository_id, git=GitSource.model_validate(source["git"]))
    return SnapshotCreate(repository_id=repository_id, archive=ArchiveSource.model_validate(source["archive"]))
