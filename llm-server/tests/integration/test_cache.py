"""Answers that are given again, and those that must not be. Here all questions have the same vector."""

import asyncio

import pytest
import redis

from codemuse.contracts.providers import caller_headers
from codemuse.testing import eventually

ANN = caller_headers(organisation="acme", user="ann", role="admin")
EVE = caller_headers(organisation="evil", user="eve", role="admin")


def about(question: str, evidence: str = "a.py at 1") -> list[dict]:
    return [{"role": "user", "content": f"<source>{evidence}</source>\n<question>\n{question}\n</question>"}]


@pytest.fixture
def settings(settings, fake_upstream):
    return settings.model_copy(update={"embedding_server_url": fake_upstream.url.removesuffix("/v1")})


@pytest.fixture
async def ask(stage):
    """Asks and says whence the answer came."""
    for headers in (ANN, EVE):
        await stage.declare(stage.model("kept"), headers=headers)

    async def ask(messages, *, headers=ANN, stream=False, **fields) -> str:
        reply = await stage.chat(
            "kept", headers=headers, messages=messages, stream=stream, **{"temperature": 0, **fields}
        )
        assert reply.status_code == 200, reply.text
        assert "word9" in reply.text
        return reply.headers.get("X-CodeMuse-Cache", "")

    return ask


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
async def test_the_same_question_is_answered_once(stage, ask, first, second) -> None:
    assert await ask(about("How?"), stream=first) == ""
    await eventually(lambda: len(stage.rows()) == 1)
    assert await ask(about("How?"), stream=second) == "exact"
    assert len(stage.upstream.asked("kept")) == 1
    rows = await stage.wait_for_rows(2)
    assert [(row["cache"], row["completion_tokens"]) for row in rows] == [("", 10), ("exact", 0)]


def filed(stage) -> bool:
    """Whether similar questions find the answer by now."""
    return bool(redis.Redis.from_url(stage.settings.redis_url.get_secret_value()).keys("llm:cache:*:similar:*"))


async def test_nearly_the_same_question_of_the_same_evidence_shares_an_answer(stage, ask) -> None:
    await ask(about("how is a card charged?"))
    await eventually(lambda: filed(stage))
    assert await ask(about("how does one charge a card?")) == "similar"


@pytest.mark.parametrize(
    "other",
    [
        {"messages": about("where is place_order?", "b.py at 1")},
        {"messages": about("where is place_order?", "a.py at 2")},
        {"messages": about("where is take_order?")},
        {"messages": about("where is placeOrder?")},
        {"messages": about("where is place_order?"), "max_tokens": 5},
        {"messages": about("where is place_order?"), "cache": False},
        {"messages": about("where is place_order?"), "temperature": 0.5},
        {"messages": about("where is place_order?"), "headers": EVE},
    ],
)
async def test_what_could_be_answered_otherwise_is_asked_anew(stage, ask, other) -> None:
    await ask(about("where is place_order?"))
    await eventually(lambda: filed(stage))
    assert await ask(**other) == ""


async def test_a_purge_forgets_the_organisations_answers_only(stage, ask) -> None:
    await ask(about("How?"))
    await ask(about("How?"), headers=EVE)
    assert (await stage.http.delete("/api/v1/cache", headers=ANN)).json()["purged"] >= 1
    assert await ask(about("How?")) == ""
    assert await ask(about("How?"), headers=EVE) == "exact"


async def test_who_gives_a_role_to_another_model_gets_its_answers(stage) -> None:
    await stage.declare(stage.model("one"), stage.model("two"), roles={"chat": ["one"]}, headers=ANN)
    await stage.chat(headers=ANN, messages=about("How?"), temperature=0)
    mine = ANN | caller_headers(session="s1")
    chosen = {"roles": {"chat": ["two"]}, "session_id": "s1"}
    await stage.http.put("/api/v1/providers", json=chosen, headers=mine)
    for question in ("How?", "how so?"):
        reply = await stage.chat(headers=mine, messages=about(question), temperature=0)
        assert "X-CodeMuse-Cache" not in reply.headers or question == "how so?"
    assert len(stage.upstream.asked("two")) == 1
    assert (await stage.chat(headers=ANN, messages=about("How?"), temperature=0)).headers["X-CodeMuse-Cache"] == "exact"


@pytest.mark.parametrize("stream", [True, False])
async def test_the_answer_of_a_stand_in_is_not_kept(stage, stream) -> None:
    await stage.declare(
        stage.model(f"shaky-{stream}?status=500&first=1", "shaky"),
        stage.model("stand-in"),
        roles={"chat": ["shaky", "stand-in"]},
        headers=ANN,
    )
    for _ in range(3):
        reply = await stage.chat(headers=ANN, messages=about("How?"), temperature=0, stream=stream)
        assert "word9" in reply.text
    assert [len(stage.upstream.asked(name)) for name in ("stand-in", f"shaky-{stream}?")] == [1, 2]
    assert reply.headers["X-CodeMuse-Cache"] == "exact"


async def test_an_answer_that_broke_off_is_not_kept(stage) -> None:
    await stage.declare(stage.model("torn?fault=cut&after=3", "torn"), headers=ANN)
    for _ in range(2):
        events = await stage.events("torn", headers=ANN, temperature=0)
        assert "error" in events[-1]
    assert len(stage.upstream.asked("torn")) == 2


async def test_an_answer_whose_upstream_told_no_usage_is_given_again_as_a_stream(stage) -> None:
    await stage.declare(stage.model("bare?nousage=1", "bare"), headers=ANN)
    await stage.chat("bare", headers=ANN, messages=about("How?"), temperature=0)
    again = await stage.chat("bare", headers=ANN, messages=about("How?"), temperature=0, stream=True)
    assert (again.status_code, again.headers.get("X-CodeMuse-Cache")) == (200, "exact")
    assert again.text.rstrip().endswith("[DONE]")


class TestWhileTheEmbeddingServerHangs:
    """No answer waits for the vector of its question."""

    @pytest.fixture
    async def settings(self, settings):
        async def hang(reader, writer) -> None:
            await reader.read()
            writer.close()

        async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            yield settings.model_copy(update={"embedding_server_url": f"http://127.0.0.1:{port}"})

    @pytest.mark.parametrize("stream", [True, False])
    async def test_answers_come_and_are_kept(self, stage, ask, stream) -> None:
        async with asyncio.timeout(8):
            assert await ask(about("How?"), stream=stream) == ""
            assert await ask(about("How?"), stream=stream) == "exact"
