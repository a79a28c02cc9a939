"""The ``reindex`` run: brings one repository into an index that is being built, from Postgres and its mirror.

Runs of one repository take turns, so nobody else writes this one meanwhile; when it is complete, both indexes hear of
what comes next.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.clients.docgen import DocgenClient
from codemuse.clients.upkeep import BuildClient
from codemuse.contracts.chunks import Chunk
from codemuse.contracts.docgen import GitSource, SnapshotCreate
from codemuse.contracts.rag import FileChunks, GenerationWrite
from codemuse.contracts.runs import EventType
from codemuse.contracts.upkeep import Owner
from codemuse.database import Sessions
from codemuse.errors import InvalidInput, NotFound
from codemuse.http import ServiceClient
from codemuse.logging import get_logger
from orchestrator.core.runs.workflow import REINDEX, Ending, Finished, RunView, RunWriter, StepFunction, Unfinished
from orchestrator.db.models import Repository, RepositoryVersion
from orchestrator.db.versions import VersionLookup
from orchestrator.features.upkeep.repository import UpkeepRepository

_log = get_logger(__name__)

SLICE_SECONDS = 3.0
_BATCH = 96
Blobs = Mapping[str, str]
"""Blobs by path."""


@dataclass
class Progress:
    """Where the rewriting stands; kept as the checkpoint of the step."""

    base: int = 0
    """The newest generation that the build holds; 0 for none."""
    after: str = ""
    """The last path that was written of the generation after it."""
    written: int = 0
    """Generations."""
    chunks: int = 0
    missing: list[int] = field(default_factory=list)
    """Generations whose sources are not there any more."""


class ReindexWorkflow:
    """One repository into one build."""

    kind = REINDEX

    def __init__(self, sessions: Sessions, docgen: DocgenClient, rag: ServiceClient) -> None:
        self._sessions = sessions
        self._docgen = docgen
        self._rag = rag
        self.steps: Mapping[str, StepFunction] = {"write": self._write}

    async def clean_up(self, run: RunView, ending: Ending) -> None:
        """The run that this one is a part of gives the whole build up."""

    async def settle(
        self, session: AsyncSession, run: RunView, ending: Ending
    ) -> Sequence[tuple[EventType, dict[str, Any]]]:
        """Nothing of the repository itself has changed."""
        del session, run, ending
        return []

    async def _write(self, run: RunView, _writer: RunWriter) -> Finished | Unfinished:
        """Write version after version until the build holds what Postgres knows, or the slice is over."""
        owner = Owner(organisation_id=run.organisation_id, repository_id=run.repository_id or "")
        build = BuildClient(self._rag, str(run.input["build"]), owner)
        async with self._sessions() as session:
            repository = await UpkeepRepository(session).find_repository(owner.repository_id)
            versions = list(reversed(await VersionLookup(session).list_of(owner.repository_id)))
        if repository is None or not versions:
            await build.delete()
            await build.complete()
            return Finished({"dropped": True})
        progress = Progress(**run.checkpoint) if run.checkpoint else await _begin(run, build, versions)
        deadline = time.monotonic() + SLICE_SECONDS
        for version in versions:
            if version.generation > progress.base and version.generation not in progress.missing:
                await self._write_version(build, repository, version, progress, deadline)
                if time.monotonic() > deadline:
                    return Unfinished(vars(progress), _detail(progress))
        await build.prune(versions[0].generation)
        await build.complete()
        result = {**_detail(progress), "missing": progress.missing, "warnings": len(progress.missing)}
        return Finished(result, _detail(progress))

    async def _write_version(
        self,
        build: BuildClient,
        repository: Repository,
        version: RepositoryVersion,
        progress: Progress,
        deadline: float,
    ) -> None:
        snapshot_id = await self._find_snapshot(repository, version)
        if snapshot_id is None:
            progress.missing.append(version.generation)
            return
        changes = await self._changes(build, repository, snapshot_id, progress.base)
        todo = sorted(path for path in changes if path > progress.after)
        for start in range(0, len(todo), _BATCH):
            paths = todo[start : start + _BATCH]
            body = GenerationWrite(
                organisation_id=repository.organisation_id,
                commit=version.commit,
                files=await self._cut(snapshot_id, paths, [path for path in paths if changes[path]]),
            )
            await build.write_files(version.generation, body)
            progress.chunks += sum(len(file.chunks) for file in body.files)
            progress.after = paths[-1]
            if time.monotonic() > deadline:
                return
        progress.base, progress.after = version.generation, ""
        progress.written += 1

    async def _changes(
        self, build: BuildClient, repository: Repository, snapshot_id: str, base: int
    ) -> dict[str, bool]:
        """Paths that differ from the generation that the build holds, and whether they have content now."""
        files = await self._docgen.list_files(snapshot_id)
        now = {file.path: file.blob for file in files if file.skip_reason is None}
        before = await self._find_base(repository, base)
        if before is None:
            known = await build.list_paths()
            return dict.fromkeys(known.items, False) | dict.fromkeys(now, True)
        gone = dict.fromkeys(before.keys() - now.keys(), False)
        return gone | {path: True for path, blob in now.items() if before.get(path) != blob}

    async def _find_base(self, repository: Repository, generation: int) -> Blobs | None:
        """What the build holds of a generation: nothing at first; ``None`` when it is not known any more."""
        if generation == 0:
            return {}
        async with self._sessions() as session:
            version = await session.get(RepositoryVersion, (repository.id, generation))
        snapshot_id = await self._find_snapshot(repository, version) if version else None
        if snapshot_id is None:
            return None
        return {file.path: file.blob for file in await self._docgen.list_files(snapshot_id) if file.skip_reason is None}

    async def _cut(self, snapshot_id: str, paths: Sequence[str], present: Sequence[str]) -> list[FileChunks]:
        """The chunks of each path; files are analysed again where that was lost."""
        chunks: dict[str, list[Chunk]] = {path: [] for path in paths}
        if present:
            await self._docgen.analyse(snapshot_id, list(present))
            for chunk in (await self._docgen.get_chunks(snapshot_id, list(present))).chunks:
                chunks[chunk.path].append(chunk)
        return [FileChunks(path=path, chunks=found) for path, found in chunks.items()]

    async def _find_snapshot(self, repository: Repository, version: RepositoryVersion) -> str | None:
        """The snapshot of a version: as docgen-server knows it, or fetched again."""
        try:
            if version.generation == repository.generation and repository.snapshot_id is not None:
                return (await self._docgen.get_snapshot(repository.snapshot_id)).id
            found = await self._docgen.find_snapshot(repository.id, version.commit)
        except NotFound:
            return await self._fetch(repository, version)
        # One that only begins like this commit is another one.
        return found.id if found.commit == version.commit else await self._fetch(repository, version)

    async def _fetch(self, repository: Repository, version: RepositoryVersion) -> str | None:
        if repository.url is None:
            return None
        source = GitSource(url=repository.url, ref=version.commit)
        try:
            return (await self._docgen.create_snapshot(SnapshotCreate(repository_id=repository.id, git=source))).id
        except (InvalidInput, NotFound) as error:
            _log.warning("a version cannot be fetched again", generation=version.generation, reason=error.message)
            return None


async def _begin(run: RunView, build: BuildClient, versions: Sequence[RepositoryVersion]) -> Progress:
    """Go back to the newest version that the backup and Postgres have in common; without one, to nothing."""
    held = {(int(version["generation"]), str(version["commit"])) for version in run.input.get("versions", ())}
    common = max((v.generation for v in versions if (v.generation, v.commit) in held), default=0)
    if common:
        await build.trim(common)
    else:
        await build.delete()
    return Progress(base=common)


def _detail(progress: Progress) -> dict[str, Any]:
    return {"generations": progress.written, "chunks": progress.chunks}
