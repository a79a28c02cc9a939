"""Work that goes on beside everything else until a service closes."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from codemuse.logging import get_logger

_log = get_logger(__name__)

AGAIN_AFTER_SECONDS = 0.5


def keep_running(stack: AsyncExitStack, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run ``work`` until the stack closes; should it end by an error before that, the log says so."""
    task = asyncio.create_task(work(), name=getattr(work, "__qualname__", None))
    task.add_done_callback(_log_error)
    stack.push_async_callback(end_task, task)


async def end_task(task: asyncio.Task[Any]) -> None:
    """Cancel a task until it has ended.

    Once is not always enough: a driver in the middle of a call may turn the cancellation into an error of its own, which
    the task then survives as it is meant to survive errors.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=AGAIN_AFTER_SECONDS)
    if not task.cancelled():
        task.exception()


def _log_error(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        _log.error("background work ended", work=task.get_name(), exc_info=error)
