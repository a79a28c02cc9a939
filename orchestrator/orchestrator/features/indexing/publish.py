"""Step ``publish``: one transaction moves the pointer; until then nobody sees a mixture."""

from sqlalchemy import func

from codemuse.clients.docgen import DocgenClient
from codemuse.database import Sessions
from codemuse.errors import NotFound
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter
from orchestrator.db.models import Repository, RepositoryVersion
from orchestrator.features.indexing.ledger import Ledger


class PublishStep:
    """Makes the new generation the one that readers see."""

    def __init__(self, sessions: Sessions, docgen: DocgenClient) -> None:
        self._sessions = sessions
        self._docgen = docgen

    async def __call__(self, run: RunView, _writer: RunWriter) -> Finished:
        """Move the pointer; doing it twice changes nothing."""
        snapshot, ref = run.results["snapshot"], run.input.get("git", {}).get("ref")
        stats = await self._docgen.get_stats(str(snapshot["snapshot_id"]))
        async with self._sessions.begin() as session:
            repository = await session.get(Repository, run.repository_id, with_for_update=True)
            if repository is None or repository.deleted_at is not None:
                raise NotFound("The repository was deleted.", code="repository_not_found")
            ledger = Ledger(session, run.id)
            files, chunks = await ledger.totals()
            await ledger.publish(repository)
            repository.generation = int(snapshot["generation"])
            repository.commit = str(snapshot["commit"])
            repository.snapshot_id = str(snapshot["snapshot_id"])
            repository.indexed_at = func.clock_timestamp()
            repository.last_error = None
            repository.refined = False
            await session.merge(
                RepositoryVersion(
                    repository_id=repository.id,
                    generation=int(snapshot["generation"]),
                    commit=str(snapshot["commit"]),
                    ref=ref,
                    chunk_count=chunks,
                )
            )
            repository.facts = {
                "published_ref": ref,
                "file_count": files,
                "chunk_count": chunks,
                "problem_count": stats.problem_count,
                "languages": [share.model_dump() for share in stats.languages],
            }
        detail = {"generation": int(snapshot["generation"]), "files": files, "chunks": chunks}
        return Finished(detail, detail)
