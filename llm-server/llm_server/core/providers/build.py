"""Which class serves which kind of model: a new provider is one file and one line here."""

from collections.abc import Callable, Mapping

import aiohttp

from llm_server.core.model import Kind, Model
from llm_server.core.providers.anthropic import AnthropicProvider
from llm_server.core.providers.extractive import ExtractiveProvider
from llm_server.core.providers.openai_compatible import OpenAICompatibleProvider
from llm_server.core.providers.openai_responses import OpenAIResponsesProvider
from llm_server.core.providers.provider import Provider

ProviderFactory = Callable[[Model], Provider]

_CLASSES: Mapping[Kind, Callable[[Model, aiohttp.ClientSession], Provider]] = {
    Kind.OPENAI: OpenAICompatibleProvider,
    Kind.AZURE: OpenAICompatibleProvider,
    Kind.RESPONSES: OpenAIResponsesProvider,
    Kind.ANTHROPIC: AnthropicProvider,
    Kind.EXTRACTIVE: lambda _model, _session: ExtractiveProvider(),
}


def provider_factory(session: aiohttp.ClientSession) -> ProviderFactory:
    """Makes providers that share a pool of connections."""
    return lambda model: _CLASSES[model.kind](model, session)
