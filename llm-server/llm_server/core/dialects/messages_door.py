"""Anthropic's messages as callers send them, to chat completions; and our answers back."""

from collections.abc import Iterator
from typing import Any

import orjson

from llm_server.core.calls import Event, Json
from llm_server.core.checking import check_shape
from llm_server.core.dialects.shapes import MessagesShape

_STOP = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}


def chat_fields(body: Json) -> Json:
    """The fields of a chat request.

    Raises:
        InvalidRequest: The body is no message request.
    """
    check_shape(MessagesShape, body)
    system = _text_of(body.get("system"))
    messages: list[Json] = [{"role": "system", "content": system}] if system else []
    for message in body["messages"]:
        messages += _messages(message)
    fields: Json = {
        "model": body.get("model", "default"),
        "messages": messages,
        "max_tokens": body["max_tokens"],
        "stream": bool(body.get("stream")),
        "stop": body.get("stop_sequences"),
        "tools": [_tool(tool) for tool in body["tools"]] if body.get("tools") else None,
        "tool_choice": _choice(body.get("tool_choice")),
        **{name: body.get(name) for name in ("temperature", "top_p")},
    }
    return {name: value for name, value in fields.items() if value is not None}


def reply_from(completion: Json, call_id: str) -> Json:
    """A whole answer in Anthropic's shape."""
    choice = completion["choices"][0]
    message = choice.get("message") or {}
    content: list[Json] = [{"type": "text", "text": message["content"]}] if message.get("content") else []
    for call in message.get("tool_calls") or ():
        function = call.get("function") or {}
        content.append(
            {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": _arguments(function)}
        )
    return _message(call_id, completion.get("model", ""), content) | {
        "stop_reason": _STOP.get(choice.get("finish_reason") or "", "end_turn"),
        "usage": _usage(completion.get("usage") or {}),
    }


class EventWriter:
    """Turns the events of a chat completion into those of a message."""

    def __init__(self, call_id: str) -> None:
        self._call_id = call_id
        self._block = -1
        self._open = ""
        self._stop = "end_turn"
        self._usage: Json = {"input_tokens": 0, "output_tokens": 0}
        self._begun = False

    def write(self, event: Event) -> Iterator[Json]:
        """The events that one event becomes."""
        if not self._begun:
            self._begun = True
            message = _message(self._call_id, event.fields.get("model", ""), [])
            yield {"type": "message_start", "message": message | {"usage": self._usage}}
        if event.fields.get("usage"):
            self._usage = _usage(event.fields["usage"])
        delta = event.delta
        if delta.get("content"):
            if self._open != "text":
                yield from self._begin("text", {"type": "text", "text": ""})
            yield self._delta({"type": "text_delta", "text": delta["content"]})
        for call in delta.get("tool_calls") or ():
            yield from self._tool(call)
        if event.finish_reason:
            self._stop = _STOP.get(event.finish_reason, "end_turn")

    def end(self) -> Iterator[Json]:
        """The events after the last one."""
        yield from self._finish()
        yield {
            "type": "message_delta",
            "delta": {"stop_reason": self._stop, "stop_sequence": None},
            "usage": self._usage,
        }
        yield {"type": "message_stop"}

    def _tool(self, call: Json) -> Iterator[Json]:
        function = call.get("function") or {}
        if call.get("id"):
            block = {"type": "tool_use", "id": call["id"], "name": function.get("name"), "input": {}}
            yield from self._begin("tool_use", block)
        if function.get("arguments"):
            yield self._delta({"type": "input_json_delta", "partial_json": function["arguments"]})

    def _begin(self, kind: str, block: Json) -> Iterator[Json]:
        yield from self._finish()
        self._block += 1
        self._open = kind
        yield {"type": "content_block_start", "index": self._block, "content_block": block}

    def _finish(self) -> Iterator[Json]:
        if self._open:
            self._open = ""
            yield {"type": "content_block_stop", "index": self._block}

    def _delta(self, delta: Json) -> Json:
        return {"type": "content_block_delta", "index": self._block, "delta": delta}


def _message(call_id: str, model: str, content: list[Json]) -> Json:
    head: Json = {"id": f"msg_{call_id}", "type": "message", "role": "assistant", "model": model, "content": content}
    return head | {"stop_reason": None, "stop_sequence": None}


def _messages(message: Json) -> Iterator[Json]:
    blocks = message["content"]
    if isinstance(blocks, str):
        yield {"role": message["role"], "content": blocks}
        return
    for block in blocks:
        if block.get("type") == "tool_result":
            yield {"role": "tool", "tool_call_id": block.get("tool_use_id"), "content": _text_of(block.get("content"))}
    calls = [_tool_call(block) for block in blocks if block.get("type") == "tool_use"]
    parts = [part for block in blocks if (part := _part(block)) is not None]
    if calls or parts:
        said: Json = {"role": message["role"], "content": parts or None}
        yield said | ({"tool_calls": calls} if calls else {})


def _part(block: Json) -> Json | None:
    if block.get("type") == "text":
        return {"type": "text", "text": block.get("text", "")}
    if block.get("type") != "image":
        return None
    source = block.get("source") or {}
    url = source.get("url") or f"data:{source.get('media_type')};base64,{source.get('data')}"
    return {"type": "image_url", "image_url": {"url": url}}


def _text_of(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(block.get("text", "")) for block in content)
    return content if isinstance(content, str) else ""


def _tool(tool: Json) -> Json:
    described = {"name": tool.get("name"), "description": tool.get("description", "")}
    return {"type": "function", "function": {**described, "parameters": tool.get("input_schema")}}


def _choice(choice: Any) -> Any:
    if not isinstance(choice, dict):
        return None
    if choice.get("type") == "tool":
        return {"type": "function", "function": {"name": choice.get("name")}}
    return {"any": "required", "auto": "auto", "none": "none"}.get(str(choice.get("type")))


def _tool_call(block: Json) -> Json:
    function = {"name": block.get("name"), "arguments": orjson.dumps(block.get("input") or {}).decode()}
    return {"id": block.get("id"), "type": "function", "function": function}


def _arguments(function: Json) -> Any:
    try:
        return orjson.loads(function.get("arguments") or "{}")
    except orjson.JSONDecodeError:
        return {}


def _usage(usage: Json) -> Json:
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return {
        "input_tokens": max(0, (usage.get("prompt_tokens") or 0) - cached),
        "cache_read_input_tokens": cached,
        "output_tokens": usage.get("completion_tokens") or 0,
    }
