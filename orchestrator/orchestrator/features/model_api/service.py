"""Hands requests of stock clients on to llm-server as they are, with who is calling."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from codemuse.contracts.accounts import ApiKeyScope
from codemuse.contracts.providers import caller_headers
from codemuse.http import ServiceClient
from orchestrator.core.principal import Principal

_ANSWER_SECONDS = 600.0
_PASSED_ON = ("content-type", "x-codemuse-cache", "x-codemuse-truncation")
_LIMIT = "x-ratelimit-"


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply under way; its chunks must be read or closed."""

    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


class ModelApiService:
    """Answers of llm-server for people and their keys."""

    def __init__(self, llm: ServiceClient) -> None:
        self._llm = llm

    async def forward(self, principal: Principal, method: str, path: str, body: bytes | None) -> Answer:
        """Send a request on and hand its reply out as it comes.

        Raises:
            CodeMuseError: The key lacks the scope ``chat``, or what llm-server answered.
        """
        principal.require(ApiKeyScope.CHAT)
        caller = caller_headers(
            organisation=principal.organisation_id,
            user=principal.user_id,
            role="member",
            key=principal.api_key_id,
        )
        stack = AsyncExitStack()
        response = await stack.enter_async_context(
            self._llm.stream(
                method,
                path,
                content=body,
                headers={**caller, "Content-Type": "application/json"},
                timeout_seconds=_ANSWER_SECONDS,
            )
        )

        async def chunks() -> AsyncIterator[bytes]:
            async with stack:
                async for chunk in response.aiter_bytes():
                    yield chunk

        headers = {
            name: value for name, value in response.headers.items() if name in _PASSED_ON or name.startswith(_LIMIT)
        }
        return Answer(headers, chunks())
