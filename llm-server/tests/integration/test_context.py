"""Conversations that are too long: summarised by the model that plays the role, shortened where there is none."""

from codemuse.contracts.providers import caller_headers

ANN = caller_headers(organisation="acme", user="ann", role="admin", run="run-1")
LONG = [
    {"role": "system", "content": "Answer briefly."},
    *(
        {"role": role, "content": f"{role} {number} " + "speaks of leases " * 30}
        for number in range(12)
        for role in ("user", "assistant")
    ),
    {"role": "user", "content": "And now?"},
]


async def declare(stage, **roles) -> None:
    await stage.declare(
        stage.model("short", context_tokens=1000),
        stage.model("shortener?events=20", "shortener"),
        stage.model("mute?status=500", "mute"),
        stage.model("chatty?events=400", "chatty"),
        roles=roles,
        headers=ANN,
    )


def sent(stage) -> list[dict]:
    return stage.upstream.asked("short")[-1]["body"]["messages"]


async def test_what_is_dropped_is_summarised_by_the_role_and_paid_by_the_caller(stage) -> None:
    await declare(stage, summary=["shortener"])
    reply = await stage.chat("short", messages=LONG, truncation="auto", max_tokens=100, headers=ANN)
    assert reply.status_code == 200, reply.text
    system, note, *kept = sent(stage)
    assert system == LONG[0]
    assert note["content"].startswith("Summary of what was said earlier")
    assert "word0 word1" in note["content"]
    assert kept == LONG[-len(kept) :]
    dropped = len(LONG) - 1 - len(kept)
    assert reply.headers["X-CodeMuse-Truncation"] == f"{dropped} summarised"
    asked = stage.upstream.asked("shortener")[-1]["body"]
    assert "user 0 speaks" in asked["messages"][-1]["content"]
    assert "And now?" not in asked["messages"][-1]["content"]
    rows = await stage.wait_for_rows(2, run_id="run-1")
    assert {(row["asked_for"], row["model"]) for row in rows} == {("short", "short"), ("summary", "shortener")}


async def test_the_same_turns_are_summarised_once(stage) -> None:
    await declare(stage, summary=["shortener"])
    for question in ("And now?", "And then?"):
        messages = [*LONG[:-1], {"role": "user", "content": question}]
        await stage.chat("short", messages=messages, truncation="auto", max_tokens=100, headers=ANN)
    assert len(stage.upstream.asked("shortener")) == 1
    assert "word0 word1" in sent(stage)[1]["content"]


async def test_streams_are_packed_too(stage) -> None:
    await declare(stage, summary=["shortener"])
    assert (await stage.text("short", messages=LONG, truncation="auto", max_tokens=100, headers=ANN)).startswith(
        "word0"
    )
    assert "word0 word1" in sent(stage)[1]["content"]


async def test_without_a_summary_the_beginnings_of_messages_are_told(stage) -> None:
    for chain in (["extractive"], ["mute"], ["mute", "extractive"], ["chatty"]):
        await declare(stage, summary=chain)
        reply = await stage.chat("short", messages=LONG, truncation="auto", max_tokens=100, headers=ANN)
        assert reply.status_code == 200, (chain, reply.text)
        assert "shortened to make room" in sent(stage)[1]["content"], chain
        assert reply.headers["X-CodeMuse-Truncation"].endswith("shortened")


async def test_a_caller_may_use_less_of_the_context_than_there_is(stage) -> None:
    await stage.declare(stage.model("wide"), headers=ANN)
    refused = await stage.chat("wide", messages=LONG, max_context_tokens=500, headers=ANN)
    assert refused.json()["error"]["code"] == "context_length_exceeded"
    packed = await stage.chat("wide", messages=LONG, max_context_tokens=500, truncation="auto", headers=ANN)
    assert packed.status_code == 200
    body = stage.upstream.asked("wide")[-1]["body"]
    assert len(body["messages"]) < len(LONG)
    assert not {"truncation", "max_context_tokens"} & body.keys()


async def test_a_conversation_with_room_is_sent_as_it_is(stage) -> None:
    await stage.declare(stage.model("wide", context_tokens=100_000), headers=ANN)
    reply = await stage.chat("wide", messages=LONG, truncation="auto", headers=ANN)
    assert "X-CodeMuse-Truncation" not in reply.headers
    assert stage.upstream.asked("wide")[-1]["body"]["messages"] == LONG
