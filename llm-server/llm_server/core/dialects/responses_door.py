"""OpenAI's responses as callers send them, to chat completions; and our answers back. Nothing is stored between requests."""

import time
from collections.abc import Iterator
from typing import Any

from codemuse.errors import InvalidRequest
from llm_server.core.calls import Event, Json, message_text
from llm_server.core.checking import check_shape
from llm_server.core.dialects.shapes import ResponsesShape

_ROLES = frozenset({"user", "assistant", "system", "developer"})


def chat_fields(body: Json) -> Json:
    """The fields of a chat request.

    Raises:
        InvalidRequest: The body is no request for a response, or wants one to be remembered.
    """
    if body.get("previous_response_id") or body.get("conversation"):
        message = "Responses are not stored here; send the conversation as 'input'."
        raise InvalidRequest(message, code="unsupported_value", param="previous_response_id")
    check_shape(ResponsesShape, body)
    messages: list[Json] = []
    if body.get("instructions"):
        messages.append({"role": "system", "content": body["instructions"]})
    if isinstance(body["input"], str):
        messages.append({"role": "user", "content": body["input"]})
    else:
        for item in body["input"]:
            _add(messages, item)
    fields: Json = {
        "model": body.get("model", "default"),
        "messages": messages,
        "stream": bool(body.get("stream")),
        "max_tokens": body.get("max_output_tokens"),
        "tools": [_tool(tool) for tool in body["tools"]] if body.get("tools") else None,
        "tool_choice": _choice(body.get("tool_choice")),
        "response_format": _format((body.get("text") or {}).get("format")),
        "reasoning_effort": (body.get("reasoning") or {}).get("effort"),
        **{name: body.get(name) for name in ("temperature", "top_p", "parallel_tool_calls", "truncation")},
    }
    return {name: value for name, value in fields.items() if value is not None}


def reply_from(completion: Json, call_id: str, body: Json) -> Json:
    """A whole answer as a response."""
    choice = completion["choices"][0]
    message = choice.get("message") or {}
    output = [_message_item(call_id, message["content"])] if message.get("content") else []
    output += [_call_item(call) for call in message.get("tool_calls") or ()]
    usage = _usage(completion.get("usage") or {})
    return (
        _response(call_id, body, completion.get("model", ""), output)
        | _ending(choice.get("finish_reason"))
        | {"usage": usage}
    )


class EventWriter:
    """Turns the events of a chat completion into those of a response."""

    def __init__(self, call_id: str, body: Json) -> None:
        self._call_id = call_id
        self._body = body
        self._model = ""
        self._sequence = -1
        self._done: list[Json] = []
        self._text: list[str] | None = None
        self._call: Json | None = None
        self._finish_reason: str | None = None
        self._usage: Json = {}

    def write(self, event: Event) -> Iterator[Json]:
        """The events that one event becomes."""
        if self._sequence < 0:
            self._model = event.fields.get("model", "")
            begun = _response(self._call_id, self._body, self._model, []) | {"status": "in_progress", "usage": None}
            yield self._event("response.created", response=begun)
            yield self._event("response.in_progress", response=begun)
        if event.fields.get("usage"):
            self._usage = event.fields["usage"]
        delta = event.delta
        if delta.get("content"):
            yield from self._say(delta["content"])
        for call in delta.get("tool_calls") or ():
            yield from self._tool(call)
        self._finish_reason = event.finish_reason or self._finish_reason

    def end(self) -> Iterator[Json]:
        """The events after the last one."""
        yield from self._close()
        ending = _ending(self._finish_reason)
        response = _response(self._call_id, self._body, self._model, self._done) | ending
        kind = "response.completed" if ending["status"] == "completed" else "response.incomplete"
        yield self._event(kind, response=response | {"usage": _usage(self._usage)})

    def fail(self, code: str, message: str) -> Json:
        """The event of an answer that broke off."""
        return self._event("error", code=code, message=message, param=None)

    def _say(self, text: str) -> Iterator[Json]:
        where = {"item_id": f"msg_{self._call_id}", "output_index": len(self._done), "content_index": 0}
        if self._text is None:
            yield from self._close()
            self._text = []
            item = _message_item(self._call_id, "") | {"status": "in_progress", "content": []}
            where["output_index"] = len(self._done)
            yield self._event("response.output_item.added", output_index=len(self._done), item=item)
            yield self._event("response.content_part.added", **where, part=_text_part(""))
        self._text.append(text)
        yield self._event("response.output_text.delta", **where, delta=text, logprobs=[])

    def _tool(self, call: Json) -> Iterator[Json]:
        function = call.get("function") or {}
        if call.get("id"):
            yield from self._close()
            self._call = {"id": call["id"], "function": {"name": function.get("name"), "arguments": ""}}
            item = _call_item(self._call) | {"status": "in_progress"}
            yield self._event("response.output_item.added", output_index=len(self._done), item=item)
        if self._call is not None and function.get("arguments"):
            self._call["function"]["arguments"] += function["arguments"]
            where = {"item_id": f"fc_{self._call['id']}", "output_index": len(self._done)}
            yield self._event("response.function_call_arguments.delta", **where, delta=function["arguments"])

    def _close(self) -> Iterator[Json]:
        index = len(self._done)
        if self._text is not None:
            text, self._text = "".join(self._text), None
            where = {"item_id": f"msg_{self._call_id}", "output_index": index, "content_index": 0}
            yield self._event("response.output_text.done", **where, text=text, logprobs=[])
            yield self._event("response.content_part.done", **where, part=_text_part(text))
            item = _message_item(self._call_id, text)
        elif self._call is not None:
            item, self._call = _call_item(self._call), None
            where = {"item_id": item["id"], "output_index": index, "name": item["name"]}
            yield self._event("response.function_call_arguments.done", **where, arguments=item["arguments"])
        else:
            return
        self._done.append(item)
        yield self._event("response.output_item.done", output_index=index, item=item)

    def _event(self, kind: str, **fields: Any) -> Json:
        self._sequence += 1
        return {"type": kind, "sequence_number": self._sequence, **fields}


def _response(call_id: str, body: Json, model: str, output: list[Json]) -> Json:
    return {
        "id": f"resp_{call_id}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "metadata": body.get("metadata") or {},
        "model": model,
        "output": output,
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "temperature": body.get("temperature"),
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p"),
        "store": False,
    }


def _ending(finish_reason: str | None) -> Json:
    reasons = {"length": "max_output_tokens", "content_filter": "content_filter"}
    if finish_reason in reasons:
        return {"status": "incomplete", "incomplete_details": {"reason": reasons[finish_reason]}}
    return {"status": "completed"}


def _text_part(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _message_item(call_id: str, text: str) -> Json:
    head = {"id": f"msg_{call_id}", "type": "message", "role": "assistant", "status": "completed"}
    return {**head, "content": [_text_part(text)]}


def _call_item(call: Json) -> Json:
    function = call.get("function") or {}
    head = {"id": f"fc_{call.get('id')}", "type": "function_call", "call_id": call.get("id"), "status": "completed"}
    return {**head, "name": function.get("name"), "arguments": function.get("arguments") or "{}"}


def _add(messages: list[Json], item: Json) -> None:
    kind = item.get("type", "message")
    if kind == "message" and item.get("role") in _ROLES:
        content = item.get("content")
        parts = [_part(part) for part in content] if isinstance(content, list) else content
        messages.append({"role": item["role"], "content": parts})
    elif kind == "function_call":
        function = {"name": item.get("name"), "arguments": item.get("arguments") or "{}"}
        call = {"id": item.get("call_id"), "type": "function", "function": function}
        if messages and messages[-1].get("tool_calls"):
            messages[-1]["tool_calls"].append(call)
        else:
            messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
    elif kind == "function_call_output":
        output = item.get("output")
        text = message_text({"content": output})
        messages.append({"role": "tool", "tool_call_id": item.get("call_id"), "content": text})
    elif kind != "reasoning":
        raise InvalidRequest(f"input: items of type '{kind}' are not supported.", code="invalid_value", param="input")


def _part(part: Json) -> Json:
    if part.get("type") == "input_image":
        return {"type": "image_url", "image_url": {"url": part.get("image_url") or ""}}
    return {"type": "text", "text": part.get("text", "")}


def _tool(tool: Json) -> Json:
    if tool.get("type") != "function":
        raise InvalidRequest("tools: only functions are supported.", code="invalid_tool", param="tools")
    return {"type": "function", "function": {name: value for name, value in tool.items() if name != "type"}}


def _choice(choice: Any) -> Any:
    if isinstance(choice, dict):
        return {"type": "function", "function": {"name": choice.get("name")}}
    return choice


def _format(wanted: Json | None) -> Json | None:
    if wanted is None or wanted.get("type") in {None, "text"}:
        return None
    if wanted["type"] == "json_schema":
        schema = {name: value for name, value in wanted.items() if name != "type"}
        return {"type": "json_schema", "json_schema": schema}
    return {"type": "json_object"}


def _usage(usage: Json) -> Json:
    read, written = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": cached},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": read + written,
    }
