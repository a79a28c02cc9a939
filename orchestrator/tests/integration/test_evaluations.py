"""Evaluations: annotation sets, questions made from the repository, history and comparison."""

import httpx
import pytest


@pytest.fixture
async def client(stage):
    return await stage.sign_in()


async def evaluate(stage, client, repository, **body):
    reply = await client.post("/api/v1/evaluations", json={"repository_id": repository["id"], **body})
    assert reply.status_code == 202, reply.text
    accepted = reply.json()
    run = await stage.finish(client, accepted["run"]["id"])
    return run, (await client.get(f"/api/v1/evaluations/{accepted['evaluation']['id']}")).json()


async def test_an_annotation_set_is_scored(stage, client) -> None:
    repository = await stage.index(client)
    questions = [
        {"query": "where does it begin", "relevant": ["src/app.py"], "category": "semantic"},
        {"query": "readme", "relevant": [{"path": "README.md", "start_line": 1, "end_line": 1}]},
        {"query": "lost", "relevant": ["nowhere.py"]},
    ]
    run, done = await evaluate(stage, client, repository, questions=questions, name="first")
    assert (run["status"], done["status"], done["commit"]) == ("succeeded", "succeeded", repository["commit"])
    assert (done["question_count"], done["unanswerable_count"]) == (2, 1)
    assert 0.5 < done["measure"]["ndcg"] <= 1
    assert done["measure"]["recall"] == 1
    assert done["without_transformer"]["ndcg"] > 0
    assert done["categories"].keys() == {"semantic"}
    assert [answer["ndcg"] for answer in done["answers"]] == sorted(answer["ndcg"] for answer in done["answers"])


async def test_questions_are_made_from_the_repository_and_each_signal_measured(stage, client) -> None:
    repository = await stage.index(client)
    _, done = await evaluate(stage, client, repository, sources=["symbols"], signals=True)
    assert {answer["category"] for answer in done["answers"]} == {"symbols"}
    assert {"keyword", "dense", "file_name", "spread"} <= done["signals"].keys()


async def test_an_evaluation_without_questions_says_so(stage, client) -> None:
    repository = await stage.index(client)
    questions = [{"query": "lost", "relevant": ["nowhere.py"]}]
    run, done = await evaluate(stage, client, repository, questions=questions)
    assert (run["status"], done["error"]["error"]) == ("failed", "no_questions")
    other = (await evaluate(stage, client, repository, questions=[{"query": "a", "relevant": ["src/app.py"]}]))[1]
    refused = await client.get(f"/api/v1/evaluations/{other['id']}/compare", params={"before": done["id"]})
    assert (refused.status_code, refused.json()["error"]) == (409, "evaluation_not_finished")


async def test_the_history_is_kept_and_two_can_be_compared(stage, client) -> None:
    repository = await stage.index(client)
    questions = [{"query": "readme", "relevant": ["README.md"]}, {"query": "app", "relevant": ["src/app.py"]}]
    _, first = await evaluate(stage, client, repository, questions=questions)
    stage.services.files = {"src/app.py": "def main():\n    return 1", "a.py": "x = 1", "README.md": "# Shop"}
    await stage.index(client)
    _, second = await evaluate(stage, client, repository, questions=questions)
    listed = (await client.get("/api/v1/evaluations", params={"repository_id": repository["id"], "limit": 1})).json()
    assert [item["id"] for item in listed["items"]] == [second["id"]]
    older = await client.get("/api/v1/evaluations", params={"cursor": listed["next_cursor"]})
    assert [item["id"] for item in older.json()["items"]] == [first["id"]]
    path = f"/api/v1/evaluations/{second['id']}/compare"
    compared = (await client.get(path, params={"before": first["id"]})).json()
    assert compared["shared_questions"] == 2
    change = sum(one["after"] - one["before"] for one in compared["better"] + compared["worse"]) / 2
    assert compared["ndcg_change"] == pytest.approx(change, abs=1e-3)


@pytest.mark.parametrize(
    "wrong",
    [{"questions": []}, {"sample": 0}, {"sources": ["magic"]}, {"questions": [{"query": "", "relevant": ["a"]}]}],
)
async def test_wrong_requests_are_refused(client, stage, wrong) -> None:
    repository = await stage.index(client)
    reply = await client.post("/api/v1/evaluations", json={"repository_id": repository["id"], **wrong})
    assert (reply.status_code, reply.json()["error"]) == (422, "invalid_input")


async def test_questions_that_stand_in_the_code_are_asked_of_an_index_without_their_words(stage, client) -> None:
    repository = await stage.index(client)
    run, done = await evaluate(stage, client, repository, sources=["docs", "symbols"], seed="a")
    assert (run["status"], done["is_cut"], done["kinds"]) == ("succeeded", True, ["docs", "symbols"])
    asked = stage.services.searched[-1]["scopes"]
    assert asked == [{"repository_id": run["id"], "generation": 1, "commit": ""}]
    assert run["id"] not in stage.services.chunks, "the index of its own is removed"
    assert done["by_category"]["docs"]["question_count"] == 1
    (found,) = next(answer for answer in done["answers"] if answer["category"] == "docs")["found"][:1]
    assert found == {"path": "README.md", "start_line": 1, "end_line": 1, "is_target": False}


async def test_nothing_is_cut_where_the_questions_stand_outside_of_the_code(stage, client) -> None:
    repository = await stage.index(client)
    run, done = await evaluate(stage, client, repository, sources=["symbols", "commits"])
    assert (done["is_cut"], done["missing"]) == (False, {"commits": "no_history"})
    steps = {step["name"]: step["status"] for step in run["steps"]}
    assert steps == {"questions": "succeeded", "prepare": "skipped", "measure": "succeeded", "forget": "skipped"}


async def test_a_failing_evaluation_leaves_no_index_behind(stage, client) -> None:
    repository = await stage.index(client)
    refusal = httpx.Response(422, json={"error": "invalid_query", "message": "No."})
    stage.services.failing["POST /api/v1/search"] = [refusal]
    run, done = await evaluate(stage, client, repository, sources=["docs"])
    assert (run["status"], done["error"]["error"]) == ("failed", "invalid_query")
    assert set(stage.services.chunks) == {repository["id"]}


async def test_an_older_version_is_evaluated(stage, client) -> None:
    first = await stage.index(client)
    stage.services.files = {"src/app.py": "def main():\n    return 2"}
    second = await stage.index(client)
    _, old = await evaluate(stage, client, second, sources=["symbols"], as_of="1")
    _, new = await evaluate(stage, client, second, sources=["symbols"])
    assert [(one["generation"], one["commit"]) for one in (old, new)] == [(1, first["commit"]), (2, second["commit"])]
    body = {"repository_id": second["id"], "as_of": "v9"}
    missing = await client.post("/api/v1/evaluations", json=body)
    assert (missing.status_code, missing.json()["error"]) == (404, "version_not_found")


async def test_all_figures_are_told(stage, client) -> None:
    repository = await stage.index(client)
    _, done = await evaluate(stage, client, repository, questions=[{"query": "readme", "relevant": ["README.md"]}])
    measure = done["measure"]
    assert (measure["ndcg"], measure["recall"], measure["recall_at_1"], measure["recall_at_5"], measure["mrr"]) == (
        1,
        1,
        1,
        1,
        1,
    )
    assert (measure["p50_ms"], measure["p95_ms"], measure["question_count"]) == (1.0, 1.0, 1)
