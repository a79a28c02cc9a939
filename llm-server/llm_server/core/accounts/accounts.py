"""What happens to the accounts around a call: a reservation before it, a settlement after it, however it ends."""

from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from llm_server.core.accounts.book import LimitBook, Scope
from llm_server.core.accounts.ledger import Ledger
from llm_server.core.accounts.limiter import Limiter, scope_fields
from llm_server.core.calls import Attempt, Call, Json, Tokens
from llm_server.core.metrics import TOKENS
from llm_server.core.model import Model

_OVERDUE_SECONDS = 60.0
"""After its deadline, a call is given so long to be settled by its own process."""
_UNLIMITED_OUTPUT_TOKENS = 1000
"""What an answer without a limit is reserved; a guess that the settlement replaces."""
LOST = "lost"


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was taken for a call."""

    scopes: tuple[Scope, ...]
    fields: list[Json]
    tokens: int
    cost: int


class Accounts:
    """Reserves and settles.

    Args:
        limiter: For callers with limits, who must be refused before the call.
        ledger: For everything that nobody waits for.
    """

    def __init__(self, limiter: Limiter, ledger: Ledger) -> None:
        self._limiter = limiter
        self._ledger = ledger
        self._book = LimitBook()

    def use(self, book: LimitBook) -> None:
        """Apply other budgets from now on."""
        self._book = book

    async def reserve(self, call: Call, model: Model, prompt_tokens: int) -> Reservation:
        """Reserve what a call may use at most, if nothing is said of its output: likely.

        Raises:
            BudgetExceeded, RateLimited, LimitsUnavailable: See ``Limiter.reserve``.
        """
        scopes = self._book.scopes_of(call.caller)
        output = call.output_limit or min(_UNLIMITED_OUTPUT_TOKENS, model.max_output_tokens or _UNLIMITED_OUTPUT_TOKENS)
        expected = Attempt(model.name, Tokens(prompt_tokens, output, estimated=True), outcome=LOST)
        expected.cost = model.price.cost(expected.tokens)
        reservation = Reservation(
            scopes, scope_fields(scopes, datetime.now(UTC)), prompt_tokens + output, expected.cost
        )
        if_lost = self._settlement(reservation, call, [_row(call, 0, expected, is_last=True)], expected.cost, expected)
        begin = {
            "op": "begin",
            "id": call.id,
            "due_seconds": call.remaining_seconds() + _OVERDUE_SECONDS,
            "row": orjson.dumps(if_lost).decode(),
            "tokens": reservation.tokens,
            "cost": reservation.cost,
            "scopes": reservation.fields,
        }
        if scopes:
            call.trace.headers.update(await self._limiter.reserve(begin, scopes))
        else:
            self._ledger.note(begin)
        return reservation

    def settle(self, reservation: Reservation, call: Call, outcome: str) -> None:
        """Write down what was really used.

        Args:
            reservation: What was taken.
            call: With its trace.
            outcome: Of the call as a whole: ``ok``, ``cancelled``, or the code of its error.
        """
        attempts = call.trace.attempts or [Attempt(call.trace.cached_model, outcome=outcome)]
        last = len(attempts) - 1
        rows = [_row(call, index, attempt, is_last=index == last) for index, attempt in enumerate(attempts)]
        rows[last]["outcome"] = outcome
        tokens = Tokens(sum(one.tokens.prompt for one in attempts), sum(one.tokens.completion for one in attempts))
        total = Attempt("", tokens, cost=sum(one.cost for one in attempts))
        for attempt in attempts:
            TOKENS.labels(attempt.model, "read").inc(attempt.tokens.prompt)
            TOKENS.labels(attempt.model, "written").inc(attempt.tokens.completion)
        self._ledger.note(self._settlement(reservation, call, rows, total.cost, total))

    def _settlement(
        self, reservation: Reservation, call: Call, rows: list[Json], cost: int, total: Attempt
    ) -> dict[str, object]:
        return {
            "op": "settle",
            "id": call.id,
            "rows": [orjson.dumps(row).decode() for row in rows],
            "tokens": total.tokens.prompt + total.tokens.completion,
            "cost": cost,
            "reserved": {"tokens": reservation.tokens, "cost": reservation.cost},
            "scopes": reservation.fields,
        }


def _row(call: Call, index: int, attempt: Attempt, *, is_last: bool) -> dict[str, object]:
    caller, tokens = call.caller, attempt.tokens
    return {
        "call_id": call.id,
        "attempt": index,
        "at": datetime.now(UTC).isoformat(),
        "organisation_id": caller.organisation,
        "user_id": caller.user,
        "key_id": caller.key,
        "run_id": caller.run,
        "asked_for": str(call.body.get("model") or "default")[:128],
        "model": attempt.model,
        "is_last": is_last,
        "outcome": attempt.outcome,
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "cached_tokens": tokens.cached,
        "is_estimated": tokens.estimated,
        "cost": attempt.cost,
        "seconds": attempt.seconds,
        "first_token_seconds": attempt.first_token_seconds,
        "cache": call.trace.cache,
        "is_fallback": index > 0,
        "is_switch": is_last and call.trace.switched > 0,
    }
