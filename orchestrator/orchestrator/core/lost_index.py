"""While an index that was lost is made anew it finds nothing, which must not be taken for an answer."""

from sqlalchemy import select

from codemuse.database import Sessions
from codemuse.errors import Unavailable
from orchestrator.core.runs.workflow import REBUILD
from orchestrator.db.models import Run, RunStep

INDEX_LOST = "index_lost"
"""Why a rebuild was begun."""


class IndexLost(Unavailable):
    """What was indexed cannot be found for now."""

    code = INDEX_LOST

    def __init__(self) -> None:
        message = "The search index was lost and is being made anew from the sources. Search again when that is done."
        super().__init__(message, retry_after=30)


async def refuse_if_lost(sessions: Sessions) -> None:
    """To be asked when nothing was found.

    Raises:
        IndexLost: That says nothing, for the index is being made anew.
    """
    query = (
        select(Run.id)
        .join(RunStep, RunStep.run_id == Run.id)
        .where(
            Run.kind == REBUILD.name,
            Run.finished_at.is_(None),
            Run.input["reason"].astext == INDEX_LOST,
            RunStep.name == "swap",  # after it the new index is searched, and only made better
            RunStep.finished_at.is_(None),
        )
    )
    async with sessions() as session:
        if await session.scalar(query.limit(1)) is not None:
            raise IndexLost
