"""Any server that speaks OpenAI's chat completions: OpenAI, vLLM, Ollama, llama.cpp, Anthropic's compatible address."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from pydantic import SecretStr, ValidationError

from codemuse.contracts.llm import ChatChunk, ChatRequest
from codemuse.errors import CodeMuseError, DependencyFailed, InvalidInput, TooManyRequests, Unavailable
from codemuse.logging import mask

_EXPLANATION_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model behind an address. Times in seconds."""

    name: str
    base_url: str
    model: str
    api_key: SecretStr | None
    first_token_seconds: float
    stall_seconds: float


class OpenAICompatibleProvider:
    """One model of one server."""

    def __init__(self, endpoint: Endpoint, client: httpx.AsyncClient) -> None:
        self._endpoint = endpoint
        self._client = client

    @property
    def models(self) -> Sequence[str]:
        """The model of the endpoint."""
        return (self._endpoint.model,)

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        """Ask for a stream and pass its events on."""
        async with self._open(request) as lines:
            patience = self._endpoint.first_token_seconds
            finished = False
            while True:
                try:
                    data = await asyncio.wait_for(anext(lines, None), patience)
                except TimeoutError:
                    raise self._unavailable("fell silent", "llm_stalled") from None
                except httpx.HTTPError:
                    raise self._unavailable("broke off", "llm_interrupted") from None
                if data is None or data == "[DONE]":
                    break
                event = self._read(data)
                finished = finished or any(choice.finish_reason for choice in event.choices)
                patience = self._endpoint.stall_seconds
                yield event
            if not finished:
                raise self._unavailable("ended before its answer did", "llm_interrupted")

    @asynccontextmanager
    async def _open(self, request: ChatRequest) -> AsyncIterator[AsyncIterator[str]]:
        body = self._body(request)
        timeout = httpx.Timeout(None, connect=5.0, pool=5.0)
        headers = {"Content-Type": "application/json"}
        if self._endpoint.api_key is not None:
            headers["Authorization"] = f"Bearer {self._endpoint.api_key.get_secret_value()}"
        url = f"{self._endpoint.base_url.rstrip('/')}/chat/completions"
        upstream = self._client.build_request("POST", url, content=orjson.dumps(body), headers=headers, timeout=timeout)
        try:
            response = await asyncio.wait_for(
                self._client.send(upstream, stream=True), self._endpoint.first_token_seconds
            )
        except (TimeoutError, httpx.HTTPError):
            raise self._unavailable("does not answer", "llm_unreachable") from None
        try:
            if response.is_error:
                raise self._refusal(response, await response.aread())
            yield _data_lines(response)
        finally:
            await response.aclose()

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        body = request.model_dump(exclude_none=True)
        return {**body, "model": self._endpoint.model, "stream": True, "stream_options": {"include_usage": True}}

    def _read(self, data: str) -> ChatChunk:
        try:
            fields = orjson.loads(data)
            if "error" in fields and not fields.get("choices"):
                raise DependencyFailed(f"{self._endpoint.name}: {_explanation(fields)}", code="llm_failed")
            return ChatChunk.model_validate(
                {
                    "id": "",
                    "created": 0,
                    "choices": [],
                    **fields,
                    "model": self._endpoint.model,
                    "object": "chat.completion.chunk",
                }
            )
        except (orjson.JSONDecodeError, ValidationError, TypeError):
            message = f"{self._endpoint.name} sent an event that cannot be read."
            raise DependencyFailed(message, code="llm_malformed") from None

    def _refusal(self, response: httpx.Response, content: bytes) -> CodeMuseError:
        try:
            explanation = _explanation(orjson.loads(content))
        except orjson.JSONDecodeError:
            explanation = f"status {response.status_code}"
        message = f"{self._endpoint.name}: {explanation}"
        if response.status_code in {401, 403}:
            return DependencyFailed(f"{message} (check the API key)", code="llm_key_refused")
        if response.status_code == 429:
            wait = response.headers.get("Retry-After", "")
            return TooManyRequests(message, code="llm_rate_limited", retry_after=float(wait) if wait.isdigit() else 5.0)
        if response.status_code >= 500 or response.status_code in {404, 408, 409}:
            return DependencyFailed(message, code="llm_failed")
        return InvalidInput(message, code="llm_refused")

    def _unavailable(self, what: str, code: str) -> Unavailable:
        return Unavailable(f"{self._endpoint.name} {what}.", code=code, retry_after=5)


async def _data_lines(response: httpx.Response) -> AsyncIterator[str]:
    async for line in response.aiter_lines():
        if line.startswith("data:"):
            yield line.removeprefix("data:").strip()


def _explanation(fields: Any) -> str:
    error = fields.get("error", fields) if isinstance(fields, dict) else fields
    message = error.get("message", "no reason given") if isinstance(error, dict) else error
    return mask(str(message))[:_EXPLANATION_CHARACTERS]
