"""Openings of pages by a language model: docgen-server, the real llm-server and a scripted model behind it."""

import asyncio
import re
import threading

import pytest
import redis
from docgen_stage import speaking
from document_steps import generate, listed, read
from llm_stage import serving
from scripted_model import ScriptedModel

from codemuse.testing import SERVICE_TOKEN, free_port
from llm_server.core.settings import Settings as LlmSettings

ASKS = {".codemuse.toml": "[documents]\nsummaries = true\n"}
FILES = {
    "README.md": "# Shop\n\nIt sells things.\n",
    "shop/cart.py": 'import shop.item\n\n\nclass Cart:\n    """Holds items."""\n\n\ndef buy(cart: Cart) -> None:\n    """Buys all."""\n',
    "shop/item.py": "class Item:\n    pass\n\n\nclass Gift(Item):\n    pass\n",
}
PAGES = 3
"""Of the package and of its two modules."""


def honest(prompt):
    """A sentence about the first definition that it is shown, with its source."""
    number, symbol = re.search(
        r'<source number="(\d+)"[^>]*symbol="(\w+)"', prompt + '<source number="1" symbol="Cart"'
    ).groups()
    return f"The code offers `{symbol}`. [{number}]"


@pytest.fixture
def model():
    with ScriptedModel() as scripted:
        scripted.answer = honest
        yield scripted


@pytest.fixture
def redis_url(redis_server):
    """A Redis in which no answer of another test is kept."""
    redis.Redis.from_url(redis_server).flushall()
    return redis_server


@pytest.fixture
async def llm_url(model, postgres_url, redis_url):
    settings = LlmSettings(
        service_token=SERVICE_TOKEN, database_url=postgres_url, redis_url=redis_url, llm_base_url=model.url,
        llm_model="scripted", _env_file=None,
    )  # fmt: skip
    async with serving(settings) as url:
        yield url


@pytest.fixture
async def docgen(settings, llm_url):
    async with speaking(settings.model_copy(update={"llm_server_url": llm_url})) as docgen:
        yield docgen


async def section(docgen, path, key="summary", **options):
    page = await read(docgen, path, **options)
    return next((one for one in page["sections"] if one["key"] == key), None)


async def test_nothing_is_asked_of_a_model_unless_the_repository_wants_it(docgen, model):
    reply = await generate(docgen, FILES)

    assert (reply["summaries_written"], model.prompts) == (0, [])
    assert "summary" not in {one["key"] for one in (await read(docgen, "shop/cart.py"))["sections"]}


async def test_a_page_says_which_sentences_a_model_wrote_and_where_they_come_from(docgen):
    reply = await generate(docgen, FILES | ASKS)

    assert (reply["summaries_written"], reply["summaries_pending"], reply["summaries_stopped"]) == (PAGES, 0, None)
    opening = await section(docgen, "shop/cart.py")
    assert opening["written_by"] == "scripted"
    assert "> The code offers [`Cart`](/shop/cart.py#cart). `shop/cart.py:4-5`" in opening["text"]
    assert "language model `scripted`" in opening["text"]
    page = await read(docgen, "shop/cart.py")
    assert [one["key"] for one in page["sections"]][:2] == ["about", "summary"]
    assert {one["written_by"] for one in page["sections"] if one["key"] != "summary"} == {None}


async def test_a_model_is_shown_facts_with_their_lines(docgen, model):
    await generate(docgen, FILES | ASKS)

    prompt = next(one for one in model.prompts if "the module `shop/cart.py`" in one)
    assert 'path="shop/cart.py" start_line="8" end_line="9"' in prompt
    assert "def buy(cart: Cart) -> None" in prompt
    assert "Imports: shop/item.py" in prompt


async def test_nothing_is_asked_twice(docgen, model):
    await generate(docgen, FILES | ASKS)
    asked = len(model.prompts)

    again = await generate(docgen, FILES | ASKS)
    elsewhere = await generate(docgen, FILES | ASKS | {"README.md": "# Shop\n\nIt sells things, and rather well.\n"})
    assert (again["summaries_written"], elsewhere["summaries_written"], len(model.prompts)) == (0, 0, asked)
    await generate(docgen, FILES | ASKS | {"shop/item.py": FILES["shop/item.py"] + "\n\nclass Card(Item):\n    pass\n"})
    assert 0 < len(model.prompts) - asked <= 2


async def test_what_a_model_makes_up_never_reaches_a_page(docgen, model):
    model.answer = lambda prompt: (
        "The shop flies. [99] It calls `launch_rocket`. [1] See [shop/moon.py:1-3]. Lines end there [shop/cart.py:8-900]. "
        "Look at [this](https://evil.invalid). [1] It has no source. " + honest(prompt)
    )
    await generate(docgen, FILES | ASKS)

    text = (await section(docgen, "shop/cart.py"))["text"]
    assert text.count("> ") == 1
    assert "> The code offers" in text
    model.answer = lambda _prompt: "Everything here is made up. [77]"
    await generate(docgen, FILES | ASKS | {"shop/cart.py": FILES["shop/cart.py"] + "\n\ndef sell() -> None: ...\n"})
    assert await section(docgen, "shop/cart.py") is None
    asked = len(model.prompts)
    await generate(docgen, FILES | ASKS)
    assert len(model.prompts) == asked


async def test_pages_stay_factual_while_no_model_answers_and_are_completed_later(docgen, model, redis_url):
    def fail(_prompt):
        raise ConnectionError

    model.answer = fail
    reply = await generate(docgen, FILES | ASKS)
    assert (reply["summaries_written"], reply["summaries_pending"]) == (0, PAGES)
    assert reply["summaries_stopped"] == "unavailable"
    assert "Holds items." in (await read(docgen, "shop/cart.py"))["content"]
    assert await section(docgen, "shop/cart.py") is None

    model.answer = honest
    redis.Redis.from_url(redis_url).flushall()  # the breaker's minute is over
    assert (await generate(docgen, FILES | ASKS))["summaries_pending"] == 0


async def test_openings_are_written_in_the_language_of_the_page(docgen, model):
    model.answer = lambda prompt: "`Cart`는 물건을 담습니다. [2]" if "in Korean" in prompt else honest(prompt)
    await generate(docgen, FILES | ASKS, language="ko")

    text = (await section(docgen, "shop/cart.py", language="ko"))["text"]
    assert text.startswith("## 요약하면")
    assert "언어 모델 `scripted`" in text


async def test_an_edit_of_an_opening_is_kept(docgen):
    await generate(docgen, FILES | ASKS)
    page = await read(docgen, "shop/cart.py")
    mine = page["content"].replace("The code offers", "We offer")
    await docgen.call("PUT", f"/documents/{page['id']}", json={"content": mine})

    await generate(docgen, FILES | ASKS | {"README.md": "# Shop\n\nIt sells things, and rather well.\n"})
    assert "We offer" in (await section(docgen, "shop/cart.py"))["text"]


async def test_no_more_tokens_are_spent_than_the_budget_has(settings, llm_url, model):
    model.tokens = 900
    limited = settings.model_copy(update={"llm_server_url": llm_url, "summary_tokens_a_day": 1000})
    async with speaking(limited) as docgen:
        reply = await generate(docgen, FILES | ASKS)
        assert (reply["summaries_written"], reply["summaries_pending"]) == (1, PAGES - 1)
        assert reply["summaries_stopped"] == "budget"
        assert (await generate(docgen, FILES | ASKS))["summaries_written"] == 0
        assert len(model.prompts) == 1
        assert len(await listed(docgen)) == 5


async def test_pages_are_written_while_llm_server_is_away(settings):
    away = settings.model_copy(update={"llm_server_url": f"http://127.0.0.1:{free_port()}"})
    async with speaking(away) as docgen:
        reply = await generate(docgen, FILES | ASKS)
        assert (reply["summaries_pending"], reply["summaries_stopped"]) == (PAGES, "unavailable")
        assert "Holds items." in (await read(docgen, "shop/cart.py"))["content"]


@pytest.mark.parametrize(("mode", "files", "written"), [("off", ASKS, 0), ("on", {}, PAGES)])
async def test_the_operator_decides_what_repositories_may_ask_for(settings, llm_url, mode, files, written):
    async with speaking(settings.model_copy(update={"llm_server_url": llm_url, "document_summaries": mode})) as docgen:
        assert (await generate(docgen, FILES | files))["summaries_written"] == written


async def test_quotes_of_the_answerer_without_a_model_are_no_openings(settings, postgres_url, redis_url):
    without = LlmSettings(service_token=SERVICE_TOKEN, database_url=postgres_url, redis_url=redis_url, _env_file=None)
    async with (
        serving(without) as url,
        speaking(settings.model_copy(update={"llm_server_url": url})) as docgen,
    ):
        reply = await generate(docgen, FILES | ASKS)
        assert (reply["summaries_pending"], reply["summaries_stopped"]) == (PAGES, "unavailable")
        assert await section(docgen, "shop/cart.py") is None


async def test_an_edit_made_while_pages_are_written_is_merged_with_them(docgen, model):
    await generate(docgen, FILES | ASKS)
    asked, edited = threading.Event(), threading.Event()

    def wait(prompt):
        asked.set()
        edited.wait(30)
        return honest(prompt)

    model.answer = wait
    changed = FILES | ASKS | {"shop/cart.py": FILES["shop/cart.py"].replace("Buys all.", "Buys most.")}
    running = asyncio.create_task(generate(docgen, changed))
    await asyncio.to_thread(asked.wait, 30)
    page = await read(docgen, "shop/cart.py")
    content = page["content"].replace("Holds items.", "Holds items, by the dozen.")
    await docgen.call("PUT", f"/documents/{page['id']}?author=Mina", json={"content": content})
    edited.set()
    await running

    content = (await read(docgen, "shop/cart.py"))["content"]
    assert "Holds items, by the dozen." in content
    assert "Buys most." in content
    history = (await docgen.call("GET", f"/documents/{page['id']}/history"))["items"]
    assert [one["origin"] for one in history] == ["generated", "edited", "generated"]
