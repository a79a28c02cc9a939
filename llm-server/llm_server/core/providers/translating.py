"""What providers share whose upstream speaks another language than ours: read, translate, pass on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import aiohttp
import orjson

from llm_server.core.calls import Call, Completion, Json, make_completion, make_event
from llm_server.core.errors import ModelFailed, ModelInterrupted, ModelMalformed
from llm_server.core.model import Model
from llm_server.core.providers.provider import Events, refuse_embedding
from llm_server.core.sse import EventReader, EventTooLarge
from llm_server.core.tokens import TokenCounter
from llm_server.core.upstream import Upstream


class Translator(Protocol):
    """Turns the upstream's events into chunks of a chat completion."""

    def translate(self, event: Json) -> Iterator[Json]:
        """The chunks that an event becomes."""
        ...


class TranslatingProvider:
    """One model of an upstream with a language of its own; a subclass knows the language.

    Attributes:
        path: Where requests go, below the base address.
        last_events: Types of the events after which nothing comes.
    """

    path: str
    last_events: frozenset[str]

    def __init__(self, model: Model, session: aiohttp.ClientSession, headers: Mapping[str, str], family: str) -> None:
        self._model = model
        self._upstream = Upstream(model, session, headers)
        self._counter = TokenCounter(family)

    def request(self, call: Call, *, stream: bool) -> Json:
        """The body in the upstream's language."""
        raise NotImplementedError

    def reply(self, fields: Json, call: Call) -> Json:
        """A whole answer in ours."""
        raise NotImplementedError

    def translator(self, call: Call) -> Translator:
        """For the events of one answer."""
        raise NotImplementedError

    async def complete(self, call: Call) -> Completion:
        """The answer, translated."""
        content = await self._upstream.fetch(call, self._url(self.path), self.request(call, stream=False))
        completion = make_completion(self.reply(self._read(content), call))
        self._learn(call, completion.fields)
        return completion

    async def stream(self, call: Call) -> Events:
        """The events, translated."""
        translator, reader = self.translator(call), EventReader()
        patience, ended = self._model.patience.first_token, False
        async with self._upstream.open(call, self._url(self.path), self.request(call, stream=True)) as response:
            while not ended:
                packet = await self._upstream.read(call, response, patience)
                patience = self._model.patience.stall
                told = [self._event(data) for data in self._feed(reader, packet)]
                ended = any(one.get("type") in self.last_events for one in told)
                if events := [make_event(chunk) for one in told for chunk in translator.translate(one)]:
                    yield events
                if not packet and not ended:
                    raise ModelInterrupted(f"{self._model} ended before its answer did.")

    async def embed(self, _call: Call) -> Completion:
        """Not in these languages."""
        raise refuse_embedding(self._model)

    async def models(self, call: Call) -> Sequence[str]:
        """What the upstream lists."""
        fields = self._read(await self._upstream.fetch(call, self._url("models"), None))
        return [str(entry.get("id")) for entry in fields.get("data") or ()]

    def count_tokens(self, call: Call) -> int:
        """By the family of the model, corrected by what the upstream counts."""
        return self._counter.count_messages(call.messages, call.body.get("tools"))

    def _url(self, path: str) -> str:
        return f"{self._model.base_url.rstrip('/')}/{path}"

    def _feed(self, reader: EventReader, packet: bytes) -> list[bytes]:
        try:
            return reader.feed(packet) if packet else reader.close()
        except EventTooLarge:
            raise ModelMalformed(f"{self._model} sent an event without end.") from None

    def _event(self, data: bytes) -> Json:
        fields = _parse(data)
        if fields is None:
            raise ModelMalformed(f"{self._model} sent an event that cannot be read.")
        if fields.get("type") in {"error", "response.failed"}:
            inner = fields.get("response") or fields
            raise self._upstream.refusal(500, {}, orjson.dumps({"error": inner.get("error") or inner}))
        return fields

    def _read(self, content: bytes) -> Json:
        fields = _parse(content)
        if fields is None:
            raise ModelFailed(f"{self._model} answered with something that is not JSON.")
        if fields.get("error"):
            raise self._upstream.refusal(500, {}, content)
        return fields

    def _learn(self, call: Call, fields: Json) -> None:
        self._counter.learn(self.count_tokens(call), fields["usage"]["prompt_tokens"])


def _parse(content: bytes) -> Json | None:
    try:
        fields = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return fields if isinstance(fields, dict) else None
