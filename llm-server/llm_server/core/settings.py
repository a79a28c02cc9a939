"""Settings of llm-server: which models there are, and where it keeps what it knows."""

from typing import Annotated

from pydantic import Field, SecretStr, TypeAdapter, field_validator
from pydantic_settings import NoDecode

from codemuse.contracts.providers import ModelWrite
from codemuse.settings import ServiceSettings, StrongSecret


class Settings(ServiceSettings):
    """Any of several ways to name models; with none, the extractive answerer answers alone."""

    database_url: SecretStr
    """Postgres; the schema is ``llm``."""
    redis_url: SecretStr
    """Breakers, limits, reservations and cached answers, shared by all replicas."""
    embedding_server_url: str = "http://127.0.0.1:8001"
    embedding_model: str = "all-MiniLM-L6-v2"
    """The model of embedding-server that ``/v1/embeddings`` offers."""
    llm_encryption_key: StrongSecret | None = None
    """Encrypts the keys of providers at rest; derived from ``SERVICE_TOKEN`` when not given."""

    llm_models: Annotated[list[ModelWrite], NoDecode] = Field(default_factory=list)
    """Models as JSON, with the fields of ``PUT /api/v1/providers``."""
    llm_base_url: str | None = None
    """Base of an OpenAI-compatible server (vLLM, Ollama, llama.cpp, OpenRouter, ...), up to and including ``/v1``."""
    llm_model: str | None = None
    llm_api_key: SecretStr | None = None
    llm_context_tokens: int | None = Field(default=None, ge=16)

    openai_api_key: SecretStr | None = None
    openai_base_url: str = "https://api.openai.com/v1"
    openai_model: str = "gpt-4.1-mini"

    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str = "https://api.anthropic.com/v1"
    anthropic_model: str = "claude-sonnet-4-5"

    first_token_seconds: float = Field(default=30.0, gt=0)
    """A model that says nothing for so long is given up for the next one."""
    stall_seconds: float = Field(default=60.0, gt=0)
    """Longest silence between two pieces of an answer."""
    answer_seconds: float = Field(default=600.0, gt=0)
    """Nobody waits longer for an answer, whoever gives it."""
    cache_similarity: float = Field(default=0.95, ge=0.5, le=1)
    """Least cosine at which two questions about the same names and the same evidence share an answer."""
    refused_content_elsewhere: bool = False
    """Whether content that one model refuses is shown to the next one."""

    @field_validator("llm_models", mode="before")
    @classmethod
    def _read_models(cls, value: object) -> object:
        return TypeAdapter(list[ModelWrite]).validate_json(value) if isinstance(value, str) else value
