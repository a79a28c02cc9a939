import unicodedata

import pytest

from codemuse.contracts.rag import FileChunks, GenerationWrite
from rag_server.core.points import RepositoryKey
from rag_server.features.generations.service import GenerationService

KEY = RepositoryKey("org", "repo")
SCOPE = {"repository_id": "repo", "generation": 1, "commit": "abc"}


@pytest.fixture
async def indexed(index, make_chunk):
    """Three files, refined."""
    chunks = [
        make_chunk(),
        make_chunk(
            path="src/web/router.ts", language="typescript", symbol="Router.addRoute", defines=["addRoute"],
            text="addRoute(path: string, handler: Handler) {\n  this.routes.set(path, handler);\n}",
        ),
        make_chunk(
            path="docs/인증.md", language="markdown", kind="text", symbol=None, defines=[],
            text="# 인증\n\n사용자 인증을 토큰으로 처리합니다.",
        ),
    ]  # fmt: skip
    service = GenerationService(index)
    files = [FileChunks(path=chunk.path, chunks=[chunk]) for chunk in chunks]
    await service.write(KEY, 1, GenerationWrite(organisation_id="org", commit="abc", files=files))
    await service.refine(KEY, 10)


async def post(api, path="/api/v1/search", **overrides):
    body = {"organisation_id": "org", "scopes": [SCOPE], "query": "config"} | overrides
    return await api.post(path, json={key: value for key, value in body.items() if value is not None})


async def paths(api, **overrides):
    reply = await post(api, **overrides)
    assert reply.status_code == 200, reply.text
    return [hit["path"] for hit in reply.json()["results"]]


@pytest.mark.usefixtures("indexed")
class TestSearch:
    @pytest.mark.parametrize("mode", ["hybrid", "semantic", "keyword"])
    async def test_every_mode_finds_the_definition_first(self, api, mode):
        assert (await paths(api, query="addRoute handler", mode=mode))[0] == "src/web/router.ts"

    @pytest.mark.parametrize("mode", ["hybrid", "keyword"])
    async def test_words_that_were_typed_wide_are_the_plain_ones(self, api, mode):
        wide = await paths(api, query="ａｄｄＲｏｕｔｅ　ｈａｎｄｌｅｒ", mode=mode)
        assert wide == await paths(api, query="addRoute handler", mode=mode)
        assert wide[0] == "src/web/router.ts"

    async def test_a_hit_says_what_where_and_why(self, api):
        reply = (await post(api, query="parse_config")).json()
        hit = reply["results"][0]
        assert (hit["path"], hit["start_line"], hit["end_line"]) == ("src/config.py", 1, 2)
        assert (hit["commit"], hit["symbol"], hit["language"]) == ("abc", "parse_config", "python")
        assert hit["matched"] == ["keyword", "fast", "dense", "symbol", "path"]
        assert reply["degraded"] == []

    async def test_weights_of_a_search_change_its_ranking_and_only_its_own(self, api):
        question = {"query": "addRoute", "explain": True}
        usual = (await post(api, **question)).json()["results"][0]["explanation"]["rules"]
        changed = (await post(api, **question, weights={"symbol": 0, "file_name": 2.6})).json()
        assert "symbol" in {rule["name"] for rule in usual}
        assert "symbol" not in {rule["name"] for rule in changed["results"][0]["explanation"]["rules"]}
        assert (await post(api, **question)).json()["results"][0]["explanation"]["rules"] == usual
        refused = await post(api, weights={"magic": 1})
        assert refused.status_code == 422

    async def test_the_weights_as_they_come_are_told(self, api):
        listed = {one["signal"]: one for one in (await api.get("/api/v1/weights")).json()["items"]}
        assert (listed["keyword"]["default"], listed["keyword"]["is_factor"]) == (1.0, False)
        assert (listed["tests"]["maximum"], listed["tests"]["is_factor"]) == (1.0, True)

    async def test_places_of_the_call_graph_are_candidates_within_the_scope_and_the_conditions(self, api):
        caller = {"repository_id": SCOPE["repository_id"], "path": "src/web/router.ts", "line": 1}
        foreign = caller | {"repository_id": "somewhere-else"}
        asked = {"query": "who calls parse_config", "related": [caller, foreign]}
        assert (await paths(api, **asked))[0] == "src/web/router.ts"
        assert await paths(api, **asked, filters={"language": "python"}) == ["src/config.py"]
        beyond = asked | {"related": [caller | {"line": 99_999}]}
        assert (await paths(api, **beyond))[0] == "src/config.py"

    async def test_korean_is_found_without_its_particle(self, api):
        assert (await paths(api, query="인증", mode="keyword")) == ["docs/인증.md"]

    async def test_korean_in_parts_is_korean(self, api):
        for query in ("인증", '"사용자 인증"'):
            assert (await paths(api, query=unicodedata.normalize("NFD", query), mode="keyword")) == ["docs/인증.md"]

    async def test_operators_are_found_where_they_are_defined(self, api, index, make_chunk):
        uses = make_chunk(path="use.rb", symbol="Till.sort", defines=["sort"], text="def sort\n  a <=> b\nend")
        chunk = make_chunk(path="money.rb", symbol="Money.<=>", defines=["<=>"], text="def <=>(other)\n  cents\nend")
        files = [FileChunks(path=one.path, chunks=[one]) for one in (uses, chunk)]
        await GenerationService(index).write(KEY, 1, GenerationWrite(organisation_id="org", commit="abc", files=files))
        for query in ("<=>", "how does <=> compare"):
            assert (await paths(api, query=query, mode="keyword"))[:1] == ["money.rb"]

    async def test_filters_narrow(self, api):
        assert await paths(api, filters={"language": "typescript"}) == ["src/web/router.ts"]
        assert await paths(api, filters={"kind": "text"}) == ["docs/인증.md"]
        assert set(await paths(api, filters={"path": "src"})) == {"src/config.py", "src/web/router.ts"}
        assert await paths(api, filters={"path": "**/*.md"}) == ["docs/인증.md"]
        assert await paths(api, filters={"path": "src/*.py", "language": "go"}) == []

    async def test_an_empty_scope_finds_nothing(self, api):
        assert await paths(api, scopes=[]) == []

    async def test_another_organisation_finds_nothing(self, api):
        assert await paths(api, organisation_id="other") == []

    async def test_the_limit_is_kept(self, api):
        assert len(await paths(api, limit=1)) == 1

    @pytest.mark.parametrize("query", ["😀🎉", " ", "\x01\x02", "!!!", "\u200b"])
    async def test_a_question_without_words_finds_nothing(self, api, query):
        assert await paths(api, query=query) == []

    @pytest.mark.parametrize("query", ["x" * 4000, "word " * 800, "(((" * 1000 + "a", "a.*b+[", "' OR 1=1 --"])
    async def test_odd_questions_are_answered(self, api, query):
        assert (await post(api, query=query)).status_code == 200

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ('"load(path)"', ["src/config.py"]),
            ("config -load", []),
            ("routes -load", ["src/web/router.ts"]),
            ("path:src lang:ts", ["src/web/router.ts"]),
            ("/routes\\.set/", ["src/web/router.ts"]),
            ("/nothing like it/", []),
            ("symbol:addRoute", ["src/web/router.ts"]),
            ("symbol:Router.addRoute handler", ["src/web/router.ts"]),
            ("kind:text", ["docs/인증.md"]),
            ('"사용자 인증"', ["docs/인증.md"]),
            ("lang:go config", []),
            ("-path:src 인증", ["docs/인증.md"]),
        ],
    )
    async def test_operators_are_understood(self, api, query, expected):
        assert await paths(api, query=query, mode="keyword") == expected

    async def test_filters_hold_in_every_mode_and_other_operators_among_words_are_words(self, api):
        for mode in ("hybrid", "semantic"):
            assert await paths(api, query="handler lang:typescript", mode=mode) == ["src/web/router.ts"]
            assert "src/config.py" in await paths(api, query='config -load "load"', mode=mode)

    async def test_operators_alone_mean_what_they_say_in_every_mode(self, api):
        assert await paths(api, query='"load(path)"', mode="hybrid") == ["src/config.py"]
        assert await paths(api, query="/routes/", mode="semantic") == ["src/web/router.ts"]

    @pytest.mark.parametrize("query", ["/a(/", "config lang:klingon", "kind:magic", f"/{'a' * 401}/"])
    async def test_an_operator_that_cannot_be_worked_with_is_told(self, api, query):
        reply = await post(api, query=query, mode="keyword")
        assert (reply.status_code, reply.json()["error"]) == (422, "invalid_query")

    async def test_repositories_of_the_query_must_be_searched_ones(self, api):
        assert await paths(api, query="parse_config repo:repo lang:py") == ["src/config.py"]
        assert await paths(api, query="parse_config -repo:repo") == []
        reply = await post(api, query="config repo:other")
        assert (reply.status_code, reply.json()["error"]) == (404, "unknown_repository")

    async def test_prose_has_no_operators(self, api):
        assert "src/config.py" in await paths(api, query="what is parse_config kind:magic repo:x", plain=True)

    async def test_an_explanation_adds_up_to_the_score(self, api):
        reply = (await post(api, query="parse_config", explain=True)).json()
        hit = reply["results"][0]
        retrievers, rules = hit["explanation"]["retrievers"], hit["explanation"]["rules"]
        assert {part["name"]: part["rank"] for part in retrievers}.keys() == {"keyword", "fast", "dense"}
        assert {"symbol", "file_name", "file_evidence"} <= {rule["name"] for rule in rules}
        score = sum(part["share"] for part in retrievers) + sum(rule["added"] or 0 for rule in rules)
        for rule in rules:
            score *= rule["factor"] or 1
        assert score == pytest.approx(hit["score"], abs=0.01)
        assert reply["explanation"]["stages_ms"].keys() >= {"understand", "find_words", "embed", "find_meaning", "rank"}
        assert reply["explanation"]["symbols"] == ["parse_config"]

    async def test_nothing_is_explained_unasked(self, api):
        reply = (await post(api)).json()
        assert reply["explanation"] is None
        assert reply["results"][0]["explanation"] is None

    async def test_retrievers_and_rules_can_be_switched_off(self, api):
        reply = (await post(api, query="parse_config", explain=True, without=["dense", "fast", "symbol"])).json()
        assert reply["results"][0]["matched"] == ["keyword", "path"]
        assert await paths(api, query="parse_config", without=["keyword", "fast", "dense"]) == []
        assert (await post(api, without=["magic"])).status_code == 422

    @pytest.mark.parametrize(
        "wrong", [{"query": ""}, {"query": "a\x00"}, {"query": "x" * 4001}, {"query": None}, {"limit": 0}, {"mode": "magic"},
                  {"scopes": None}, {"organisation_id": "a/b"}, {"filters": {"owner": "x"}}]
    )  # fmt: skip
    async def test_wrong_requests_are_refused(self, api, wrong):
        reply = await post(api, **wrong)
        assert (reply.status_code, reply.json()["error"]) == (422, "invalid_input")

    async def test_without_embeddings_keyword_search_goes_on_and_says_so(self, api, embedder):
        embedder.away = True
        reply = (await post(api, query="parse_config")).json()
        assert reply["results"][0]["path"] == "src/config.py"
        assert reply["degraded"] == ["fast", "dense"]
        assert (await post(api, mode="keyword")).json()["degraded"] == []

    async def test_without_embeddings_semantic_search_is_unavailable(self, api, embedder):
        embedder.away = True
        assert (await post(api, mode="semantic")).status_code == 503

    async def test_similar_chunks_are_found_without_the_chunk_itself(self, api):
        hit = (await post(api, query="parse_config")).json()["results"][0]
        reply = await post(api, "/api/v1/similar", query=None, chunk_id=hit["chunk_id"])
        found = [other["path"] for other in reply.json()["results"]]
        assert set(found) == {"src/web/router.ts", "docs/인증.md"}

    @pytest.mark.parametrize("chunk_id", ["nonsense", "00000000-0000-0000-0000-000000000000"])
    async def test_an_unknown_chunk_has_no_likeness(self, api, chunk_id):
        reply = await post(api, "/api/v1/similar", query=None, chunk_id=chunk_id)
        assert (reply.status_code, reply.json()["error"]) == (404, "chunk_not_found")

    async def test_a_chunk_of_others_has_no_likeness(self, api):
        hit = (await post(api)).json()["results"][0]
        reply = await post(api, "/api/v1/similar", query=None, chunk_id=hit["chunk_id"], organisation_id="other")
        assert reply.status_code == 404


async def test_an_unrefined_chunk_has_likenesses_too(api, index, make_chunk):
    files = [FileChunks(path=f"{n}.py", chunks=[make_chunk(path=f"{n}.py", text=f"config {n}")]) for n in "ab"]
    await GenerationService(index).write(KEY, 1, GenerationWrite(organisation_id="org", commit="c", files=files))
    hit = (await post(api)).json()["results"][0]
    reply = await post(api, "/api/v1/similar", query=None, chunk_id=hit["chunk_id"])
    assert len(reply.json()["results"]) == 1
