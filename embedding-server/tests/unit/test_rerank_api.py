"""Documents come back in the order in which they answer the question."""

import asyncio

import pytest

from codemuse.testing import eventually
from embedding_server.core.reranking import MOST_WAITING, CrossEncoderReranker, Scores


class SharedLetters:
    """Scores a document by the letters that it shares with the question."""

    def predict(self, pairs):
        scores = [len(set(query) & set(document)) / 26 for query, document in pairs]
        return Scores(scores, sum(len(query) + len(document) for query, document in pairs))


@pytest.fixture
async def client(open_client, tiny_backend):
    loaded = []

    def load():
        loaded.append(1)
        return SharedLetters()

    reranker = CrossEncoderReranker(load)
    async with open_client({"tiny": lambda: tiny_backend}, rerankers={"letters": reranker}) as client:
        yield client
    reranker.close()
    assert len(loaded) <= 1


def rerank(client, **body):
    return client.post(
        "/v1/rerank", json={"model": "letters", "query": "abc", "documents": ["xyz", "abc", "abx"]} | body
    )


async def test_the_best_document_comes_first(client):
    reply = (await rerank(client)).json()
    assert [result["index"] for result in reply["results"]] == [1, 2, 0]
    assert [round(result["relevance_score"] * 26) for result in reply["results"]] == [3, 2, 0]
    assert reply["usage"] == {"prompt_tokens": 18, "total_tokens": 18}
    assert "document" not in reply["results"][0]


async def test_the_best_few_come_with_their_texts_where_that_is_wanted(client):
    reply = (await rerank(client, top_n=1, return_documents=True)).json()
    assert [result["document"] for result in reply["results"]] == [{"text": "abc"}]


async def test_an_embedding_model_ranks_by_cosine(client, expected_vector):
    documents = ["one", "two", "three"]
    reply = (await rerank(client, model="tiny", query="two", documents=documents)).json()
    cosines = [float(expected_vector(document) @ expected_vector("two")) for document in documents]
    assert reply["results"][0]["index"] == 1
    assert [result["relevance_score"] for result in reply["results"]] == pytest.approx(sorted(cosines, reverse=True))


@pytest.mark.parametrize(
    "body",
    [{"documents": []}, {"query": ""}, {"top_n": 0}, {"documents": ["a"] * 1001}, {"documents": [{"text": "a"}]}],
)
async def test_bad_input_is_refused(client, body):
    assert (await rerank(client, **body)).status_code == 422


async def test_an_unknown_model_is_not_found(client):
    reply = await rerank(client, model="nobody")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "model_not_found")


async def test_more_than_may_wait_is_told_to_come_back():
    go_on = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Slow:
        def predict(self, pairs):
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(10)
            return Scores([0.0] * len(pairs), 1)

    reranker = CrossEncoderReranker(Slow)
    waiting = [asyncio.create_task(reranker.score("q", ["d"])) for _ in range(MOST_WAITING + 1)]
    await eventually(lambda: any(task.done() for task in waiting))
    go_on.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    reranker.close()
    assert sum(getattr(outcome, "code", "") == "queue_full" for outcome in outcomes) == 1
