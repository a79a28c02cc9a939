import pytest

from codemuse.contracts.rag import FileChunks, GenerationWrite
from rag_server.core.points import RepositoryKey
from rag_server.features.generations.service import GenerationService

KEY = RepositoryKey("org", "repo")


@pytest.fixture
async def two_generations(index, make_chunk):
    """Of four functions about tokens one stays, one changes, one moves down, one goes; another comes."""
    service = GenerationService(index)

    async def write(generation, commit, *chunks):
        files = [FileChunks(path="auth.py", chunks=list(chunks))]
        await service.write(KEY, generation, GenerationWrite(organisation_id="org", commit=commit, files=files))

    def function(name, body, line):
        text = f"def {name}(token):\n    return {body}"
        return make_chunk(path="auth.py", symbol=name, defines=[name], text=text, start_line=line)

    stays = function("stays", "token", 1)
    await write(
        1, "c1", stays, function("check", "old(token)", 4), function("moves", "token", 7), function("goes", "token", 10)
    )
    await write(
        2,
        "c2",
        stays,
        function("check", "new(token)", 4),
        function("comes", "token", 7),
        function("moves", "token", 10),
    )


async def compare(api, before, after, **overrides):
    scopes = {
        name: {"repository_id": "repo", "generation": generation, "commit": f"c{generation}"}
        for name, generation in (("before", before), ("after", after))
    }
    reply = await api.post("/api/v1/compare", json={"organisation_id": "org", "query": "token", **scopes, **overrides})
    assert reply.status_code == 200, reply.text
    return {(change["kind"], change["symbol"]): change for change in reply.json()["changes"]}


@pytest.mark.usefixtures("two_generations")
class TestCompare:
    async def test_what_changed_came_and_went_is_told_and_what_moved_is_not(self, api):
        changes = await compare(api, 1, 2)
        assert changes.keys() == {("changed", "check"), ("added", "comes"), ("removed", "goes")}
        change = changes["changed", "check"]
        assert ("old" in change["before"]["text"], change["before"]["commit"]) == (True, "c1")
        assert ("new" in change["after"]["text"], change["after"]["commit"]) == (True, "c2")

    async def test_backwards_it_is_the_other_way_round(self, api):
        changes = await compare(api, 2, 1)
        assert changes.keys() == {("changed", "check"), ("removed", "comes"), ("added", "goes")}

    async def test_nothing_changed_within_a_generation(self, api):
        assert await compare(api, 1, 1) == {}

    async def test_another_organisation_sees_no_changes(self, api):
        assert await compare(api, 1, 2, organisation_id="other") == {}

    async def test_an_older_generation_can_be_searched(self, api):
        scope = {"repository_id": "repo", "generation": 1, "commit": "c1"}
        body = {"organisation_id": "org", "scopes": [scope], "query": "token"}
        hits = (await api.post("/api/v1/search", json=body)).json()["results"]
        assert {hit["symbol"] for hit in hits} == {"stays", "check", "moves", "goes"}
        scanned = (await api.post("/api/v1/search", json=body | {"query": "/return/", "mode": "keyword"})).json()
        assert {hit["symbol"] for hit in scanned["results"]} == {"stays", "check", "moves", "goes"}
