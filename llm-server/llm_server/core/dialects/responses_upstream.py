"""Chat completions to OpenAI's responses, for upstreams that speak those; and their answers back."""

import time
from collections.abc import Iterator
from typing import Any

from llm_server.core.calls import Call, Json, message_text
from llm_server.core.dialects.choices import function_named
from llm_server.core.errors import CapabilityMissing


def responses_request(call: Call, upstream_name: str, *, stream: bool) -> Json:
    """The body of ``POST /responses``; nothing is stored at the upstream.

    Raises:
        CapabilityMissing: Several answers or stop texts are asked for, which responses do not have.
    """
    body = call.body
    if int(body.get("n") or 1) > 1:
        raise CapabilityMissing("Responses give one answer a request; leave 'n' at 1.", param="n")
    if body.get("stop"):
        raise CapabilityMissing("Responses know no stop texts.", param="stop")
    request: Json = {
        "model": upstream_name,
        "input": [item for message in call.messages for item in _items(message)],
        "stream": stream,
        "store": False,
    }
    for name in ("temperature", "top_p", "parallel_tool_calls"):
        if body.get(name) is not None:
            request[name] = body[name]
    if call.output_limit:
        request["max_output_tokens"] = call.output_limit
    if body.get("reasoning_effort"):
        request["reasoning"] = {"effort": body["reasoning_effort"]}
    if body.get("tools"):
        request["tools"] = [{"type": "function", **tool["function"]} for tool in body["tools"]]
        request |= _choice(body.get("tool_choice"))
    wanted = body.get("response_format")
    if isinstance(wanted, dict) and wanted.get("type") == "json_schema":
        request["text"] = {"format": {"type": "json_schema", **wanted["json_schema"]}}
    elif isinstance(wanted, dict) and wanted.get("type") == "json_object":
        request["text"] = {"format": {"type": "json_object"}}
    return request


def chat_completion(reply: Json, call: Call) -> Json:
    """A whole answer in chat completions' shape."""
    output = reply.get("output") or []
    text = "".join(
        part.get("text", "")
        for item in output
        if item.get("type") == "message"
        for part in item.get("content") or ()
        if part.get("type") == "output_text"
    )
    calls = [_tool_call(item) for item in output if item.get("type") == "function_call"]
    message: Json = {"role": "assistant", "content": text or None}
    if calls:
        message["tool_calls"] = calls
    return {
        "id": reply.get("id", call.id),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": reply.get("model", ""),
        "choices": [{"index": 0, "message": message, "finish_reason": _finish(reply, has_calls=bool(calls))}],
        "usage": usage_from(reply.get("usage") or {}),
    }


class EventTranslator:
    """Turns the events of a response into chunks of a chat completion."""

    def __init__(self, call_id: str) -> None:
        self._head = {"id": f"chatcmpl-{call_id}", "object": "chat.completion.chunk", "created": int(time.time())}
        self._model = ""
        self._tools: dict[str, int] = {}

    def translate(self, event: Json) -> Iterator[Json]:
        """The chunks that an event becomes; most become one or none."""
        kind = event.get("type")
        if kind == "response.created":
            self._model = (event.get("response") or {}).get("model", "")
            yield self._chunk({"role": "assistant", "content": ""})
        elif kind in {"response.output_text.delta", "response.refusal.delta"}:
            yield self._chunk({"content": event.get("delta", "")})
        elif kind == "response.output_item.added" and (event.get("item") or {}).get("type") == "function_call":
            item = event["item"]
            index = self._tools[str(item.get("id"))] = len(self._tools)
            function = {"name": item.get("name"), "arguments": ""}
            call = {"index": index, "id": item.get("call_id"), "type": "function", "function": function}
            yield self._chunk({"tool_calls": [call]})
        elif kind == "response.function_call_arguments.delta":
            index = self._tools.get(str(event.get("item_id")), 0)
            yield self._chunk({"tool_calls": [{"index": index, "function": {"arguments": event.get("delta", "")}}]})
        elif kind in {"response.completed", "response.incomplete"}:
            response = event.get("response") or {}
            yield self._chunk({}, _finish(response, has_calls=bool(self._tools)))
            usage = usage_from(response.get("usage") or {})
            yield {**self._head, "model": self._model, "choices": [], "usage": usage}

    def _chunk(self, delta: Json, finish: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {**self._head, "model": self._model, "choices": [choice]}


def usage_from(usage: Json) -> Json:
    """Tokens in the words of chat completions."""
    read, written = usage.get("input_tokens") or 0, usage.get("output_tokens") or 0
    cached = (usage.get("input_tokens_details") or {}).get("cached_tokens") or 0
    counts: Json = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    return counts | {"prompt_tokens_details": {"cached_tokens": cached}}


def _finish(reply: Json, *, has_calls: bool) -> str:
    if reply.get("status") == "incomplete":
        reason = (reply.get("incomplete_details") or {}).get("reason")
        return "content_filter" if reason == "content_filter" else "length"
    return "tool_calls" if has_calls else "stop"


def _items(message: Json) -> Iterator[Json]:
    role = message["role"]
    if role == "tool":
        yield {
            "type": "function_call_output",
            "call_id": message.get("tool_call_id"),
            "output": message_text(message),
        }
        return
    content = message.get("content")
    if isinstance(content, list):
        yield {"role": role, "content": [_part(part, role) for part in content]}
    elif content:
        yield {"role": role, "content": content}
    for call in message.get("tool_calls") or ():
        yield {"type": "function_call", "call_id": call.get("id"), **(call.get("function") or {})}


def _part(part: Json, role: str) -> Json:
    if part.get("type") == "image_url":
        return {"type": "input_image", "image_url": part["image_url"]["url"]}
    return {"type": "output_text" if role == "assistant" else "input_text", "text": part.get("text") or ""}


def _choice(choice: Any) -> Json:
    if isinstance(choice, dict):
        return {"tool_choice": {"type": "function", "name": function_named(choice)}}
    return {"tool_choice": choice} if choice else {}


def _tool_call(item: Json) -> Json:
    function = {"name": item.get("name"), "arguments": item.get("arguments") or "{}"}
    return {"id": item.get("call_id"), "type": "function", "function": function}
