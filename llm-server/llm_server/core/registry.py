"""Which models there are, and who answers to which name."""

from collections.abc import Sequence

import httpx

from codemuse.breaker import BreakerStore, CircuitBreaker
from codemuse.errors import NotFound
from llm_server.core.providers.extractive import MODEL as EXTRACTIVE
from llm_server.core.providers.extractive import ExtractiveProvider
from llm_server.core.providers.fallback import BreakerProvider, FallbackProvider
from llm_server.core.providers.openai_compatible import Endpoint, OpenAICompatibleProvider
from llm_server.core.providers.provider import Provider
from llm_server.core.settings import Settings

DEFAULT = "default"
"""Asks for the best model there is, with the others behind it."""


class ModelRegistry:
    """Providers by model name."""

    def __init__(self, configured: Sequence[Provider]) -> None:
        names = [model for provider in configured for model in provider.models]
        extractive = ExtractiveProvider(names)
        self._default = FallbackProvider([*configured, extractive])
        self._by_model: dict[str, Provider] = {model: provider for provider in configured for model in provider.models}
        self._by_model[EXTRACTIVE] = extractive

    @property
    def models(self) -> Sequence[str]:
        """All names, the preferred model first."""
        return self._default.models

    def get(self, model: str) -> Provider:
        """Who answers to a name.

        Raises:
            NotFound: Nobody.
        """
        if model == DEFAULT:
            return self._default
        provider = self._by_model.get(model)
        if provider is None:
            message = f"There is no model '{model[:100]}'; there are: {', '.join(self.models)}."
            raise NotFound(message, code="model_not_found", param="model")
        return provider


def configured_endpoints(settings: Settings) -> list[Endpoint]:
    """The models that the settings name, the most specific setting first.

    Raises:
        SystemExit: A base URL is given without the name of its model.
    """
    times = (settings.first_token_seconds, settings.stall_seconds)
    endpoints = []
    if settings.llm_base_url:
        if not settings.llm_model:
            raise SystemExit("LLM_BASE_URL is set; LLM_MODEL must name the model that is served there.")
        name = f"The model server at {httpx.URL(settings.llm_base_url).host}"
        endpoints.append(Endpoint(name, settings.llm_base_url, settings.llm_model, settings.llm_api_key, *times))
    if settings.openai_api_key:
        endpoints.append(
            Endpoint("OpenAI", settings.openai_base_url, settings.openai_model, settings.openai_api_key, *times)
        )
    if settings.anthropic_api_key:
        endpoints.append(
            Endpoint(
                "Anthropic", settings.anthropic_base_url, settings.anthropic_model, settings.anthropic_api_key, *times
            )
        )
    return endpoints


def make_registry(settings: Settings, client: httpx.AsyncClient, breakers: BreakerStore) -> ModelRegistry:
    """Providers of the configured models, each behind its breaker."""
    return ModelRegistry(
        [
            BreakerProvider(
                OpenAICompatibleProvider(endpoint, client), CircuitBreaker(f"llm:{endpoint.model}", breakers)
            )
            for endpoint in configured_endpoints(settings)
        ]
    )
