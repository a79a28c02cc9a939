"""Makes a request fit a model: emulates what can be emulated, refuses what cannot, and says by how much it is too long."""

from collections.abc import Sequence
from contextlib import aclosing

import orjson

from llm_server.core.calls import Call, Completion, Json, events_of
from llm_server.core.errors import CapabilityMissing, ContextExceeded
from llm_server.core.model import Model
from llm_server.core.packing import beginnings_note, cut, summary_note
from llm_server.core.providers.provider import Events, Provider, Wrapper
from llm_server.core.summarising import Summarise

_USUAL_OUTPUT_TOKENS = 1024
"""Kept free for an answer without a limit of its own."""
_OURS = frozenset({"truncation", "max_context_tokens"})
"""Fields that upstreams do not know."""
_JSON_ONLY = "Answer with one JSON value and nothing else: no Markdown, no comment."
_BY_SCHEMA = " It must be valid against this JSON Schema: {schema}"


class FittingProvider(Wrapper):
    """Lets only requests through that the model can serve.

    Args:
        inner: Who answers.
        model: What it can.
        summarise: Tells what was said in the turns that must give way.
    """

    def __init__(self, inner: Provider, model: Model, summarise: Summarise) -> None:
        super().__init__(inner)
        self._model = model
        self._summarise = summarise

    async def complete(self, call: Call) -> Completion:
        """Answer what fits."""
        if call.body.get("truncation") == "auto":
            call = await self._pack(call)
        return await self._inner.complete(self._fit(call))

    def stream(self, call: Call) -> Events:
        """Stream what fits; a model that cannot stream gives its whole answer as one piece."""
        if "stream" not in self._model.capabilities:
            return self._stream_whole(call)
        if call.body.get("truncation") == "auto":
            return self._stream_packed(call)
        return self._inner.stream(self._fit(call))

    async def _stream_whole(self, call: Call) -> Events:
        completion = await self.complete(call.with_body(stream=None, stream_options=None))
        yield events_of(completion.fields)

    async def _stream_packed(self, call: Call) -> Events:
        packed = await self._pack(call)
        async with aclosing(self._inner.stream(self._fit(packed))) as groups:
            async for events in groups:
                yield events

    def _fit(self, call: Call) -> Call:
        """The call as the model can serve it.

        Raises:
            CapabilityMissing: It needs tools, images or several answers, and the model has none.
            ContextExceeded: Conversation and answer do not fit; ``details`` say by how much.
        """
        return self._keep_room(self._prepare(call))

    def _prepare(self, call: Call) -> Call:
        self._refuse_missing(call)
        return self._emulate_json(call)

    def _refuse_missing(self, call: Call) -> None:
        able = self._model.capabilities
        if call.body.get("tools") and "tools" not in able:
            raise CapabilityMissing(f"{self._model} cannot call tools.", param="tools")
        if "images" not in able and any(_has_image(message) for message in call.messages):
            raise CapabilityMissing(f"{self._model} cannot read images.", param="messages")

    def _emulate_json(self, call: Call) -> Call:
        wanted = call.body.get("response_format")
        if not isinstance(wanted, dict) or wanted.get("type") in {None, "text"}:
            return call
        if "json_schema" in self._model.capabilities:
            return call
        schema = (wanted.get("json_schema") or {}).get("schema")
        instruction = _JSON_ONLY + (_BY_SCHEMA.format(schema=orjson.dumps(schema).decode()) if schema else "")
        messages = [{"role": "system", "content": instruction}, *call.messages]
        return call.with_body(messages=messages, response_format=None)

    def _keep_room(self, call: Call) -> Call:
        """Keep the output within what the model can write and what the prompt leaves free."""
        model, wanted = self._model, call.output_limit
        if model.max_output_tokens is not None and wanted is not None and wanted > model.max_output_tokens:
            raise CapabilityMissing(
                f"{model} writes at most {model.max_output_tokens} tokens; {wanted} were asked for.", param="max_tokens"
            )
        window = self._window(call)
        if window is None:
            return _without_our_fields(call)
        prompt = self._inner.count_tokens(call)
        over = prompt + (wanted or 1) - window
        if over > 0:
            message = (
                f"{model} takes {window} tokens; the conversation has about {prompt}"
                f"{f' and the answer may have {wanted}' if wanted else ''}: about {over} too many."
            )
            raise ContextExceeded(message, prompt_tokens=prompt, context_tokens=window, too_many=over, param="messages")
        return _without_our_fields(call)

    async def _pack(self, call: Call) -> Call:
        """The call with as much of its conversation as there is room for, if it can be made to fit."""
        call = self._prepare(call)
        window = self._window(call)
        if window is None:
            return call
        room = window - (call.output_limit or min(_USUAL_OUTPUT_TOKENS, window // 4))

        def count(messages: Sequence[Json]) -> int:
            return self._inner.count_tokens(call.with_body(messages=list(messages)))

        parts = cut(call.messages, room, count) if self._inner.count_tokens(call) > room else None
        if parts is None:
            return call
        summary = await self._summarise(call, parts.dropped, parts.note_room)
        note = summary_note(summary, parts.note_room, count)
        call.trace.headers["X-CodeMuse-Truncation"] = f"{len(parts.dropped)} {'summarised' if note else 'shortened'}"
        note = note or beginnings_note(parts.dropped, parts.note_room, count)
        return call.with_body(messages=parts.join(note))

    def _window(self, call: Call) -> int | None:
        """Tokens that conversation and answer may have together."""
        given = [size for size in (self._model.context_tokens, call.body.get("max_context_tokens")) if size is not None]
        return min(given) if given else None


def _without_our_fields(call: Call) -> Call:
    return call.with_body(truncation=None, max_context_tokens=None) if _OURS & call.body.keys() else call


def _has_image(message: Json) -> bool:
    content = message.get("content")
    return isinstance(content, list) and any(
        isinstance(part, dict) and part.get("type") == "image_url" for part in content
    )
