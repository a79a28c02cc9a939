"""OpenAI's older completions as callers send them, to chat completions; and our answers back.

A request may hold several prompts. Each is a conversation of its own; the choices of the second follow those of the first.
"""

from collections.abc import Sequence
from typing import Any

from codemuse.errors import InvalidRequest
from llm_server.core.calls import Call, Event, Json, make_event

MAXIMUM_PROMPTS = 64
_INSTRUCTION = "Go on with the text of the user from where it stops. Write nothing but what comes next."
_UNSUPPORTED = ("suffix", "logprobs", "best_of")
_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


def read_prompts(body: Json) -> list[str]:
    """The texts to go on with.

    Raises:
        InvalidRequest: There are none, too many, or they are no texts.
    """
    given = body.get("prompt")
    prompts = given if isinstance(given, list) else [given]
    texts = [prompt for prompt in prompts if isinstance(prompt, str)]
    if texts and len(texts) == len(prompts):
        if len(texts) > MAXIMUM_PROMPTS:
            raise _refusal(f"at most {MAXIMUM_PROMPTS} texts are taken in one request, not {len(texts)}.")
        return texts
    if prompts and all(_is_tokens(prompt) for prompt in prompts):
        message = "arrays of tokens are not taken, for each model counts in its own; send the text, or a list of texts."
        raise _refusal(message, code="unsupported_value")
    raise _refusal("must be a text, or a list of texts.")


def chat_fields(body: Json, prompt: str) -> Json:
    """The fields of the chat request for one of the prompts.

    Raises:
        InvalidRequest: Something is asked that chat models do not give.
    """
    for name in _UNSUPPORTED:
        if body.get(name) not in (None, 0, 1, ""):
            raise InvalidRequest(
                f"{name}: is not supported; use chat completions.", code="unsupported_value", param=name
            )
    ours = {"prompt", "echo", *_UNSUPPORTED}
    messages = [{"role": "system", "content": _INSTRUCTION}, {"role": "user", "content": prompt}]
    return {name: value for name, value in body.items() if name not in ours} | {"messages": messages}


def prompt_of(call: Call) -> str:
    """The text that a call goes on with."""
    return str(call.messages[-1]["content"])


def choices_of(call: Call) -> int:
    """How many answers to its prompt a call asks for."""
    return int(call.body.get("n") or 1)


def first_choice(calls: Sequence[Call], position: int) -> int:
    """The index of the first choice of one of the calls."""
    return sum(choices_of(call) for call in calls[:position])


def reply_from(completions: Sequence[Json], calls: Sequence[Call], *, echo: bool) -> Json:
    """The whole answers to all prompts in completions' shape."""
    choices = []
    for position, completion in enumerate(completions):
        first = first_choice(calls, position)
        before = prompt_of(calls[position]) if echo else ""
        for choice in completion["choices"]:
            text = before + ((choice.get("message") or {}).get("content") or "")
            choices.append(_choice(choice, first, text, choice.get("finish_reason") or "stop"))
    usage = add_usage([completion.get("usage") for completion in completions])
    return _head(completions[0], calls[0].id) | {"choices": choices, "usage": usage}


def echo_event(call: Call) -> Event:
    """An event that says the prompt itself, for callers who want it before the answer."""
    delta = {"content": prompt_of(call)}
    return make_event({"choices": [{"index": index, "delta": delta} for index in range(choices_of(call))]})


def event_from(event: Event, call_id: str, first: int = 0) -> Json:
    """The choices of one event in completions' shape; ``first`` is the index of the first choice of its prompt."""
    choices = [
        _choice(choice, first, (choice.get("delta") or {}).get("content") or "", choice.get("finish_reason"))
        for choice in event.fields.get("choices") or ()
    ]
    return _head(event.fields, call_id) | {"choices": choices}


def add_usage(parts: Sequence[Json | None]) -> Json | None:
    """The tokens of several answers; of one alone, all that its model says of them."""
    told = [part for part in parts if part]
    if len(told) < 2:
        return told[0] if told else None
    return {name: sum(part.get(name) or 0 for part in told) for name in _COUNTS}


def _is_tokens(prompt: Any) -> bool:
    return isinstance(prompt, int) or (isinstance(prompt, list) and all(isinstance(token, int) for token in prompt))


def _refusal(message: str, code: str = "invalid_value") -> InvalidRequest:
    return InvalidRequest(f"prompt: {message}", code=code, param="prompt")


def _choice(choice: Json, first: int, text: str, finish_reason: str | None) -> Json:
    return {
        "index": first + (choice.get("index") or 0),
        "text": text,
        "logprobs": None,
        "finish_reason": finish_reason,
    }


def _head(fields: Json, call_id: str) -> Json:
    created, model = fields.get("created", 0), fields.get("model", "")
    return {"id": f"cmpl-{call_id}", "object": "text_completion", "created": created, "model": model}
