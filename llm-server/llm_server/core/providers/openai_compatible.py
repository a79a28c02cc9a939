"""Any server that speaks OpenAI's chat completions: OpenAI, vLLM, Ollama, llama.cpp, Qwen, OpenRouter, Azure.

What it sends is passed on byte for byte; we read along.
"""

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from urllib.parse import quote, urlsplit

import aiohttp
import orjson

from llm_server.core.calls import Call, Completion, Event, Json, events_of, make_event
from llm_server.core.errors import ModelError, ModelFailed, ModelInterrupted, ModelMalformed
from llm_server.core.model import Kind, Model
from llm_server.core.providers.provider import Events
from llm_server.core.sse import DONE, EventReader, EventTooLarge
from llm_server.core.tokens import TokenCounter
from llm_server.core.upstream import Upstream

_DRAIN_SECONDS = 0.02
_OPENAI_HOSTS = ("api.openai.com", ".openai.azure.com")
_AZURE_VERSION = "2024-10-21"
"""The newest one that Azure calls stable; models may name another."""
_LIMITS = ("max_tokens", "max_completion_tokens")


class OpenAICompatibleProvider:
    """One model of one server."""

    def __init__(self, model: Model, session: aiohttp.ClientSession) -> None:
        self._model = model
        self._upstream = Upstream(model, session, _credentials(model))
        self._counter = TokenCounter(model.upstream_name)
        self._limit_field = "max_completion_tokens" if _is_openai(model.base_url) else "max_tokens"

    async def complete(self, call: Call) -> Completion:
        """The upstream's answer as it is."""
        content = await self._upstream.fetch(call, self._url("chat/completions"), self._body(call, stream=False))
        fields = self._read(content, needs="choices")
        self._learn(call, fields)
        return Completion(content, fields)

    async def stream(self, call: Call) -> Events:
        """The upstream's events as they are; one that breaks off, stalls or sends nonsense ends in a ``ModelError``."""
        async with self._upstream.open(call, self._url("chat/completions"), self._body(call, stream=True)) as response:
            if response.content_type == "application/json":  # it does not stream, or tells an error with status 200
                whole = await self._upstream.read_whole(call, response)
                yield events_of(self._read(whole, needs="choices"))
                return
            finished = False
            async for events, done in self._packets(call, response):
                for event in events:
                    finished = finished or event.finish_reason is not None
                    if event.fields.get("usage"):
                        self._learn(call, event.fields)
                if done and not finished:  # some servers forget the reason but do say that they are done
                    events.append(_finish(events))
                    finished = True
                if events:
                    yield events
                if done:
                    await self._drain(call, response)
                    break
            if not finished:
                raise ModelInterrupted(f"{self._model} ended before its answer did.")

    async def embed(self, call: Call) -> Completion:
        """The upstream's vectors as they are."""
        body = {**call.body, "model": self._model.upstream_name}
        if body.get("user"):
            body["user"] = _user_within(call.caller.organisation, str(body["user"]))
        content = await self._upstream.fetch(call, self._url("embeddings"), body)
        return Completion(content, self._read(content, needs="data"))

    async def models(self, call: Call) -> Sequence[str]:
        """What the server lists."""
        fields = self._read(await self._upstream.fetch(call, self._url("models"), None), needs="data")
        return [str(entry["id"]) for entry in fields["data"] if isinstance(entry, dict) and "id" in entry]

    def count_tokens(self, call: Call) -> int:
        """By the family of the model, corrected by what the upstream counts."""
        return self._counter.count_messages(call.messages, call.body.get("tools"))

    async def _packets(self, call: Call, response: aiohttp.ClientResponse) -> AsyncIterator[tuple[list[Event], bool]]:
        """Groups of events, and whether the upstream said that these are the last."""
        reader = EventReader()
        patience = self._model.patience.first_token
        while packet := await self._upstream.read(call, response, patience):
            try:
                found = reader.feed(packet)
            except EventTooLarge:
                raise ModelMalformed(f"{self._model} sent an event without end.") from None
            if found:
                patience = self._model.patience.stall
                for group in self._group(found):
                    yield group
        if rest := reader.close():
            for group in self._group(rest):
                yield group

    def _group(self, found: list[bytes]) -> Iterator[tuple[list[Event], bool]]:
        """The events that came together; those before one that cannot be read are given out first."""
        events: list[Event] = []
        try:
            events.extend(self._event(data) for data in found if data != DONE)
        except ModelError:
            if events:
                yield events, False
            raise
        yield events, found[-1] == DONE

    async def _drain(self, call: Call, response: aiohttp.ClientResponse) -> None:
        """Let the connection end properly, so that it can be used again."""
        if not response.content.at_eof():
            try:
                await self._upstream.read(call, response, _DRAIN_SECONDS)
            except ModelError:
                return

    def _body(self, call: Call, *, stream: bool) -> Json:
        body = {**call.body, "model": self._model.upstream_name, "stream": stream}
        if stream:
            body["stream_options"] = {"include_usage": True}
        else:
            body.pop("stream_options", None)
        limit = call.output_limit
        for name in _LIMITS:
            body.pop(name, None)
        if limit is not None:
            body[self._limit_field] = limit
        return body

    def _event(self, data: bytes) -> Event:
        try:
            fields = orjson.loads(data)
        except orjson.JSONDecodeError:
            raise ModelMalformed(f"{self._model} sent an event that cannot be read.") from None
        if not isinstance(fields, dict) or not _are_choices(fields.get("choices", []), "delta"):
            raise ModelMalformed(f"{self._model} sent an event that cannot be read.")
        if fields.get("error") and not fields.get("choices"):
            raise self._upstream.refusal(500, {}, data)
        return Event(data, fields)

    def _read(self, content: bytes, *, needs: str) -> Json:
        try:
            fields = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise ModelFailed(f"{self._model} answered with something that is not JSON.") from None
        if not isinstance(fields, dict) or not fields.get(needs) or not _are_choices(fields[needs], "message"):
            if isinstance(fields, dict) and fields.get("error"):
                raise self._upstream.refusal(500, {}, content)
            raise ModelFailed(f"{self._model} answered without '{needs}'.")
        return fields

    def _learn(self, call: Call, fields: Json) -> None:
        usage = fields.get("usage")
        if isinstance(usage, dict) and isinstance(usage.get("prompt_tokens"), int):
            self._counter.learn(self.count_tokens(call), usage["prompt_tokens"])

    def _url(self, path: str) -> str:
        base = self._model.base_url.rstrip("/")
        if self._model.kind is not Kind.AZURE:
            return f"{base}/{path}"
        place = path if path == "models" else f"deployments/{quote(self._model.upstream_name, safe='')}/{path}"
        version = quote(self._model.api_version or _AZURE_VERSION, safe="")
        return f"{base.removesuffix('/openai')}/openai/{place}?api-version={version}"


def _are_choices(choices: object, said: str) -> bool:
    """Whether these are answers, or parts of them, that can be read: what is said is text, parts of text, or calls of tools."""
    return isinstance(choices, list) and all(isinstance(one, dict) and _is_said(one.get(said)) for one in choices)


def _is_said(message: object) -> bool:
    if message is None:
        return True
    if not isinstance(message, dict) or not isinstance(message.get("content"), str | list | None):
        return False
    calls = message.get("tool_calls") or []
    return isinstance(calls, list) and all(isinstance(call, dict) for call in calls)


def _credentials(model: Model) -> dict[str, str]:
    if model.api_key is None:
        return {}
    key = model.api_key.get_secret_value()
    return {"api-key": key} if model.kind is Kind.AZURE else {"Authorization": f"Bearer {key}"}


def _user_within(organisation: str, user: str) -> str:
    """A caller's user as upstreams may know it: they may remember vectors by it, and organisations choose names freely."""
    return hashlib.blake2b(f"{organisation}\0{user}".encode(), digest_size=16).hexdigest()


def _is_openai(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    return host.endswith(_OPENAI_HOSTS)


def _finish(before: list[Event]) -> Event:
    head: Json = before[-1].fields if before else {}
    fields: Json = {key: value for key, value in head.items() if key in {"id", "created", "model"}}
    choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return make_event({**fields, "object": "chat.completion.chunk", "choices": [choice]})
