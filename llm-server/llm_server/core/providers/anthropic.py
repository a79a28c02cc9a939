"""Anthropic's own API."""

import aiohttp

from llm_server.core.calls import Call, Json
from llm_server.core.dialects.anthropic_upstream import EventTranslator, chat_completion, messages_request, wants_schema
from llm_server.core.errors import ModelFailed
from llm_server.core.model import Model
from llm_server.core.providers.translating import TranslatingProvider, Translator

_VERSION = "2023-06-01"


class AnthropicProvider(TranslatingProvider):
    """One model behind ``/messages``."""

    path = "messages"
    last_events = frozenset({"message_stop"})

    def __init__(self, model: Model, session: aiohttp.ClientSession) -> None:
        key = {"x-api-key": model.api_key.get_secret_value()} if model.api_key else {}
        super().__init__(model, session, {"anthropic-version": _VERSION, **key}, "claude")

    def request(self, call: Call, *, stream: bool) -> Json:
        """The body of ``POST /messages``."""
        return messages_request(call, self._model.upstream_name, stream=stream)

    def reply(self, fields: Json, call: Call) -> Json:
        """A whole answer as a chat completion."""
        if not isinstance(fields.get("content"), list):
            raise ModelFailed(f"{self._model} answered without 'content'.")
        return chat_completion(fields, call, as_text=wants_schema(call.body))

    def translator(self, call: Call) -> Translator:
        """For the events of one answer."""
        return EventTranslator(call.id, as_text=wants_schema(call.body))
