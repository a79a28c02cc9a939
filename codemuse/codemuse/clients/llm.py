"""Client of llm-server."""

from collections.abc import AsyncIterator, Mapping

from codemuse.contracts.embedding import ModelList
from codemuse.contracts.llm import ChatChunk, ChatReply, ChatRequest, OpenAIError
from codemuse.errors import DependencyFailed
from codemuse.http import ServiceClient

_ANSWER_SECONDS = 600.0
Headers = Mapping[str, str]


class LlmClient:
    """Messages to tokens. ``caller`` says on whose behalf, in the headers of ``codemuse.contracts.providers``."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service

    async def complete(self, body: ChatRequest, *, caller: Headers | None = None) -> ChatReply:
        """The whole answer at once."""
        return await self.service.call(
            "POST",
            "/v1/chat/completions",
            ChatReply,
            body=body,
            headers=caller,
            idempotent=False,
            timeout_seconds=_ANSWER_SECONDS,
        )

    async def stream(self, body: ChatRequest, *, caller: Headers | None = None) -> AsyncIterator[ChatChunk]:
        """The events of a streamed answer; closing the iterator aborts the answer upstream.

        Raises:
            DependencyFailed: The stream ended with an error event; what came before it stands.
        """
        async with self.service.stream(
            "POST", "/v1/chat/completions", body=body, headers=caller, timeout_seconds=_ANSWER_SECONDS
        ) as response:
            async for line in response.aiter_lines():
                if not line.startswith("data:"):
                    continue
                data = line.removeprefix("data:").strip()
                if data == "[DONE]":
                    return
                if '"error"' in data and '"choices"' not in data:
                    error = OpenAIError.model_validate_json(data).error
                    raise DependencyFailed(error.message, code=error.code or "llm_failed")
                yield ChatChunk.model_validate_json(data)

    async def list_models(self) -> ModelList:
        """The models that can be asked for."""
        return await self.service.call("GET", "/v1/models", ModelList)
