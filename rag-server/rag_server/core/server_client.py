"""A Qdrant server's client whose failures are ours: whoever waits for Qdrant is told so, and may try again."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from grpc.aio import AioRpcError  # type: ignore[import-untyped]
from qdrant_client import AsyncQdrantClient
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException

from codemuse.errors import Unavailable

RETRY_SECONDS = 5.0
_REASON_LENGTH = 200


def translated(client: AsyncQdrantClient) -> AsyncQdrantClient:
    """The same client, of which every call raises ``Unavailable`` when the server does not answer, or not as it should."""
    return cast("AsyncQdrantClient", _Translated(client))


class _Translated:
    """Stands before the client, so that no call can be made past the translation."""

    def __init__(self, client: AsyncQdrantClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._client, name)

        async def call(*args: Any, **options: Any) -> Any:
            try:
                return await method(*args, **options)
            except (ApiException, QdrantException, AioRpcError) as error:
                raise _unavailable(error) from error

        return call


def _unavailable(error: Exception) -> Unavailable:
    reason = " ".join(str(error).split())[:_REASON_LENGTH]
    wait = getattr(error, "retry_after_s", RETRY_SECONDS)
    return Unavailable(f"Qdrant does not answer as it should: {reason}", retry_after=wait)
