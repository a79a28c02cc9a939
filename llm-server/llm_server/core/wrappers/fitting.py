"""Makes a request fit a model: emulates what can be emulated, refuses what cannot, and says by how much it is too long."""

from collections.abc import Sequence

import orjson

from llm_server.core.calls import Call, Completion, Json
from llm_server.core.errors import CapabilityMissing, ContextExceeded
from llm_server.core.model import Model
from llm_server.core.packing import pack
from llm_server.core.providers.provider import Events, Provider, Wrapper

_USUAL_OUTPUT_TOKENS = 1024
"""Kept free for an answer without a limit of its own."""
_JSON_ONLY = "Answer with one JSON value and nothing else: no Markdown, no comment."
_BY_SCHEMA = " It must be valid against this JSON Schema: {schema}"


class FittingProvider(Wrapper):
    """Lets only requests through that the model can serve."""

    def __init__(self, inner: Provider, model: Model) -> None:
        super().__init__(inner)
        self._model = model

    async def complete(self, call: Call) -> Completion:
        """Answer what fits."""
        return await self._inner.complete(self._fit(call))

    def stream(self, call: Call) -> Events:
        """Stream what fits."""
        return self._inner.stream(self._fit(call))

    def _fit(self, call: Call) -> Call:
        """The call as the model can serve it.

        Raises:
            CapabilityMissing: It needs tools, images or several answers, and the model has none.
            ContextExceeded: Conversation and answer do not fit; ``details`` say by how much.
        """
        self._refuse_missing(call)
        call = self._emulate_json(call)
        return self._keep_room(call)

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
        if model.context_tokens is None:
            return _untruncated(call)
        prompt = self._inner.count_tokens(call)
        room = model.context_tokens - (wanted or min(_USUAL_OUTPUT_TOKENS, model.context_tokens // 4))
        if call.body.get("truncation") == "auto" and prompt > room:
            packed = pack(call.messages, room, lambda messages: self._count(call, messages))
            if packed is not None:
                return call.with_body(messages=packed, truncation=None)
        over = prompt + (wanted or 1) - model.context_tokens
        if over > 0:
            message = (
                f"{model} takes {model.context_tokens} tokens; the conversation has about {prompt}"
                f"{f' and the answer may have {wanted}' if wanted else ''}: about {over} too many."
            )
            raise ContextExceeded(
                message, prompt_tokens=prompt, context_tokens=model.context_tokens, too_many=over, param="messages"
            )
        return _untruncated(call)

    def _count(self, call: Call, messages: Sequence[Json]) -> int:
        return self._inner.count_tokens(call.with_body(messages=list(messages)))


def _untruncated(call: Call) -> Call:
    return call.with_body(truncation=None) if "truncation" in call.body else call


def _has_image(message: Json) -> bool:
    content = message.get("content")
    return isinstance(content, list) and any(
        isinstance(part, dict) and part.get("type") == "image_url" for part in content
    )
