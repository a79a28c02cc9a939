import asyncio

import pytest

from orchestrator.features.indexing.writing import all_done


async def test_the_other_work_is_done_before_a_failure_is_told():
    done = []

    async def fail():
        raise OSError("gone")

    async def work():
        await asyncio.sleep(0)
        done.append(True)

    with pytest.raises(OSError, match="gone"):
        await all_done(fail(), work())
    assert done
