"""What people do with a page while a generation is under way is not lost."""

import asyncio
from contextlib import contextmanager

import psycopg
import pytest
from document_steps import FILES, generate, listed, read

from codemuse.testing import eventually

EDITED = "UPDATE docgen.documents SET revision = 2, origin = 'edited', author = 'Mina', is_edited = true WHERE id = %s"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
WITHOUT_ITEM = {path: text for path, text in FILES.items() if path != "shop/item.py"}


@contextmanager
def connected(docgen, **options):
    with psycopg.connect(docgen.settings.database_url.get_secret_value(), **options) as connection:
        yield connection


async def until_somebody_waits(docgen):
    with connected(docgen, autocommit=True) as onlooker:
        await eventually(lambda: onlooker.execute(WAITING).fetchone()[0], seconds=30)


@pytest.mark.parametrize("change", [EDITED, "UPDATE docgen.documents SET own_title = 'Things' WHERE id = %s"])
async def test_a_page_that_is_edited_while_its_source_goes_stays(docgen, change):
    await generate(docgen)
    page = await read(docgen, "shop/item.py")
    with connected(docgen) as person:
        person.execute("SELECT 1 FROM docgen.documents WHERE id = %s FOR UPDATE", [page["id"]])
        generating = asyncio.create_task(generate(docgen, WITHOUT_ITEM))
        await until_somebody_waits(docgen)
        person.execute(change, [page["id"]])
        person.commit()

    assert (await generating)["removed"] == 0
    assert (await read(docgen, "shop/item.py"))["metadata"]["stale"]


async def test_a_page_that_another_generation_wrote_and_somebody_edited_stays(docgen):
    await generate(docgen)
    page = await read(docgen, "shop/item.py")
    with connected(docgen) as person:
        person.execute("CREATE TEMP TABLE theirs AS SELECT * FROM docgen.documents WHERE id = %s", [page["id"]])
        person.execute("DELETE FROM docgen.documents WHERE id = %s", [page["id"]])
        person.commit()
        person.execute("INSERT INTO docgen.documents SELECT * FROM theirs")
        person.execute(EDITED, [page["id"]])
        generating = asyncio.create_task(generate(docgen))
        await until_somebody_waits(docgen)
        person.commit()

    await generating
    with connected(docgen) as onlooker:
        row = onlooker.execute("SELECT revision, author, is_edited FROM docgen.documents WHERE id = %s", [page["id"]])
        assert row.fetchone() == (2, "Mina", True)
    assert "shop/item.py" in await listed(docgen)
