"""What can go wrong with a model.

ModelError
├── ModelUnreachable   503  it could not be connected to: nothing was asked yet
├── ModelFailed        502  it answered with an error, or with something that is no answer
│   └── ModelOverloaded 503 it cannot serve the request at the moment
├── ModelInterrupted   502  it broke off in the middle of its answer
├── ModelMalformed     502  it sent an event that cannot be read
├── ModelStalled       504  it fell silent
├── TimeIsUp           504  the caller's time ran out while it was asked, which is not its fault
├── ModelRateLimited   429  it wants to be asked later
│   └── ModelBusy       429  we ask it as often as we may: it was not asked
├── KeyRefused         502  it does not accept our key; somebody must act
├── ContextExceeded    400  conversation and answer do not fit into it
├── ContentRefused     400  it will not answer this content
├── CapabilityMissing  400  the request needs something that the model does not have
└── RequestRefused     400  it does not accept the request; others would not either
"""

from typing import ClassVar

from codemuse.errors import CodeMuseError


class ModelError(CodeMuseError):
    """A model did not answer; the class attributes say what may be done about it."""

    counts: ClassVar[bool] = True
    """Whether the breaker holds it against the model."""
    tells: ClassVar[bool] = True
    """Whether it says anything of how the model is."""
    elsewhere: ClassVar[bool] = True
    """Whether another model may do better."""
    repeatable: ClassVar[bool] = False
    """Whether the same model may be asked once more at once."""


class ModelUnreachable(ModelError):
    """It could not be connected to: nothing was asked yet."""

    code = "llm_unreachable"
    status = 503
    repeatable = True


class ModelFailed(ModelError):
    """It answered with an error, or with something that is no answer."""

    code = "llm_failed"
    status = 502


class ModelOverloaded(ModelFailed):
    """It says that it, or the proxy before it, cannot serve the request at the moment (502, 503)."""

    status = 503
    repeatable = True


class ModelInterrupted(ModelError):
    """It broke off in the middle of its answer."""

    code = "llm_interrupted"
    status = 502


class ModelMalformed(ModelError):
    """It sent an event that cannot be read."""

    code = "llm_malformed"
    status = 502


class ModelStalled(ModelError):
    """It fell silent."""

    code = "llm_stalled"
    status = 504


class TimeIsUp(ModelError):
    """The caller's time ran out while it was asked, which is not its fault; nor has anybody else time left."""

    code = "deadline_exceeded"
    status = 504
    counts = False
    tells = False
    elsewhere = False


class ModelRateLimited(ModelError):
    """It wants to be asked later."""

    code = "llm_rate_limited"
    status = 429
    repeatable = True


class ModelBusy(ModelRateLimited):
    """We ask it as often as we may: it was not asked."""

    counts = False
    repeatable = False


class KeyRefused(ModelError):
    """It does not accept our key; somebody must act."""

    code = "llm_key_refused"
    status = 502


class ContextExceeded(ModelError):
    """Conversation and answer do not fit into it."""

    code = "context_length_exceeded"
    status = 400
    counts = False


class ContentRefused(ModelError):
    """It will not answer this content."""

    code = "content_refused"
    status = 400
    counts = False


class RequestRefused(ModelError):
    """It does not accept the request; others would not either."""

    code = "llm_refused"
    status = 400
    counts = False
    elsewhere = False


class CapabilityMissing(ModelError):
    """The request needs something that the model does not have."""

    code = "unsupported_by_model"
    status = 400
    counts = False
    tells = False
