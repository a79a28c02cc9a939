"""What can be done with repositories."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson
from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.clients.docgen import DocgenClient
from codemuse.contracts.accounts import ApiKeyScope
from codemuse.contracts.docgen import GitSource
from codemuse.contracts.repositories import (
    FileEntry,
    FileRead,
    FileTree,
    RepositoryAccepted,
    RepositoryCreate,
    RepositoryPage,
    RepositoryRead,
)
from codemuse.contracts.runs import RunAccepted
from codemuse.database import Sessions
from codemuse.errors import Conflict, InvalidInput, TooManyRequests
from codemuse.request_context import current_request_id
from orchestrator.core.audit import record
from orchestrator.core.pages import decode_cursor, next_cursor
from orchestrator.core.principal import Principal
from orchestrator.core.runs.outbox import OutboxRelay
from orchestrator.core.runs.reading import read_run
from orchestrator.core.runs.store import NewRun, RunStore
from orchestrator.core.runs.workflow import DELETE, INDEX
from orchestrator.core.snapshots import snapshot_of_commit
from orchestrator.db.models import Repository, Run, new_id
from orchestrator.db.repositories import RepositoryLookup
from orchestrator.db.versions import VersionLookup
from orchestrator.features.repositories.reading import read_repositories
from orchestrator.features.repositories.repository import RepositoryRepository

_CREDENTIALS = re.compile(r"^[^/]*//[^/]*@")


@dataclass(frozen=True, slots=True)
class Upload:
    """An archive as a caller sent it."""

    file: BinaryIO
    filename: str
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class FilePart:
    """Lines of a file, or all of it."""

    path: str
    start: int | None = None
    end: int | None = None


class RepositoryService:
    """Repositories of the caller's organisation."""

    def __init__(self, sessions: Sessions, docgen: DocgenClient, relay: OutboxRelay, maximum_active_runs: int) -> None:
        self._sessions = sessions
        self._docgen = docgen
        self._relay = relay
        self._maximum_active_runs = maximum_active_runs

    async def create_from_url(
        self, principal: Principal, new: RepositoryCreate, idempotency_key: str | None
    ) -> RepositoryAccepted:
        """Mirror and index a git URL; a URL that is there already is indexed again."""
        principal.require(ApiKeyScope.INDEX)
        url, ref = new.url.strip(), new.ref or None
        await self._check_source(principal, url, ref)
        async with self._sessions.begin() as session:
            repositories = RepositoryRepository(session, principal.organisation_id)
            row = await repositories.find_by_url(url, ref)
            if row is None:
                name = new.name or await _free_name(repositories, _name_from_url(url))
                row = await _insert(repositories, principal, name=name, url=url, ref=ref)
            run = await self._start_index(session, principal, row, _git_input(url, ref), idempotency_key)
            accepted = RepositoryAccepted(
                repository=(await read_repositories(session, [row]))[0], run=await read_run(session, run)
            )
        self._relay.kick()
        return accepted

    async def create_from_archive(
        self, principal: Principal, name: str, upload: Upload, idempotency_key: str | None
    ) -> RepositoryAccepted:
        """Index an uploaded archive; the repository of that name is made or indexed again."""
        principal.require(ApiKeyScope.INDEX)
        async with self._sessions() as session:
            known = await RepositoryRepository(session, principal.organisation_id).find_by_name(name)
        if known is not None and known.url is not None:
            message = f"'{name}' is a repository with a URL; give the archive another name."
            raise Conflict(message, code="name_taken")
        repository_id = known.id if known else new_id()
        source = await self._import_archive(repository_id, upload)
        async with self._sessions.begin() as session:
            repositories = RepositoryRepository(session, principal.organisation_id)
            row = await repositories.find_by_name(name)
            if row is None:
                row = await _insert(repositories, principal, id=repository_id, name=name)
            elif row.id != repository_id:
                raise Conflict(f"'{name}' was added by somebody else just now; send it again.", code="name_taken")
            run = await self._start_index(session, principal, row, source, idempotency_key)
            accepted = RepositoryAccepted(
                repository=(await read_repositories(session, [row]))[0], run=await read_run(session, run)
            )
        self._relay.kick()
        return accepted

    async def index_again(
        self, principal: Principal, repository_id: str, ref: str | None, idempotency_key: str | None
    ) -> RunAccepted:
        """Fetch the URL again and index what changed.

        Raises:
            Conflict: The repository has no URL.
        """
        principal.require(ApiKeyScope.INDEX)
        async with self._sessions() as session:
            known = await RepositoryLookup(session, principal.organisation_id).get(repository_id)
        if known.url is None:
            raise Conflict("This repository came as an archive; upload a new one.", code="archive_required")
        source = _git_input(known.url, ref or known.ref)
        await self._check_source(principal, known.url, ref or known.ref)
        async with self._sessions.begin() as session:
            row = await RepositoryLookup(session, principal.organisation_id).get(repository_id)
            run = await self._start_index(session, principal, row, source, idempotency_key)
            accepted = RunAccepted(run=await read_run(session, run))
        self._relay.kick()
        return accepted

    async def index_archive(
        self, principal: Principal, repository_id: str, upload: Upload, idempotency_key: str | None
    ) -> RunAccepted:
        """Index a new archive of a repository that is there already."""
        principal.require(ApiKeyScope.INDEX)
        async with self._sessions() as session:
            await RepositoryLookup(session, principal.organisation_id).get(repository_id)
        source = await self._import_archive(repository_id, upload)
        async with self._sessions.begin() as session:
            row = await RepositoryLookup(session, principal.organisation_id).get(repository_id)
            run = await self._start_index(session, principal, row, source, idempotency_key)
            accepted = RunAccepted(run=await read_run(session, run))
        self._relay.kick()
        return accepted

    async def list_page(self, principal: Principal, cursor: str | None, limit: int) -> RepositoryPage:
        """Repositories, the newest first."""
        async with self._sessions() as session:
            repository = RepositoryRepository(session, principal.organisation_id)
            rows = await repository.list_page(decode_cursor(cursor), limit)
            items = await read_repositories(session, rows[:limit])
        return RepositoryPage(items=items, next_cursor=next_cursor(rows, limit))

    async def get(self, principal: Principal, repository_id: str) -> RepositoryRead:
        """One repository."""
        async with self._sessions() as session:
            row = await RepositoryLookup(session, principal.organisation_id).get(repository_id)
            return (await read_repositories(session, [row]))[0]

    async def delete(self, principal: Principal, repository_id: str) -> RunAccepted:
        """Hide the repository at once and remove everything known of it in a run."""
        principal.require(ApiKeyScope.INDEX)
        async with self._sessions.begin() as session:
            row = await RepositoryLookup(session, principal.organisation_id).get(repository_id, lock=True)
            row.deleted_at = func.clock_timestamp()
            store = RunStore(session)
            for active in await RepositoryRepository(session, principal.organisation_id).list_active_runs([row.id]):
                await store.request_cancel(active)
            new = NewRun(
                organisation_id=principal.organisation_id,
                user_id=principal.user_id,
                title=row.name,
                input={},
                repository_id=row.id,
                request_id=current_request_id(),
            )
            run = await store.create(new, DELETE)
            record(
                session,
                "delete_repository",
                organisation_id=principal.organisation_id,
                user_id=principal.user_id,
                repository=row.id,
            )
            accepted = RunAccepted(run=await read_run(session, run))
        self._relay.kick()
        return accepted

    async def get_tree(self, principal: Principal, repository_id: str) -> FileTree:
        """Every file of the indexed commit, with what became of it."""
        async with self._sessions() as session:
            row, _ = await RepositoryLookup(session, principal.organisation_id).get_indexed(repository_id)
            files = await RepositoryRepository(session, principal.organisation_id).list_files(row.id)
        items = [FileEntry.model_validate(file, from_attributes=True) for file in files]
        return FileTree(commit=row.commit or "", items=items)

    async def read_file(self, principal: Principal, repository_id: str, part: FilePart, as_of: str | None) -> FileRead:
        """Source lines at the indexed commit, or as they stood in a version or at a commit.

        Raises:
            NotFound: There is no such file, or nothing is known of the version.
        """
        async with self._sessions() as session:
            row, snapshot_id = await RepositoryLookup(session, principal.organisation_id).get_indexed(repository_id)
            version = await VersionLookup(session).resolve(repository_id, as_of) if as_of else None
        commit = version.commit if version else as_of
        if commit and commit != row.commit:
            snapshot_id = await snapshot_of_commit(self._docgen, repository_id, commit)
        source = await self._docgen.get_source(snapshot_id, part.path, part.start, part.end)
        return FileRead(repository_id=repository_id, **source.model_dump())

    async def _check_source(self, principal: Principal, url: str, ref: str | None) -> None:
        """Judge an address before anything is stored; a refusal is audited, without the address itself."""
        try:
            _refuse_credentials(url)
            await self._docgen.check_source(GitSource(url=url, ref=ref))
        except InvalidInput as error:
            async with self._sessions.begin() as session:
                record(
                    session,
                    "add_repository",
                    organisation_id=principal.organisation_id,
                    user_id=principal.user_id,
                    outcome="refused",
                    code=error.public_code,
                )
            raise

    async def _import_archive(self, repository_id: str, upload: Upload) -> dict[str, Any]:
        archive = await self._docgen.upload_archive(repository_id, upload.file, upload.filename)
        return {"archive": {"archive_id": archive.archive_id, "commit": upload.commit}}

    async def _start_index(
        self, session: AsyncSession, principal: Principal, row: Repository, source: dict[str, Any], key: str | None
    ) -> Run:
        """The run for this source: a new one, the one under way for the same source, or the one under the same key."""
        repositories = RepositoryRepository(session, principal.organisation_id)
        request_hash = hashlib.sha256(orjson.dumps([row.id, source])).hexdigest()
        if key is not None and (earlier := await repositories.find_run_by_key(key)) is not None:
            if earlier.request_hash != request_hash:
                message = "This Idempotency-Key was used for another request; use a new one."
                raise InvalidInput(message, code="idempotency_key_reused")
            return earlier
        for active in await repositories.list_active_runs([row.id]):
            if (
                active.request_hash == request_hash
                and active.cancel_requested_at is None
                and await _is_fresh(session, active)
            ):
                return active
        if await repositories.count_active_runs() >= self._maximum_active_runs:
            message = "Too many runs are under way; wait until some have ended."
            raise TooManyRequests(message, code="too_many_runs", retry_after=30)
        new = NewRun(
            organisation_id=principal.organisation_id,
            user_id=principal.user_id,
            title=row.name,
            input=source,
            repository_id=row.id,
            idempotency_key=key,
            request_hash=request_hash,
            request_id=current_request_id(),
        )
        return await RunStore(session).create(new, INDEX)


async def _is_fresh(session: AsyncSession, run: Run) -> bool:
    """Whether a run still stands for the present state of its source: an archive always does, a URL until it was fetched."""
    if "archive" in run.input:
        return True
    snapshot = (await RunStore(session).list_steps([run.id]))[0]
    return snapshot.finished_at is None


async def _insert(repositories: RepositoryRepository, principal: Principal, **values: Any) -> Repository:
    try:
        return await repositories.add(Repository(organisation_id=principal.organisation_id, **values))
    except IntegrityError:
        raise Conflict(f"There is a repository named '{values['name']}' already.", code="name_taken") from None


async def _free_name(repositories: RepositoryRepository, name: str) -> str:
    candidate, number = name, 2
    while await repositories.find_by_name(candidate) is not None:
        candidate, number = f"{name}-{number}", number + 1
    return candidate


def _refuse_credentials(url: str) -> None:
    if _CREDENTIALS.match(url):
        message = "Put no credentials into the address; upload private code with 'codemuse index PATH'."
        raise InvalidInput(message, code="credentials_in_url")


def _name_from_url(url: str) -> str:
    return url.rstrip("/").removesuffix(".git").rsplit("/", 1)[-1].rsplit(":", 1)[-1][:200] or "repository"


def _git_input(url: str, ref: str | None) -> dict[str, Any]:
    return {"git": {"url": url, "ref": ref}}
