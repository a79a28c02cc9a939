"""Background work ends when the service closes, whatever it is doing."""

import asyncio
from contextlib import AsyncExitStack

from structlog.testing import capture_logs

from codemuse import background
from codemuse.background import end_task, keep_running


async def test_work_runs_until_the_stack_closes():
    ended = []

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    async with AsyncExitStack() as stack:
        keep_running(stack, work)
        await asyncio.sleep(0)
        assert not ended
    assert ended


async def test_work_that_mistakes_the_cancellation_for_an_error_ends_too(monkeypatch):
    monkeypatch.setattr(background, "AGAIN_AFTER_SECONDS", 0.01)
    survived = []

    async def work():
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if survived:
                    raise
                survived.append(True)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await asyncio.wait_for(end_task(task), 5)
    assert survived
    assert task.cancelled()


async def test_work_that_has_failed_does_not_disturb_the_closing():
    async def work():
        raise RuntimeError("broken")

    async with AsyncExitStack() as stack:
        keep_running(stack, work)
        await asyncio.sleep(0)


async def test_work_that_ends_by_an_error_is_told_at_once():
    async def work():
        raise ValueError("nobody looks after it")

    async with AsyncExitStack() as stack:
        with capture_logs() as logs:
            keep_running(stack, work)
            await asyncio.sleep(0.01)
    (entry,) = logs
    assert entry["log_level"] == "error"
    assert str(entry["exc_info"]) == "nobody looks after it"
