import pytest

from codemuse.contracts.rag import FileChunks, GenerationWrite
from rag_server.core.points import RepositoryKey
from rag_server.features.generations.service import GenerationService

SCOPE = {"repository_id": "repo", "generation": 1, "commit": "abc"}
BODY = "    step = advance(step)\n"


@pytest.fixture
async def indexed(index, make_chunk):
    """A long function in three parts that calls a helper of another file, a test, and prose."""
    first = "def renew_lease(run):\n" + BODY * 10
    parts = [
        make_chunk(path="src/leases.py", symbol="renew_lease", defines=["renew_lease"], text=first.rstrip()),
        make_chunk(path="src/leases.py", symbol="renew_lease", defines=[], start_line=13, signature="def renew_lease(run):", text=(BODY * 10).rstrip()),
        make_chunk(path="src/leases.py", symbol="renew_lease", defines=[], start_line=23, signature="def renew_lease(run):", text="    return LeaseClock.read(lease)"),
        make_chunk(path="src/clock.py", symbol="LeaseClock", defines=["LeaseClock", "read"], kind="class", text="class LeaseClock:\n    def read(self): ..."),
        make_chunk(path="src/steps.py", symbol="advance", defines=["advance"], text="def advance(step):\n    return step + 1"),
        make_chunk(path="tests/test_leases.py", symbol="advance", defines=["advance"], text="def advance(step): ..."),
    ]  # fmt: skip
    files: dict[str, list] = {}
    for part in parts:
        files.setdefault(part.path, []).append(part)
    body = GenerationWrite(
        organisation_id="org",
        commit="abc",
        files=[FileChunks(path=path, chunks=found) for path, found in files.items()],
    )
    service = GenerationService(index)
    await service.write(RepositoryKey("org", "repo"), 1, body)
    await service.refine(RepositoryKey("org", "repo"), 10)


async def pack(api, **overrides):
    body = {"organisation_id": "org", "scopes": [SCOPE], "queries": ["renew_lease of a run"]} | overrides
    reply = await api.post("/api/v1/context", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.mark.usefixtures("indexed")
class TestContext:
    async def test_a_function_in_parts_is_shown_whole_and_once(self, api):
        first = (await pack(api))["sources"][0]
        assert (first["path"], first["start_line"], first["end_line"]) == ("src/leases.py", 1, 23)
        assert first["is_whole"]
        lines = first["text"].split("\n")
        assert (len(lines), lines[0], lines[11], lines[-1]) == (
            23, "def renew_lease(run):", "", "    return LeaseClock.read(lease)",
        )  # fmt: skip

    async def test_without_room_for_the_whole_a_part_is_shown(self, api):
        reply = await pack(api, token_budget=200)
        assert not reply["sources"][0]["is_whole"]
        assert reply["tokens"] <= 200
        assert reply["left_out"] > 0

    async def test_definitions_of_what_is_used_come_along(self, api):
        reply = await pack(api, maximum_sources=3, filters={"path": "src/leases.py"})
        assert [(source["path"], source["reason"]) for source in reply["sources"]] == [
            ("src/leases.py", "evidence"),
            ("src/steps.py", "definition"),
            ("src/clock.py", "definition"),
        ]

    async def test_no_line_is_shown_twice(self, api):
        reply = await pack(api, queries=["renew_lease", "lease run step", "LeaseClock"])
        shown = [
            (source["path"], line)
            for source in reply["sources"]
            for line in range(source["start_line"], source["end_line"] + 1)
        ]
        assert len(shown) == len(set(shown))
        assert [source["number"] for source in reply["sources"]] == list(range(1, len(reply["sources"]) + 1))

    async def test_the_budget_is_kept(self, api):
        for budget in (200, 400, 1_000, 6_000):
            reply = await pack(api, token_budget=budget)
            assert sum(source["tokens"] for source in reply["sources"]) == reply["tokens"] <= budget

    async def test_the_same_question_has_the_same_answer(self, api):
        first, second = [(await pack(api))["sources"] for _ in range(2)]
        assert first == second

    async def test_questions_are_prose(self, api):
        assert (await pack(api, queries=['why lang:none "renew_lease" /x(/']))["sources"]

    async def test_nothing_in_scope_is_nothing_found(self, api):
        assert (await pack(api, scopes=[]))["sources"] == []
        assert (await pack(api, organisation_id="other"))["sources"] == []

    @pytest.mark.parametrize(
        "wrong",
        [{"queries": []}, {"queries": [""]}, {"queries": ["x" * 4001]}, {"token_budget": 0}, {"queries": ["x"] * 9}],
    )
    async def test_wrong_requests_are_refused(self, api, wrong):
        body = {"organisation_id": "org", "scopes": [SCOPE], "queries": ["x"]} | wrong
        reply = await api.post("/api/v1/context", json=body)
        assert (reply.status_code, reply.json()["error"]) == (422, "invalid_input")

    async def test_it_can_be_had_without_the_models(self, api, embedder):
        embedder.away = True
        reply = await pack(api)
        assert reply["degraded"] == ["dense", "fast"]
        assert reply["sources"][0]["path"] == "src/leases.py"
