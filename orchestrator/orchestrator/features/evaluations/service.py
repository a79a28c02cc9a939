"""Starting evaluations, reading them, comparing two."""

from codemuse.clients.docgen import DocgenClient
from codemuse.contracts.accounts import ApiKeyScope
from codemuse.contracts.evaluations import (
    AnswerChange,
    EvaluationAccepted,
    EvaluationComparison,
    EvaluationCreate,
    EvaluationPage,
    EvaluationRead,
    EvaluationSummary,
)
from codemuse.database import Sessions
from codemuse.errors import Conflict, NotFound
from orchestrator.core.evaluating import EvaluatedVersion, begin_evaluation
from orchestrator.core.pages import decode_cursor, next_cursor
from orchestrator.core.principal import Principal
from orchestrator.core.runs.outbox import OutboxRelay
from orchestrator.core.runs.reading import read_run
from orchestrator.core.snapshots import snapshot_of_commit
from orchestrator.db.models import Evaluation
from orchestrator.db.repositories import RepositoryLookup
from orchestrator.db.versions import VersionLookup
from orchestrator.features.evaluations.repository import EvaluationRepository


class EvaluationService:
    """Evaluations of the repositories of the caller's organisation."""

    def __init__(self, sessions: Sessions, docgen: DocgenClient, relay: OutboxRelay) -> None:
        self._sessions = sessions
        self._docgen = docgen
        self._relay = relay

    async def create(self, principal: Principal, new: EvaluationCreate) -> EvaluationAccepted:
        """Store an evaluation of a version and the run that does it.

        Raises:
            NotFound: There is no such repository in the organisation, or no such version of it.
            Conflict: It has not been indexed yet.
        """
        principal.require(ApiKeyScope.INDEX)
        version = await self._version(principal, new.repository_id, new.as_of)
        async with self._sessions.begin() as session:
            asked = new.model_dump(mode="json", exclude={"repository_id", "name", "as_of"})
            evaluation, run = await begin_evaluation(session, principal, version, new.name, asked)
            accepted = EvaluationAccepted(evaluation=read_summary(evaluation), run=await read_run(session, run))
        self._relay.kick()
        return accepted

    async def _version(self, principal: Principal, repository_id: str, as_of: str | None) -> EvaluatedVersion:
        async with self._sessions() as session:
            lookup = RepositoryLookup(session, principal.organisation_id)
            repository, snapshot_id = await lookup.get_indexed(repository_id)
            wanted = as_of or str(repository.generation)
            version = await VersionLookup(session).resolve(repository_id, wanted)
            if version is None:
                raise NotFound("There is no such version, or it is not kept any more.", code="version_not_found")
        if version.generation != repository.generation:
            snapshot_id = await snapshot_of_commit(self._docgen, repository_id, version.commit)
        return EvaluatedVersion(repository, version.generation, version.commit, snapshot_id, version.chunk_count)

    async def list_page(
        self, principal: Principal, repository_id: str | None, cursor: str | None, limit: int
    ) -> EvaluationPage:
        """The history, the newest first."""
        principal.require(ApiKeyScope.SEARCH)
        async with self._sessions() as session:
            evaluations = EvaluationRepository(session, principal.organisation_id)
            rows = await evaluations.list_page(repository_id, decode_cursor(cursor), limit)
            items = [read_summary(row) for row in rows[:limit]]
        return EvaluationPage(items=items, next_cursor=next_cursor(rows, limit))

    async def get(self, principal: Principal, evaluation_id: str) -> EvaluationRead:
        """One evaluation with its questions."""
        principal.require(ApiKeyScope.SEARCH)
        async with self._sessions() as session:
            row = await EvaluationRepository(session, principal.organisation_id).get(evaluation_id)
            return EvaluationRead.model_validate({**read_summary(row).model_dump(), "answers": row.answers})

    async def compare(self, principal: Principal, evaluation_id: str, before_id: str) -> EvaluationComparison:
        """What became better and worse between two evaluations.

        Raises:
            NotFound: One of them does not exist in the organisation.
            Conflict: One of them has no result.
        """
        after = await self.get(principal, evaluation_id)
        before = await self.get(principal, before_id)
        if after.measure is None or before.measure is None:
            raise Conflict("Only evaluations that have ended well can be compared.", code="evaluation_not_finished")
        earlier = {answer.query: answer.ndcg for answer in before.answers}
        shared = [answer for answer in after.answers if answer.query in earlier]
        changes = [
            AnswerChange(query=answer.query, before=earlier[answer.query], after=answer.ndcg)
            for answer in shared
            if answer.ndcg != earlier[answer.query]
        ]
        changes.sort(key=lambda change: (change.after - change.before, change.query))
        total = sum(answer.ndcg - earlier[answer.query] for answer in shared)
        return EvaluationComparison(
            before=EvaluationSummary.model_validate(before.model_dump()),
            after=EvaluationSummary.model_validate(after.model_dump()),
            shared_questions=len(shared),
            ndcg_change=round(total / max(len(shared), 1), 4),
            worse=[change for change in changes if change.after < change.before],
            better=[change for change in reversed(changes) if change.after > change.before],
        )


def read_summary(row: Evaluation) -> EvaluationSummary:
    """A row as the API shows it."""
    columns = ("id", "repository_id", "run_id", "name", "status", "generation", "commit", "error", "created_at")
    return EvaluationSummary.model_validate({**row.result, **{name: getattr(row, name) for name in columns}})
