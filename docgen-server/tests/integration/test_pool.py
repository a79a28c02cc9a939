import asyncio
import multiprocessing
import os
import signal

import pytest_asyncio

from codemuse.contracts.common import Language
from docgen_server.core.pool import ParserPool, SourceFile

SLOW = "".join(f"def f{n}(a): return [{n}, a]\n" for n in range(60_000)).encode()


def file(name, data):
    return SourceFile(name, Language.PYTHON, data)


@pytest_asyncio.fixture
async def impatient():
    async with ParserPool(workers=1, timeout_seconds=0.6, memory_bytes=4 * 2**30) as pool:
        yield pool


async def test_a_file_that_takes_too_long_costs_only_itself(impatient):
    facts = await impatient.analyse([file("a.py", b"x = 1\n"), file("slow.py", SLOW), file("b.py", b"y = 1\n")])

    assert [item.reason for item in facts] == [None, "parser_timeout", None]
    assert "0.6 s" in facts[1].message


async def test_a_file_that_takes_its_worker_down_costs_only_itself():
    async with ParserPool(workers=1, timeout_seconds=30, memory_bytes=4 * 2**30) as pool:
        running = asyncio.create_task(pool.analyse([file("slow.py", SLOW * 4)]))
        await asyncio.sleep(0.5)
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal.SIGKILL)
        facts = await running

        assert [item.reason for item in facts] == ["parser_crashed"]
        assert [item.reason for item in await pool.analyse([file("a.py", b"x = 1\n")])] == [None]


async def test_many_files_come_back_in_order(impatient):
    files = [file(f"{n}.py", f"name_{n} = {n}\n".encode()) for n in range(100)]

    facts = await impatient.analyse(files)

    assert [item.definitions[0].name for item in facts] == [f"name_{n}" for n in range(100)]


async def test_a_request_that_is_given_up_leaves_the_pool_usable(impatient):
    running = asyncio.create_task(impatient.analyse([file("slow.py", SLOW)]))
    await asyncio.sleep(0.1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert [item.reason for item in await impatient.analyse([file("a.py", b"x = 1\n")])] == [None]
