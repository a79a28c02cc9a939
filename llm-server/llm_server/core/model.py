"""What is known of a model: where it is, what it can, what it costs."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import SecretStr

from llm_server.core.calls import Tokens

EVERYTHING = frozenset({"stream", "tools", "json_schema", "images"})
_PER_MILLION = 1_000_000


class Kind(StrEnum):
    """Which language an upstream speaks."""

    OPENAI = "openai"
    """Chat completions: OpenAI, vLLM, Ollama, llama.cpp, Qwen, Gemini's compatible address, OpenRouter."""
    RESPONSES = "responses"
    """OpenAI's responses."""
    AZURE = "azure"
    """Chat completions below Azure's deployment addresses."""
    ANTHROPIC = "anthropic"
    """Anthropic's messages."""
    EXTRACTIVE = "extractive"
    """No upstream at all: quotes the sources of the prompt."""


@dataclass(frozen=True, slots=True)
class Price:
    """Millionths of a currency unit for one million tokens, which is: units for a million, times a million."""

    prompt: int = 0
    completion: int = 0
    cached: int | None = None
    """Prompt tokens that the upstream had in its cache; the price of others when not given."""

    def cost(self, tokens: Tokens) -> int:
        """What tokens cost, in millionths of the unit, rounded up."""
        cached = min(tokens.cached, tokens.prompt)
        cached_price = self.prompt if self.cached is None else self.cached
        total = (
            (tokens.prompt - cached) * self.prompt + cached * cached_price + max(0, tokens.completion) * self.completion
        )
        return -(-total // _PER_MILLION)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a model is waited for, in seconds."""

    first_token: float = 30.0
    """For the first event of a stream."""
    stall: float = 60.0
    """Between two events."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How much its provider takes of us; ``None`` is without limit."""

    requests: int | None = None
    """A minute."""
    tokens: int | None = None
    """A minute."""
    parallel: int | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be asked for by ``name``."""

    name: str
    kind: Kind
    base_url: str = ""
    upstream_name: str = ""
    api_key: SecretStr | None = field(default=None, repr=False)
    title: str = ""
    """How it is called in messages to people."""
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    price: Price = Price()
    rates: Rates = Rates()
    capabilities: frozenset[str] = EVERYTHING
    patience: Patience = Patience()
    api_version: str = ""
    """Azure's."""

    @property
    def can_prefill(self) -> bool:
        """Whether it goes on with an assistant message that stands last."""
        return "prefill" in self.capabilities

    @property
    def is_limited(self) -> bool:
        """Whether its provider takes only so much."""
        return self.rates != Rates()

    @property
    def address(self) -> str:
        """Server and model: organisations that use the same ones share their breaker."""
        return f"{urlsplit(self.base_url).netloc}/{self.upstream_name}"

    def __str__(self) -> str:
        return self.title or self.name
