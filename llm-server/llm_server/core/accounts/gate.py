"""Keeps a model within what its provider takes of us, over all replicas."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from codemuse.contracts.usage import Limits
from llm_server.core.accounts.book import Scope
from llm_server.core.accounts.ledger import Ledger
from llm_server.core.accounts.limiter import Limiter, LimitsUnavailable, RateLimited, scope_fields
from llm_server.core.calls import Call, Json
from llm_server.core.errors import ModelBusy
from llm_server.core.model import Model

_OVERDUE_SECONDS = 60.0
_USUAL_OUTPUT_TOKENS = 500


@dataclass(frozen=True, slots=True)
class Admission:
    """A place that a call has taken at a model."""

    id: str
    tokens: int
    scopes: list[Json]


class ModelGate:
    """Lets calls through to a model while it may be asked.

    Args:
        limiter: Counts.
        ledger: Takes note of what nobody waits for.
    """

    def __init__(self, limiter: Limiter, ledger: Ledger) -> None:
        self._limiter = limiter
        self._ledger = ledger

    async def enter(self, model: Model, call: Call, prompt_tokens: int) -> Admission | None:
        """Take a place; nothing is counted while Redis is away, for the provider counts too.

        Raises:
            ModelBusy: The model is asked as often as it may be.
        """
        scope = _scope(model)
        tokens = prompt_tokens + (call.output_limit or _USUAL_OUTPUT_TOKENS)
        admission = Admission(
            f"{call.id}:{len(call.trace.attempts)}:{model.name}", tokens, scope_fields((scope,), datetime.now(UTC))
        )
        begin = {
            "op": "begin",
            "id": admission.id,
            "due_seconds": call.remaining_seconds() + _OVERDUE_SECONDS,
            "row": orjson.dumps(_settlement(admission, tokens)).decode(),
            "tokens": tokens,
            "cost": 0,
            "scopes": admission.scopes,
        }
        try:
            await self._limiter.reserve(begin, (scope,))
        except RateLimited as error:
            message = f"{model} is asked as often as its limits allow."
            raise ModelBusy(message, retry_after=error.retry_after) from None
        except LimitsUnavailable:
            return None
        return admission

    def leave(self, admission: Admission, used_tokens: int) -> None:
        """Give the place back, and the tokens that were not used."""
        self._ledger.note(_settlement(admission, used_tokens))


def _settlement(admission: Admission, used_tokens: int) -> Json:
    return {
        "op": "settle",
        "id": admission.id,
        "rows": [],
        "tokens": used_tokens,
        "cost": 0,
        "reserved": {"tokens": admission.tokens, "cost": 0},
        "scopes": admission.scopes,
    }


def _scope(model: Model) -> Scope:
    """Whoever asks the same model with the same key shares its limits."""
    key = model.api_key.get_secret_value() if model.api_key else ""
    subject = f"{model.address}#{hashlib.blake2b(key.encode(), digest_size=8).hexdigest()}"
    rates = model.rates
    limits = Limits(
        requests_per_minute=rates.requests, tokens_per_minute=rates.tokens, parallel_requests=rates.parallel
    )
    return Scope("model", "", subject, limits, ())
