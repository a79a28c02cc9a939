"""Chat completions to Anthropic's messages, for upstreams that speak those; and their answers back."""

import time
from collections.abc import Iterator
from typing import Any

import orjson

from llm_server.core.calls import Call, Json, message_text
from llm_server.core.dialects.choices import function_named
from llm_server.core.errors import CapabilityMissing

DEFAULT_MAX_TOKENS = 4096
"""Anthropic demands a limit; this one is taken when the caller gives none."""
SCHEMA_TOOL = "answer"
"""A JSON schema is asked for as a tool that must be called."""
_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


def messages_request(call: Call, upstream_name: str, *, stream: bool) -> Json:
    """The body of ``POST /messages``.

    Raises:
        CapabilityMissing: Several answers are asked for.
    """
    body = call.body
    if int(body.get("n") or 1) > 1:
        raise CapabilityMissing("Anthropic gives one answer a request; leave 'n' at 1.", param="n")
    system = "\n\n".join(message_text(one) for one in call.messages if one["role"] in {"system", "developer"})
    request: Json = {
        "model": upstream_name,
        "max_tokens": call.output_limit or DEFAULT_MAX_TOKENS,
        "messages": _merge(list(_messages(call.messages))),
        "stream": stream,
    }
    if system:
        request["system"] = system
    for name in ("temperature", "top_p"):
        if body.get(name) is not None:
            request[name] = min(1.0, body[name])
    if stop := body.get("stop"):
        request["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    return request | _tools(body)


def chat_completion(reply: Json, call: Call, *, as_text: bool) -> Json:
    """A whole answer in chat completions' shape; ``as_text`` when a schema was asked for."""
    text = "".join(block.get("text", "") for block in reply.get("content", []) if block.get("type") == "text")
    calls = [_tool_call(block) for block in reply.get("content", []) if block.get("type") == "tool_use"]
    finish = _FINISH.get(str(reply.get("stop_reason")), "stop")
    if as_text and calls:
        text, calls, finish = calls[0]["function"]["arguments"], [], "stop"
    message: Json = {"role": "assistant", "content": text or None}
    if calls:
        message["tool_calls"] = calls
    return {
        "id": reply.get("id", call.id),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": reply.get("model", ""),
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": usage_from(reply.get("usage") or {}),
    }


class EventTranslator:
    """Turns the events of a message stream into chunks of a chat completion.

    Args:
        call_id: Id of the answer.
        as_text: Whether the tool's input is the answer, because a schema was asked for.
    """

    def __init__(self, call_id: str, *, as_text: bool) -> None:
        self._head = {"id": f"chatcmpl-{call_id}", "object": "chat.completion.chunk", "created": int(time.time())}
        self._as_text = as_text
        self._model = ""
        self._usage: Json = {}
        self._tools = -1

    def translate(self, event: Json) -> Iterator[Json]:
        """The chunks that an event becomes; most become one or none."""
        kind = event.get("type")
        if kind == "message_start":
            message = event.get("message") or {}
            self._model, self._usage = message.get("model", ""), dict(message.get("usage") or {})
            yield self._chunk({"role": "assistant", "content": ""})
        elif kind == "content_block_start":
            yield from self._block(event.get("content_block") or {})
        elif kind == "content_block_delta":
            yield from self._delta(event.get("delta") or {})
        elif kind == "message_delta":
            self._usage |= event.get("usage") or {}
            if reason := (event.get("delta") or {}).get("stop_reason"):
                finish = "stop" if self._as_text and reason == "tool_use" else _FINISH.get(reason, "stop")
                yield self._chunk({}, finish)
        elif kind == "message_stop":
            yield {**self._head, "model": self._model, "choices": [], "usage": usage_from(self._usage)}

    def _block(self, block: Json) -> Iterator[Json]:
        if block.get("type") == "tool_use" and not self._as_text:
            self._tools += 1
            function = {"name": block.get("name"), "arguments": ""}
            call = {"index": self._tools, "id": block.get("id"), "type": "function", "function": function}
            yield self._chunk({"tool_calls": [call]})

    def _delta(self, delta: Json) -> Iterator[Json]:
        if delta.get("type") == "text_delta":
            yield self._chunk({"content": delta.get("text", "")})
        elif delta.get("type") == "thinking_delta":
            yield self._chunk({"reasoning_content": delta.get("thinking", "")})
        elif delta.get("type") == "input_json_delta":
            piece = delta.get("partial_json", "")
            if self._as_text:
                yield self._chunk({"content": piece})
            else:
                yield self._chunk({"tool_calls": [{"index": self._tools, "function": {"arguments": piece}}]})

    def _chunk(self, delta: Json, finish: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {**self._head, "model": self._model, "choices": [choice]}


def wants_schema(body: Json) -> bool:
    """Whether the answer must be JSON by a schema."""
    return isinstance(body.get("response_format"), dict) and body["response_format"].get("type") == "json_schema"


def usage_from(usage: Json) -> Json:
    """Tokens in OpenAI's words; Anthropic counts cached ones apart."""
    cached = usage.get("cache_read_input_tokens") or 0
    read = (usage.get("input_tokens") or 0) + cached + (usage.get("cache_creation_input_tokens") or 0)
    written = usage.get("output_tokens") or 0
    counts: Json = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    return counts | {"prompt_tokens_details": {"cached_tokens": cached}}


def _messages(messages: list[Json]) -> Iterator[Json]:
    for message in messages:
        role = message["role"]
        if role == "tool":
            result = {
                "type": "tool_result",
                "tool_use_id": message.get("tool_call_id"),
                "content": message_text(message),
            }
            yield {"role": "user", "content": [result]}
        elif role in {"user", "assistant"}:
            blocks = [*_blocks(message), *(_tool_use(call) for call in message.get("tool_calls") or ())]
            if blocks:
                yield {"role": role, "content": blocks}


def _blocks(message: Json) -> Iterator[Json]:
    content = message.get("content")
    if isinstance(content, str):
        if content:
            yield {"type": "text", "text": content}
        return
    for part in content or ():
        if part.get("type") == "image_url":
            head, _, data = str(part["image_url"]["url"]).partition(",")
            kind = head.removeprefix("data:").removesuffix(";base64")
            yield {"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}}
        elif part.get("text"):
            yield {"type": "text", "text": part["text"]}


def _merge(messages: list[Json]) -> list[Json]:
    """Turns must alternate; neighbours of one role become one message."""
    merged: list[Json] = []
    for message in messages:
        if merged and merged[-1]["role"] == message["role"]:
            merged[-1] = {**message, "content": [*merged[-1]["content"], *message["content"]]}
        else:
            merged.append(message)
    return merged


def _tools(body: Json) -> Json:
    if wants_schema(body):
        schema = body["response_format"]["json_schema"].get("schema") or {"type": "object"}
        tool = {"name": SCHEMA_TOOL, "description": "Gives the answer.", "input_schema": schema}
        return {"tools": [tool], "tool_choice": {"type": "tool", "name": SCHEMA_TOOL}}
    if not body.get("tools"):
        return {}
    tools = [
        {
            "name": tool["function"]["name"],
            "description": tool["function"].get("description", ""),
            "input_schema": tool["function"].get("parameters") or {"type": "object", "properties": {}},
        }
        for tool in body["tools"]
    ]
    return {"tools": tools, **_choice(body.get("tool_choice"))}


def _choice(choice: Any) -> Json:
    if isinstance(choice, dict):
        return {"tool_choice": {"type": "tool", "name": function_named(choice)}}
    known = {"none": {"type": "none"}, "required": {"type": "any"}, "auto": {"type": "auto"}}
    return {"tool_choice": known[choice]} if choice in known else {}


def _tool_use(call: Json) -> Json:
    function = call.get("function") or {}
    try:
        given = orjson.loads(function.get("arguments") or "{}")
    except orjson.JSONDecodeError:
        given = {}
    return {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": given}


def _tool_call(block: Json) -> Json:
    function = {"name": block.get("name"), "arguments": orjson.dumps(block.get("input") or {}).decode()}
    return {"id": block.get("id"), "type": "function", "function": function}
