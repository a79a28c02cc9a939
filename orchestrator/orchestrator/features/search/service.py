"""Searching the repositories that the caller may read, each as it is published."""

from codemuse.clients.docgen import DocgenClient
from codemuse.clients.rag import RagClient, found_nothing
from codemuse.contracts.accounts import ApiKeyScope
from codemuse.contracts.context import ContextReply, ContextRequest, PublicContextRequest
from codemuse.contracts.gateway import PublicSearchRequest
from codemuse.contracts.rag import SearchReply, SearchRequest, SimilarRequest
from codemuse.contracts.versions import CompareReply, CompareRequest, PublicCompareRequest
from codemuse.database import Sessions
from orchestrator.core.lost_index import refuse_if_lost
from orchestrator.core.principal import Principal
from orchestrator.core.related import find_related
from orchestrator.db.repositories import RepositoryLookup, scopes_of, snapshots_of
from orchestrator.db.versions import scopes_as_of
from orchestrator.features.search.names import named_in_query


class SearchService:
    """Search for people, CI jobs and the command line."""

    def __init__(self, sessions: Sessions, rag: RagClient, docgen: DocgenClient) -> None:
        self._sessions = sessions
        self._rag = rag
        self._docgen = docgen

    async def search(self, principal: Principal, request: PublicSearchRequest) -> bytes:
        """Ranked results, a ``SearchReply`` in JSON; nothing is found where nothing may be seen.

        Raises:
            NotFound: A named repository does not exist in the organisation, or none has the version.
            InvalidInput: Nothing is asked of the named repositories.
            IndexLost: Nothing is found because the index is being made anew.
        """
        principal.require(ApiKeyScope.SEARCH)
        async with self._sessions() as session:
            lookup = RepositoryLookup(session, principal.organisation_id)
            repositories, weights = await lookup.list_searched(request.repository_ids)
            query, repositories = named_in_query(request.query, repositories)
            scopes = await scopes_as_of(session, repositories, request.as_of)
        related = [] if request.as_of else await find_related(self._docgen, query, snapshots_of(repositories))
        reply = await self._rag.search_json(
            SearchRequest(
                organisation_id=principal.organisation_id,
                scopes=scopes,
                query=query,
                limit=request.limit,
                mode=request.mode,
                filters=request.filters,
                explain=request.explain,
                without=request.without,
                weights=weights,
                related=related,
            )
        )
        if found_nothing(reply):
            await refuse_if_lost(self._sessions)
        return reply

    async def similar(self, principal: Principal, chunk_id: str, limit: int) -> SearchReply:
        """What looks like a chunk.

        Raises:
            NotFound: There is no such chunk in the organisation.
        """
        principal.require(ApiKeyScope.SEARCH)
        async with self._sessions() as session:
            repositories = await RepositoryLookup(session, principal.organisation_id).list_indexed(None)
        return await self._rag.similar(
            SimilarRequest(
                organisation_id=principal.organisation_id,
                scopes=scopes_of(repositories),
                chunk_id=chunk_id,
                limit=limit,
            )
        )

    async def pack_context(self, principal: Principal, request: PublicContextRequest) -> ContextReply:
        """The evidence for an answer, packed into a budget of tokens.

        Raises:
            NotFound: A named repository does not exist in the organisation, or none has the version.
            IndexLost: Nothing is found because the index is being made anew.
        """
        principal.require(ApiKeyScope.SEARCH)
        async with self._sessions() as session:
            lookup = RepositoryLookup(session, principal.organisation_id)
            repositories, weights = await lookup.list_searched(request.repository_ids)
            scopes = await scopes_as_of(session, repositories, request.as_of)
        question, snapshots = request.queries[0], snapshots_of(repositories)
        related = [] if request.as_of else await find_related(self._docgen, question, snapshots)
        fields = request.model_dump(exclude={"repository_ids", "as_of"})
        reply = await self._rag.pack_context(
            ContextRequest(
                organisation_id=principal.organisation_id, scopes=scopes, weights=weights, related=related, **fields
            )
        )
        if not reply.sources:
            await refuse_if_lost(self._sessions)
        return reply

    async def compare(self, principal: Principal, request: PublicCompareRequest) -> CompareReply:
        """What changed about something between two versions of a repository.

        Raises:
            NotFound: There is no such repository in the organisation, or no such version of it.
        """
        principal.require(ApiKeyScope.SEARCH)
        async with self._sessions() as session:
            lookup = RepositoryLookup(session, principal.organisation_id)
            repositories = await lookup.list_indexed([request.repository_id])
            published = str(repositories[0].generation) if repositories else "0"
            (before,) = await scopes_as_of(session, repositories, request.before)
            (after,) = await scopes_as_of(session, repositories, request.after or published)
        return await self._rag.compare(
            CompareRequest(
                organisation_id=principal.organisation_id,
                before=before,
                after=after,
                query=request.query,
                limit=request.limit,
                mode=request.mode,
            )
        )
