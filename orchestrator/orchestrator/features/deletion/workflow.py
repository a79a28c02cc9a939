"""Removes a repository from rag-server and docgen-server; its row stays as a tombstone for the audit."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.clients.docgen import DocgenClient
from codemuse.clients.rag import RagClient
from codemuse.contracts.runs import EventType
from orchestrator.core.runs.workflow import DELETE, Ending, Finished, RunView, RunWriter, StepFunction
from orchestrator.db.models import RepositoryFile


class DeleteWorkflow:
    """Removes everything known of a repository. It runs after the repository's other runs have ended."""

    kind = DELETE

    def __init__(self, docgen: DocgenClient, rag: RagClient) -> None:
        self._docgen = docgen
        self._rag = rag
        self.steps: Mapping[str, StepFunction] = {
            "forget_index": self._forget_index,
            "forget_sources": self._forget_sources,
        }

    async def clean_up(self, run: RunView, ending: Ending) -> None:
        """There is nothing to undo: what is deleted stays deleted."""

    async def settle(
        self, session: AsyncSession, run: RunView, ending: Ending
    ) -> Sequence[tuple[EventType, dict[str, Any]]]:
        """Forget the list of files too."""
        del ending
        await session.execute(delete(RepositoryFile).where(RepositoryFile.repository_id == run.repository_id))
        return []

    async def _forget_index(self, run: RunView, _writer: RunWriter) -> Finished:
        await self._rag.delete_repository(run.organisation_id, run.repository_id or "")
        return Finished()

    async def _forget_sources(self, run: RunView, _writer: RunWriter) -> Finished:
        await self._docgen.delete_repository(run.repository_id or "")
        return Finished()
