"""The fused encoder computes what sentence-transformers computes, on the real weights."""

import numpy as np
import pytest
from sentence_transformers.sentence_transformer.modules import Pooling

from embedding_server.core.fused import FusedEncoder, NotFusible
from embedding_server.core.transformer import TransformerBackend, load_model
from embedding_server.core.weights import find_weights

TEXTS = [
    "how are routes registered",
    "x " * 300,
    "",
    "인증 토큰은 어디에서 검증되나요?",
    "def f(a, b):\n    return a + b",
]


@pytest.fixture(scope="module")
def weights():
    return find_weights("all-MiniLM-L6-v2")


@pytest.fixture
def model(weights):
    return load_model(weights, "cpu")


def test_its_vectors_are_those_of_the_plain_model(model, weights):
    plain, fused = (TransformerBackend(model, weights, name, workers=1) for name in ("bf16", "bf16-fused"))
    tokens = plain.tokenize(TEXTS)
    expected = plain.embed(tokens)
    assert np.sum(fused.embed(tokens) * expected, axis=1).min() > 0.999
    alone = np.concatenate([fused.embed([row]) for row in tokens])
    assert np.sum(alone * expected, axis=1).min() > 0.999


def test_a_model_with_another_pooling_is_left_to_the_library(model):
    model[1] = Pooling(384, pooling_mode="cls")
    with pytest.raises(NotFusible):
        FusedEncoder(model)
