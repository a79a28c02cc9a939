"""The extractive answerer as a provider like any other."""

import time
import uuid
from collections.abc import AsyncIterator, Sequence

from codemuse.contracts.llm import ChatChunk, ChatRequest, ChunkChoice, Delta, Usage
from llm_server.core.extractive.answer import compose
from llm_server.core.extractive.prompt import read_prompt

MODEL = "extractive"
_CHARACTERS_A_TOKEN = 4


class ExtractiveProvider:
    """Answers with passages of the sources in the prompt.

    Args:
        configured_models: Models that were to answer instead; the answer says why they did not.
    """

    def __init__(self, configured_models: Sequence[str] = ()) -> None:
        self._configured_models = configured_models

    @property
    def models(self) -> Sequence[str]:
        """Its one name."""
        return (MODEL,)

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        """The answer, a line an event."""
        prompt = read_prompt(request.messages)
        asked_for = request.model == MODEL
        text = compose(prompt, missing=() if asked_for else self._configured_models)
        answer_id, created = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())

        def event(delta: Delta, finish_reason: str | None = None, usage: Usage | None = None) -> ChatChunk:
            choice = ChunkChoice(delta=delta, finish_reason=finish_reason)
            return ChatChunk(id=answer_id, created=created, model=MODEL, choices=[choice], usage=usage)

        yield event(Delta(role="assistant", content=""))
        for line in text.splitlines(keepends=True):
            yield event(Delta(content=line))
        read = sum(len(message.text()) for message in request.messages) // _CHARACTERS_A_TOKEN
        written = len(text) // _CHARACTERS_A_TOKEN
        yield event(Delta(), "stop", Usage(prompt_tokens=read, completion_tokens=written, total_tokens=read + written))
