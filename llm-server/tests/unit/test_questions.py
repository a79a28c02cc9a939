"""Vectors of questions while embedding-server does well, and while it does not."""

import numpy as np

from llm_server.core.calls import Call, Completion, make_completion
from llm_server.core.errors import ModelStalled
from llm_server.core.providers.extractive import ExtractiveProvider
from llm_server.core.questions import QuestionEmbedder


class FakeProvider(ExtractiveProvider):
    """Makes one vector, or stalls."""

    def __init__(self) -> None:
        super().__init__()
        self.stalls = False
        self.waits: list[float] = []

    async def embed(self, call: Call) -> Completion:
        self.waits.append(call.remaining_seconds())
        if self.stalls:
            raise ModelStalled("It fell silent.")
        return make_completion({"data": [{"embedding": [3.0, 4.0]}]})


async def test_a_vector_is_waited_for_as_long_as_was_said() -> None:
    provider = FakeProvider()
    vector = await QuestionEmbedder(provider)("How?", 1.0)
    assert vector is not None
    np.testing.assert_allclose(vector, [0.6, 0.8], rtol=1e-6)
    assert 0.5 < provider.waits[0] <= 1.0


async def test_who_could_not_serve_is_left_alone_for_a_while() -> None:
    now, provider = [100.0], FakeProvider()
    embed = QuestionEmbedder(provider, clock=lambda: now[0])
    provider.stalls = True
    assert await embed("How?", 1.0) is None
    provider.stalls = False
    assert await embed("How?", 1.0) is None
    assert len(provider.waits) == 1
    now[0] += 11
    assert await embed("How?", 1.0) is not None
