"""Snapshots of a Qdrant server over its own HTTP routes: streamed to a file and back, however large.

The client library reads a snapshot's name but not its content, and gives up after seconds where the server takes minutes.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

from codemuse.errors import CodeMuseError, DependencyFailed, Unavailable

SNAPSHOT_FILE = "collection.snapshot"
PATIENCE = httpx.Timeout(10.0, read=1_800.0, write=1_800.0)


class _Created(BaseModel):
    class _Description(BaseModel):
        name: str
        checksum: str | None = None

    result: _Description


class ServerSnapshots:
    """Makes, fetches and brings back snapshots of collections."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def save(self, collection: str, folder: Path) -> None:
        """Have a snapshot made and write it into a folder; the server keeps none.

        Raises:
            CodeMuseError: The server cannot be reached, refuses, or sends something else than it made.
        """
        base = f"/collections/{collection}/snapshots"
        made = _read(await self._call("POST", base))
        try:
            await asyncio.to_thread(folder.mkdir, parents=True)
            digest = await self._download(f"{base}/{made.name}", folder / SNAPSHOT_FILE)
        finally:
            await self._call("DELETE", f"{base}/{made.name}")
        if made.checksum is not None and made.checksum != digest:
            raise DependencyFailed("The snapshot did not arrive as Qdrant made it.", code="snapshot_damaged")

    async def load(self, folder: Path, collection: str) -> None:
        """Make a collection from a snapshot.

        Raises:
            CodeMuseError: The server cannot be reached or refuses it.
        """
        with await asyncio.to_thread((folder / SNAPSHOT_FILE).open, "rb") as snapshot:
            files = {"snapshot": (SNAPSHOT_FILE, snapshot, "application/octet-stream")}
            path = f"/collections/{collection}/snapshots/upload"
            await self._call("POST", path, params={"wait": "true", "priority": "snapshot"}, files=files)

    async def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            reply = await self._client.request(method, path, timeout=PATIENCE, **options)
        except httpx.HTTPError as error:
            raise _unreachable(error) from error
        _refuse(reply)
        return reply

    async def _download(self, path: str, target: Path) -> str:
        digest = hashlib.sha256()
        try:
            async with self._client.stream("GET", path, timeout=PATIENCE) as reply:
                _refuse(reply)
                with await asyncio.to_thread(target.open, "wb") as written:
                    async for part in _large_parts(reply):
                        digest.update(part)
                        await asyncio.to_thread(written.write, part)
        except httpx.HTTPError as error:
            raise _unreachable(error) from error
        return digest.hexdigest()


async def _large_parts(reply: httpx.Response) -> AsyncIterator[bytes]:
    async for part in reply.aiter_bytes(2**20):
        yield part


def _read(reply: httpx.Response) -> "_Created._Description":
    try:
        return _Created.model_validate_json(reply.content).result
    except ValidationError:
        raise DependencyFailed("Qdrant made no snapshot.", code="snapshot_failed") from None


def _refuse(reply: httpx.Response) -> None:
    if reply.is_error:
        message = f"Qdrant answered {reply.status_code} when it was asked for a snapshot."
        raise DependencyFailed(message, code="snapshot_failed")


def _unreachable(error: httpx.HTTPError) -> CodeMuseError:
    return Unavailable(f"Qdrant cannot be reached for a snapshot ({type(error).__name__}).")
