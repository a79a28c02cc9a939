"""Puts the steps of an index run together, and undoes what an unsuccessful one left behind."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.clients.docgen import DocgenClient
from codemuse.clients.documents import DocumentsClient
from codemuse.clients.rag import RagClient
from codemuse.contracts.runs import EventType, RunStatus
from codemuse.database import Sessions
from orchestrator.core.runs.workflow import INDEX, Ending, RunView, StepFunction
from orchestrator.db.models import Repository
from orchestrator.features.indexing.afterwards import DocumentStep, RefineStep
from orchestrator.features.indexing.analyse import AnalyseStep
from orchestrator.features.indexing.index import IndexStep
from orchestrator.features.indexing.publish import PublishStep
from orchestrator.features.indexing.snapshot import SnapshotStep
from orchestrator.features.indexing.writing import ChunkWriter


class IndexWorkflow:
    """From a source to a published generation."""

    kind = INDEX

    def __init__(self, sessions: Sessions, docgen: DocgenClient, rag: RagClient) -> None:
        self._rag = rag
        chunks = ChunkWriter(sessions, docgen, rag)
        self.steps: Mapping[str, StepFunction] = {
            "snapshot": SnapshotStep(sessions, docgen),
            "analyse": AnalyseStep(sessions, docgen, chunks),
            "index": IndexStep(sessions, chunks),
            "publish": PublishStep(sessions, docgen),
            "document": DocumentStep(DocumentsClient(docgen.service)),
            "refine": RefineStep(sessions, rag),
        }

    async def clean_up(self, run: RunView, ending: Ending) -> None:
        """Remove a generation that was begun and never published."""
        del ending
        snapshot = run.results.get("snapshot")
        if snapshot is not None and "publish" not in run.results:
            await self._rag.abort_generation(run.organisation_id, run.repository_id or "", int(snapshot["generation"]))

    async def settle(
        self, session: AsyncSession, run: RunView, ending: Ending
    ) -> Sequence[tuple[EventType, dict[str, Any]]]:
        """Leave the reason of a failure with the repository, where its readers look."""
        if ending.status is RunStatus.FAILED:
            repository = await session.get(Repository, run.repository_id, with_for_update=True)
            if repository is not None and "publish" not in run.results:
                repository.last_error = dict(ending.error or {})
        return []
