"""Settings of llm-server: which models there are."""

from pydantic import Field, SecretStr

from codemuse.settings import ServiceSettings


class Settings(ServiceSettings):
    """Any of the three ways to name a model; with none, the extractive answerer answers alone."""

    llm_base_url: str | None = None
    """Base of an OpenAI-compatible server (vLLM, Ollama, llama.cpp, OpenRouter, ...), up to and including ``/v1``."""
    llm_model: str | None = None
    llm_api_key: SecretStr | None = None

    openai_api_key: SecretStr | None = None
    openai_base_url: str = "https://api.openai.com/v1"
    openai_model: str = "gpt-4.1-mini"

    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str = "https://api.anthropic.com/v1"
    """Anthropic serves OpenAI's dialect below this address."""
    anthropic_model: str = "claude-sonnet-4-5"

    first_token_seconds: float = Field(default=30.0, gt=0)
    """A model that says nothing for so long is given up for the next one."""
    stall_seconds: float = Field(default=60.0, gt=0)
    """Longest silence between two pieces of an answer."""
