"""OpenAI's responses, for models that are served there only."""

import aiohttp

from llm_server.core.calls import Call, Json
from llm_server.core.dialects.responses_upstream import EventTranslator, chat_completion, responses_request
from llm_server.core.errors import ModelFailed
from llm_server.core.model import Model
from llm_server.core.providers.translating import TranslatingProvider, Translator


class OpenAIResponsesProvider(TranslatingProvider):
    """One model behind ``/responses``."""

    path = "responses"
    last_events = frozenset({"response.completed", "response.incomplete"})

    def __init__(self, model: Model, session: aiohttp.ClientSession) -> None:
        key = {"Authorization": f"Bearer {model.api_key.get_secret_value()}"} if model.api_key else {}
        super().__init__(model, session, key, model.upstream_name)

    def request(self, call: Call, *, stream: bool) -> Json:
        """The body of ``POST /responses``."""
        return responses_request(call, self._model.upstream_name, stream=stream)

    def reply(self, fields: Json, call: Call) -> Json:
        """A whole answer as a chat completion."""
        if not isinstance(fields.get("output"), list):
            raise ModelFailed(f"{self._model} answered without 'output'.")
        return chat_completion(fields, call)

    def translator(self, call: Call) -> Translator:
        """For the events of one answer."""
        return EventTranslator(call.id)
