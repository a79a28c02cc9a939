"""A real cross-encoder, tiny and of random weights, through the whole HTTP stack."""

import httpx
import pytest

from codemuse.testing import SERVICE_TOKEN
from embedding_server.core.weights import BUNDLED_MODEL, find_weights
from embedding_server.main import create_app

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory):
    from sentence_transformers import CrossEncoder
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    parts = tmp_path_factory.mktemp("parts")
    tokenizer = AutoTokenizer.from_pretrained(find_weights(BUNDLED_MODEL).folder)
    tokenizer.save_pretrained(parts)
    shape = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        num_labels=1,
        initializer_range=0.5,
    )
    BertForSequenceClassification(shape).save_pretrained(parts)
    folder = tmp_path_factory.mktemp("models") / "tiny-reranker"
    CrossEncoder(str(parts), device="cpu").save_pretrained(str(folder))
    return folder


async def test_a_cross_encoder_of_the_settings_ranks_documents(cross_encoder, tmp_path, monkeypatch):
    for name, value in {
        "SERVICE_TOKEN": SERVICE_TOKEN,
        "DATA": str(tmp_path),
        "EMBEDDING_RERANKER": str(cross_encoder),
        "EMBEDDING_DEVICE": "cpu",
    }.items():
        monkeypatch.setenv(name, value)
    app = create_app()
    body = {
        "model": "tiny-reranker",
        "query": "how are leases renewed",
        "documents": ["the worker renews its lease", "the weather in Seoul", "the worker renews its lease"],
    }
    headers = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test", headers=headers) as client,
    ):
        reply = (await client.post("/v1/rerank", json=body, timeout=120)).json()
    scores = {result["index"]: result["relevance_score"] for result in reply["results"]}
    assert scores[0] == pytest.approx(scores[2], abs=1e-5)
    assert scores[0] != pytest.approx(scores[1], abs=1e-5)
    assert [result["relevance_score"] for result in reply["results"]] == sorted(scores.values(), reverse=True)
    assert reply["usage"]["total_tokens"] > 20
