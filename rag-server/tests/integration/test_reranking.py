"""A second look at the first results, by a model that stands behind embedding-server's own route."""

import httpx
import pytest
from pydantic import SecretStr

from codemuse.clients.embedding import EmbeddingClient
from codemuse.contracts.rag import FileChunks, GenerationWrite, SearchRequest, Signal
from codemuse.http import ServiceAddress, open_service_client
from codemuse.testing import SERVICE_TOKEN
from rag_server.core.points import RepositoryKey
from rag_server.features.generations.service import GenerationService
from rag_server.features.search.reranking import Reranking
from rag_server.features.search.service import SearchService

KEY = RepositoryKey("org", "repo")
SCOPE = {"repository_id": "repo", "generation": 1, "commit": "abc"}


@pytest.fixture
def asked():
    return []


@pytest.fixture
async def search(index, make_chunk, asked):
    """A search whose reranker likes what mentions a teapot."""
    texts = {
        "lease.py": "renew the lease",
        "teapot.py": "renew the lease of the teapot",
        "other.py": "renew a library book",
    }
    files = [FileChunks(path=path, chunks=[make_chunk(path=path, text=text)]) for path, text in texts.items()]
    service = GenerationService(index)
    await service.write(KEY, 1, GenerationWrite(organisation_id="org", commit="abc", files=files))
    await service.refine(KEY, 10)

    def answer(request: httpx.Request) -> httpx.Response:
        body = httpx.Response(200, content=request.content).json()
        asked.append(body)
        if body["model"] == "away":
            return httpx.Response(503, json={"error": "unavailable", "message": "Not now."})
        scored = [(float("teapot" in text), number) for number, text in enumerate(body["documents"])]
        results = [{"index": number, "relevance_score": score} for score, number in sorted(scored, reverse=True)]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return httpx.Response(200, json={"model": body["model"], "results": results, "usage": usage})

    address = ServiceAddress("embedding-server", "http://embedding", SecretStr(SERVICE_TOKEN))
    async with open_service_client(address, transport=httpx.MockTransport(answer)) as client:

        async def run(model="reader", depth=20, **request):
            searching = SearchService(index, Reranking(EmbeddingClient(client), model, depth))
            body = {"organisation_id": "org", "scopes": [SCOPE], "query": "renew the lease"} | request
            return await searching.search(SearchRequest.model_validate(body))

        yield run


def paths(reply):
    return [hit.path for hit in reply.results]


async def test_what_the_reranker_is_sure_of_rises(search, asked):
    assert paths(await search(without=[Signal.RERANK]))[0] == "lease.py"
    assert asked == []
    reply = await search(explain=True)
    assert paths(reply)[0] == "teapot.py"
    assert {rule.name: rule.factor for rule in reply.results[0].explanation.rules}[Signal.RERANK] == 2.0
    assert asked[0]["query"] == "renew the lease"


async def test_it_reads_no_more_than_the_best(search, asked):
    reply = await search(depth=2)
    assert len(asked[0]["documents"]) == 2
    assert paths(reply)[-1] == "other.py"


async def test_keyword_search_asks_no_model(search, asked):
    await search(mode="keyword")
    assert asked == []


async def test_without_the_reranker_search_goes_on_and_says_so(search):
    reply = await search(model="away")
    assert reply.degraded == ["rerank"]
    assert paths(reply)[0] == "lease.py"
