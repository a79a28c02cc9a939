"""The log of prompts on its way to Postgres: nothing is lost between writers, nor while Postgres will not have it."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from llm_server.core.calls import Call, Caller
from llm_server.core.recording.recorder import Recorder


@pytest.fixture
def recorder(engine) -> Recorder:
    recorder = Recorder(engine)
    recorder.use({"acme"}, {"acme": 30})
    return recorder


def record(recorder: Recorder, *numbers: int) -> None:
    for number in numbers:
        call = Call({"messages": [{"role": "user", "content": "Hello"}]}, Caller("acme"))
        recorder.record(call, str(number), "ok")


async def written(engine) -> list[int]:
    async with engine.connect() as connection:
        answers = await connection.scalars(text("SELECT answer FROM llm.prompt_log"))
        return sorted(int(answer) for answer in answers)


async def test_two_who_write_at_once_lose_nothing(recorder, engine) -> None:
    record(recorder, *range(350))
    await asyncio.gather(recorder.flush(), recorder.flush(), recorder.flush())
    assert await written(engine) == list(range(350))


async def test_what_comes_while_some_is_written_is_written_too(recorder, engine) -> None:
    record(recorder, *range(1000))
    writing = asyncio.create_task(recorder.flush())
    await asyncio.sleep(0)
    record(recorder, *range(1000, 1050))
    await writing
    await recorder.flush()
    assert await written(engine) == list(range(1050))


async def test_what_postgres_would_not_have_is_written_later(recorder, engine) -> None:
    record(recorder, *range(120))
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE llm.prompt_log RENAME TO elsewhere"))
    with pytest.raises(SQLAlchemyError):
        await recorder.flush()
    record(recorder, *range(120, 1010))
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE llm.elsewhere RENAME TO prompt_log"))
    await recorder.flush()
    assert await written(engine) == list(range(10, 1010))
