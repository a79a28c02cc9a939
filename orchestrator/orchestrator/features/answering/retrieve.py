"""Step ``retrieve``: the passages that the answer may stand on, numbered."""

from collections.abc import Sequence
from typing import Any

from codemuse.clients.docgen import DocgenClient
from codemuse.clients.rag import RagClient
from codemuse.contracts.chat import CitationRead
from codemuse.contracts.context import ContextRequest, ContextSource
from codemuse.contracts.rag import SearchScope
from codemuse.contracts.runs import EventType
from codemuse.database import Sessions
from orchestrator.core.lost_index import refuse_if_lost
from orchestrator.core.related import find_related
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter

MAXIMUM_SOURCES = 10
TOKEN_BUDGET = 6_000
"""Room for an answer is left in a window of 8,192."""


class RetrieveStep:
    """Has the evidence for the queries of the plan packed into a budget of tokens."""

    def __init__(self, sessions: Sessions, rag: RagClient, docgen: DocgenClient) -> None:
        self._sessions = sessions
        self._rag = rag
        self._docgen = docgen

    async def __call__(self, run: RunView, writer: RunWriter) -> Finished:
        """Search and announce the sources as citations.

        Raises:
            IndexLost: Nothing is found because the index is being made anew.
        """
        plan = run.results["plan"]
        snapshots = {entry["repository_id"]: entry["snapshot_id"] for entry in plan["scope"]}
        related = await find_related(self._docgen, str(run.input["question"]), snapshots)
        context = await self._rag.pack_context(
            ContextRequest(
                organisation_id=run.organisation_id,
                scopes=[SearchScope.model_validate(scope) for scope in _search_scopes(plan["scope"])],
                queries=plan["queries"],
                related=related,
                token_budget=TOKEN_BUDGET,
                maximum_sources=MAXIMUM_SOURCES,
                weights=plan.get("weights", {}),
            )
        )
        if not context.sources:
            await refuse_if_lost(self._sessions)
        sources = [_citation(source) for source in context.sources]
        for source in sources:
            await writer.emit(EventType.CITATION, **source.model_dump(mode="json"))
        detail = {"passages": len(sources), "tokens": context.tokens, "took_ms": round(context.took_ms, 1)}
        return Finished(
            {"sources": [source.model_dump(mode="json") for source in sources], "degraded": context.degraded}, detail
        )


def _search_scopes(scope: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: entry[key] for key in ("repository_id", "generation", "commit")} for entry in scope]


def _citation(source: ContextSource) -> CitationRead:
    return CitationRead(
        id=source.number,
        repository_id=source.repository_id,
        commit=source.commit,
        path=source.path,
        start_line=source.start_line,
        end_line=source.end_line,
        symbol=source.symbol,
        language=source.language,
        score=source.score,
        text=source.text,
    )
