"""The extractive answerer as a provider like any other."""

import time
from collections.abc import Sequence

from codemuse.contracts.llm import ChatMessage
from llm_server.core.calls import Call, Completion, Json, make_completion, make_event
from llm_server.core.errors import CapabilityMissing
from llm_server.core.extractive.answer import compose
from llm_server.core.extractive.prompt import read_prompt
from llm_server.core.model import Kind, Model
from llm_server.core.providers.provider import Events, refuse_embedding
from llm_server.core.tokens import TokenCounter

MODEL = "extractive"
EXTRACTIVE = Model(
    name=MODEL, kind=Kind.EXTRACTIVE, title="The extractive answerer", capabilities=frozenset({"stream"})
)


class ExtractiveProvider:
    """Answers with passages of the sources in the prompt, and says which models were to answer instead."""

    def __init__(self) -> None:
        self._counter = TokenCounter(MODEL)

    async def complete(self, call: Call) -> Completion:
        """The answer."""
        text = _answer(call)
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return make_completion(_head(call, "chat.completion") | {"choices": [choice], "usage": self._usage(call, text)})

    async def stream(self, call: Call) -> Events:
        """The answer, a line an event."""
        text = _answer(call)
        head = _head(call, "chat.completion.chunk")
        deltas: list[Json] = [{"role": "assistant", "content": ""}]
        deltas += [{"content": line} for line in text.splitlines(keepends=True)]
        events = [
            make_event(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}) for delta in deltas
        ]
        events.append(make_event(head | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
        events.append(make_event(head | {"choices": [], "usage": self._usage(call, text)}))
        for event in events:
            yield [event]

    async def embed(self, _call: Call) -> Completion:
        """It has no vectors."""
        raise refuse_embedding(EXTRACTIVE)

    async def models(self, _call: Call) -> Sequence[str]:
        """Its one name."""
        return (MODEL,)

    def count_tokens(self, call: Call) -> int:
        """As for an unknown model."""
        return self._counter.count_messages(call.messages)

    def _usage(self, call: Call, text: str) -> Json:
        read, written = self.count_tokens(call), self._counter.count_text(text)
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _answer(call: Call) -> str:
    if int(call.body.get("n") or 1) > 1:
        raise CapabilityMissing("The extractive answerer gives one answer; leave 'n' at 1.", param="n")
    prompt = read_prompt([ChatMessage.model_validate(message) for message in call.messages])
    return compose(prompt, missing=call.trace.failed, chosen=call.body.get("model") == MODEL)


def _head(call: Call, kind: str) -> Json:
    return {"id": f"chatcmpl-{call.id}", "object": kind, "created": int(time.time()), "model": MODEL}
