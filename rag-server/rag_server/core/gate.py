"""Many may pass at once, or the gate is closed for one who must be alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Keeps writes apart from changes of what is written to. Whoever wants to be alone goes ahead of later passers."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._passing = 0
        self._closed = False

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Go through as soon as it is open."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._closed)
            self._passing += 1
        try:
            yield
        finally:
            async with self._changed:
                self._passing -= 1
                self._changed.notify_all()

    @asynccontextmanager
    async def closed(self) -> AsyncIterator[None]:
        """Let nobody in, and wait until all who are in have left."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._closed)
            self._closed = True
            try:
                await self._changed.wait_for(lambda: self._passing == 0)
            except BaseException:
                self._open()
                raise
        try:
            yield
        finally:
            async with self._changed:
                self._open()

    def _open(self) -> None:
        self._closed = False
        self._changed.notify_all()
