"""Client of rag-server."""

from codemuse.contracts.common import Reply
from codemuse.contracts.context import ContextReply, ContextRequest
from codemuse.contracts.rag import (
    GenerationWrite,
    GenerationWritten,
    PruneRequest,
    RefineReply,
    RefineRequest,
    RepositoryIndexRead,
    SearchReply,
    SearchRequest,
    SimilarRequest,
)
from codemuse.contracts.search_settings import WeightList
from codemuse.contracts.versions import CompareReply, CompareRequest
from codemuse.http import Params, ServiceClient

WRITE_SECONDS = 300.0


class RagClient:
    """Writing generations and searching them."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service

    async def write_files(self, repository_id: str, generation: int, body: GenerationWrite) -> GenerationWritten:
        """Give files their chunks in a generation."""
        path = f"/api/v1/repositories/{repository_id}/generations/{generation}/files"
        return await self.service.call("POST", path, GenerationWritten, body=body, timeout_seconds=WRITE_SECONDS)

    async def abort_generation(self, organisation_id: str, repository_id: str, generation: int) -> None:
        """Undo an unpublished generation."""
        path = f"/api/v1/repositories/{repository_id}/generations/{generation}"
        params = {"organisation_id": organisation_id}
        await self.service.call("DELETE", path, Reply, params=params, timeout_seconds=WRITE_SECONDS)

    async def refine(self, repository_id: str, body: RefineRequest) -> RefineReply:
        """Fill in some transformer vectors."""
        path = f"/api/v1/repositories/{repository_id}/refine"
        return await self.service.call("POST", path, RefineReply, body=body, timeout_seconds=WRITE_SECONDS)

    async def prune(self, organisation_id: str, repository_id: str, keep_from: int) -> None:
        """Remove generations that nobody needs."""
        body = PruneRequest(organisation_id=organisation_id, keep_from=keep_from)
        path = f"/api/v1/repositories/{repository_id}/prune"
        await self.service.call("POST", path, Reply, body=body, timeout_seconds=WRITE_SECONDS)

    async def get_repository(self, organisation_id: str, repository_id: str, generation: int) -> RepositoryIndexRead:
        """Counts of a repository's index."""
        params: Params = {"organisation_id": organisation_id, "generation": generation}
        return await self.service.call(
            "GET", f"/api/v1/repositories/{repository_id}", RepositoryIndexRead, params=params
        )

    async def delete_repository(self, organisation_id: str, repository_id: str) -> None:
        """Remove all points of a repository."""
        params = {"organisation_id": organisation_id}
        await self.service.call("DELETE", f"/api/v1/repositories/{repository_id}", Reply, params=params)

    async def search(self, body: SearchRequest) -> SearchReply:
        """Ranked evidence for a query."""
        return await self.service.call("POST", "/api/v1/search", SearchReply, body=body)

    async def search_json(self, body: SearchRequest) -> bytes:
        """The same as JSON, for callers that only hand it on; ``found_nothing`` looks into it."""
        return await self.service.fetch("POST", "/api/v1/search", body=body)

    async def similar(self, body: SimilarRequest) -> SearchReply:
        """Chunks that look like a given one."""
        return await self.service.call("POST", "/api/v1/similar", SearchReply, body=body)

    async def pack_context(self, body: ContextRequest) -> ContextReply:
        """The evidence for an answer, packed into a budget of tokens."""
        return await self.service.call("POST", "/api/v1/context", ContextReply, body=body)

    async def get_weights(self) -> WeightList:
        """What every signal of the ranking weighs as it comes."""
        return await self.service.call("GET", "/api/v1/weights", WeightList)

    async def compare(self, body: CompareRequest) -> CompareReply:
        """What changed about something between two generations."""
        return await self.service.call("POST", "/api/v1/compare", CompareReply, body=body)


def found_nothing(reply: bytes) -> bool:
    """Whether a ``SearchReply`` in JSON has no results, which are its first field."""
    return reply.startswith(b'{"results":[]')
