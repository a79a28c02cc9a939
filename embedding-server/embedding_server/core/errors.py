"""What can go wrong below the features.

CodeMuseError
├── NotFound
│   └── UnknownModel       404  no such model is configured
├── PayloadTooLarge
│   └── TooManyTokens      413  more than the queue could ever hold
├── Conflict
│   └── ModelBusy          409  it is being loaded or computes
├── TooManyRequests
│   └── QueueFull          429  too much is waiting already
├── Unavailable
│   ├── ModelLoading       503  the model is not in memory yet
│   └── ModelFailed        503  the model could not be loaded
└── Internal
    └── WeightsRefused     500  the weights are missing or not the ones expected
"""

from codemuse.errors import Conflict, Internal, NotFound, PayloadTooLarge, TooManyRequests, Unavailable


class UnknownModel(NotFound):
    """No such model is configured."""

    code = "model_not_found"

    def __init__(self, model_id: str, known: list[str]) -> None:
        super().__init__(f"There is no model '{model_id}' here; there are: {', '.join(known)}.", models=known)


class TooManyTokens(PayloadTooLarge):
    """More than the queue could ever hold."""

    code = "too_many_tokens"

    def __init__(self, tokens: int, limit: int) -> None:
        super().__init__(f"One request may hold at most {limit} tokens; split it.", tokens=tokens, limit=limit)


class ModelBusy(Conflict):
    """It is being loaded or computes."""

    code = "model_busy"

    def __init__(self, model_id: str) -> None:
        super().__init__(f"The model '{model_id}' is busy; try again when nothing waits for it.")


class QueueFull(TooManyRequests):
    """Too much is waiting already."""

    code = "queue_full"

    def __init__(self, retry_after: float) -> None:
        super().__init__("The embedding queue is full; try again shortly.", retry_after=retry_after)


class ModelLoading(Unavailable):
    """The model is not in memory yet."""

    code = "model_loading"

    def __init__(self, model_id: str, retry_after: float) -> None:
        super().__init__(f"The model '{model_id}' is still being loaded; try again shortly.", retry_after=retry_after)


class ModelFailed(Unavailable):
    """The model could not be loaded; the log says why."""

    code = "model_failed"

    def __init__(self, model_id: str, reason: str) -> None:
        super().__init__(f"The model '{model_id}' could not be loaded: {reason}")


class WeightsRefused(Internal):
    """The weights are missing or not the ones expected."""

    code = "weights_refused"
