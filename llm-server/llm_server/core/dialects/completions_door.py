"""OpenAI's older completions as callers send them, to chat completions; and our answers back."""

from codemuse.errors import InvalidRequest
from llm_server.core.calls import Event, Json

_INSTRUCTION = "Go on with the text of the user from where it stops. Write nothing but what comes next."
_UNSUPPORTED = ("suffix", "logprobs", "best_of")


def chat_fields(body: Json) -> Json:
    """The fields of a chat request.

    Raises:
        InvalidRequest: There is not one text to go on with, or something is asked that chat models do not give.
    """
    prompt = body.get("prompt")
    if isinstance(prompt, list) and len(prompt) == 1:
        prompt = prompt[0]
    if not isinstance(prompt, str):
        raise InvalidRequest("prompt: must be one text.", code="invalid_value", param="prompt")
    for name in _UNSUPPORTED:
        if body.get(name) not in (None, 0, 1):
            raise InvalidRequest(
                f"{name}: is not supported; use chat completions.", code="unsupported_value", param=name
            )
    ours = {"prompt", "echo", *_UNSUPPORTED}
    messages = [{"role": "system", "content": _INSTRUCTION}, {"role": "user", "content": prompt}]
    return {name: value for name, value in body.items() if name not in ours} | {"messages": messages}


def reply_from(completion: Json, call_id: str, echo: str) -> Json:
    """A whole answer in completions' shape."""
    choices = [
        {
            "index": choice.get("index", 0),
            "text": echo + ((choice.get("message") or {}).get("content") or ""),
            "logprobs": None,
            "finish_reason": choice.get("finish_reason") or "stop",
        }
        for choice in completion["choices"]
    ]
    return _head(completion, call_id) | {"choices": choices, "usage": completion.get("usage")}


def event_from(event: Event, call_id: str) -> Json:
    """One event in completions' shape."""
    choices = [
        {
            "index": choice.get("index", 0),
            "text": (choice.get("delta") or {}).get("content") or "",
            "logprobs": None,
            "finish_reason": choice.get("finish_reason"),
        }
        for choice in event.fields.get("choices") or ()
    ]
    usage = {"usage": event.fields["usage"]} if event.fields.get("usage") else {}
    return _head(event.fields, call_id) | {"choices": choices} | usage


def _head(fields: Json, call_id: str) -> Json:
    created, model = fields.get("created", 0), fields.get("model", "")
    return {"id": f"cmpl-{call_id}", "object": "text_completion", "created": created, "model": model}
