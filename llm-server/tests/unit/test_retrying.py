"""Retries, and the budget that keeps them from burying a failing model."""

import pytest

from llm_server.core.calls import Call, Completion, make_completion
from llm_server.core.errors import ModelError, ModelInterrupted, ModelRateLimited, ModelUnreachable
from llm_server.core.providers.provider import Wrapper
from llm_server.core.wrappers.retrying import RetryingProvider

CALL = {"messages": [{"role": "user", "content": "Hello"}]}


class Failing(Wrapper):
    """Fails with the given errors in turn, the last one for ever; ``None`` is an answer."""

    def __init__(self, *errors: ModelError | None) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def complete(self, call: Call) -> Completion:
        self.calls += 1
        error = self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]
        if error is not None:
            raise error
        return make_completion({"choices": [{}]})


async def test_a_bad_minute_costs_at_most_one_upstream_call_in_five_more() -> None:
    """Also after a good hour, which saves up no more than a few."""
    model = Failing(*[None] * 1000, ModelUnreachable("gone"))
    provider = RetryingProvider(model, first_wait_seconds=0.0)
    for _ in range(1000):
        await provider.complete(Call(CALL))
    model.calls = 0
    for _ in range(100):
        with pytest.raises(ModelUnreachable):
            await provider.complete(Call(CALL))
    assert 100 < model.calls <= 120


async def test_what_may_have_been_answered_already_is_not_asked_again() -> None:
    model = Failing(ModelInterrupted("broke off"))
    with pytest.raises(ModelInterrupted):
        await RetryingProvider(model).complete(Call(CALL))
    assert model.calls == 1


async def test_nobody_waits_for_a_model_that_wants_to_be_left_alone_for_long() -> None:
    model = Failing(ModelRateLimited("later", retry_after=30.0))
    with pytest.raises(ModelRateLimited):
        await RetryingProvider(model).complete(Call(CALL))
    assert model.calls == 1


async def test_a_second_attempt_may_succeed() -> None:
    model = Failing(ModelUnreachable("gone"), None)
    assert (await RetryingProvider(model).complete(Call(CALL))).fields["choices"]
