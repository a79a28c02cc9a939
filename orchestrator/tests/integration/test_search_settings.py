"""Search settings: weights within bounds, and an evaluation that guards them."""

import pytest
from sqlalchemy import select

from orchestrator.db.models import SearchSettings

PATH = "/api/v1/search-settings"
QUESTIONS = [{"query": "readme", "relevant": ["README.md"]}]


@pytest.fixture
async def client(stage):
    return await stage.sign_in()


async def guard(stage, client, tolerance=0.01):
    """An evaluation as the guard."""
    repository = await stage.index(client)
    body = {"repository_id": repository["id"], "questions": QUESTIONS, "name": "guard"}
    accepted = (await client.post("/api/v1/evaluations", json=body)).json()
    await stage.finish(client, accepted["run"]["id"])
    chosen = {"evaluation_id": accepted["evaluation"]["id"], "tolerance": tolerance}
    reply = await client.put(f"{PATH}/guard", json=chosen)
    assert reply.json()["guard"]["evaluation_name"] == "guard", reply.text
    return chosen["evaluation_id"]


async def values(client):
    return {one["signal"]: one["value"] for one in (await client.get(PATH)).json()["weights"]}


async def last_change(client):
    return (await client.get(PATH)).json()["changes"][0]


async def test_weights_are_as_they_come_until_somebody_sets_them_and_go_with_every_search(stage, client) -> None:
    await stage.index(client)
    assert await values(client) == {"keyword": 1.0, "file_name": 1.3, "tests": 0.35}
    reply = await client.put(PATH, json={"weights": {"keyword": 2, "file_name": 1.3}})
    assert (reply.status_code, reply.json()["changes"][0]["status"]) == (200, "applied")
    assert reply.json()["changes"][0]["weights"] == {"keyword": 2.0}, "what is as it comes is not kept"
    await client.post("/api/v1/search", json={"query": "app"})
    assert stage.services.searched[-1]["weights"] == {"keyword": 2.0}
    await client.post("/api/v1/context", json={"queries": ["app"]})
    assert stage.services.searched[-1]["weights"] == {"keyword": 2.0}
    await client.put(PATH, json={})
    assert (await values(client))["keyword"] == 1.0


@pytest.mark.parametrize(
    ("weights", "error"),
    [({"tests": 1.5}, "weight_out_of_bounds"), ({"spread": 0.5}, "weight_out_of_bounds"), ({"keyword": -1}, "invalid_input"), ({"magic": 1}, "invalid_input")],
)  # fmt: skip
async def test_weights_out_of_bounds_are_refused(client, weights, error) -> None:
    reply = await client.put(PATH, json={"weights": weights})
    assert (reply.status_code, reply.json()["error"]) == (422, error)


async def test_a_change_that_lowers_the_score_is_refused_with_both_figures(stage, client) -> None:
    await guard(stage, client)
    reply = await client.put(PATH, json={"weights": {"keyword": 0}})
    assert (reply.status_code, reply.json()["changes"][0]["status"]) == (202, "evaluating")
    busy = await client.put(PATH, json={"weights": {"keyword": 3}})
    if (await last_change(client))["status"] == "evaluating":
        assert (busy.status_code, busy.json()["error"]) == (409, "settings_change_pending")
    run = await stage.finish(client, reply.json()["run"]["id"])
    assert run["status"] == "succeeded"
    change = next(one for one in (await client.get(PATH)).json()["changes"] if one["weights"] == {"keyword": 0.0})
    assert (change["status"], change["after"]["ndcg"]) == ("refused", 0)
    assert change["before"]["ndcg"] > 0.5


async def test_a_change_that_keeps_the_score_holds(stage, client) -> None:
    await guard(stage, client)
    reply = await client.put(PATH, json={"weights": {"file_name": 1.5}})
    await stage.finish(client, reply.json()["run"]["id"])
    change = await last_change(client)
    assert (change["status"], change["user_name"] is not None) == ("applied", True)
    assert (await values(client))["file_name"] == 1.5
    evaluation = (await client.get(f"/api/v1/evaluations/{change['evaluation_id']}")).json()
    assert evaluation["proposed"]["ndcg"] == evaluation["measure"]["ndcg"]
    assert (await client.put(PATH, json={"weights": {"file_name": 1.5}})).status_code == 200, "nothing is to be done"


async def test_an_administrator_may_force_a_change_and_that_is_written_down(stage, client) -> None:
    await guard(stage, client)
    reply = await client.put(PATH, json={"weights": {"keyword": 0}, "force": True})
    assert (reply.status_code, reply.json()["changes"][0]["status"]) == (200, "forced")
    assert (await values(client))["keyword"] == 0


async def test_a_change_that_cannot_be_evaluated_changes_nothing(stage, client) -> None:
    await guard(stage, client)
    stage.services.files = {"other.py": "x = 1"}
    await stage.index(client)
    reply = await client.put(PATH, json={"weights": {"file_name": 2}})
    await stage.finish(client, reply.json()["run"]["id"])
    change = await last_change(client)
    assert (change["status"], change["error"]["error"]) == ("failed", "no_questions")
    assert (await values(client))["file_name"] == 1.3


async def test_the_guard_can_be_taken_away_and_must_have_ended_well(stage, client) -> None:
    evaluation = await guard(stage, client)
    assert (await client.delete(f"{PATH}/guard")).json()["guard"] is None
    assert (await client.put(PATH, json={"weights": {"keyword": 0}})).status_code == 200
    missing = await client.put(f"{PATH}/guard", json={"evaluation_id": "nothing"})
    assert (missing.status_code, missing.json()["error"]) == (404, "evaluation_not_found")
    stranger = await stage.add_user("eve@example.com")
    refused = await stranger.put(f"{PATH}/guard", json={"evaluation_id": evaluation})
    assert refused.status_code == 404
    assert await values(stranger) == {"keyword": 1.0, "file_name": 1.3, "tests": 0.35}


async def test_a_guard_whose_repository_is_deleted_guards_no_more(stage, client) -> None:
    await guard(stage, client)
    (repository,) = (await client.get("/api/v1/repositories")).json()["items"]
    await stage.finish(client, (await client.delete(f"/api/v1/repositories/{repository['id']}")).json()["run"]["id"])
    assert (await client.get(PATH)).json()["guard"] is None
    reply = await client.put(PATH, json={"weights": {"keyword": 0}})
    assert (reply.status_code, reply.json()["guard"]) == (200, None)
    assert (await last_change(client))["status"] == "applied"
    async with stage.worker.platform.sessions() as session:
        assert list(await session.scalars(select(SearchSettings.guard_id))) == [None]
    await client.put(PATH, json={"weights": {"keyword": 2}, "force": True})
    assert (await last_change(client))["status"] == "applied", "there was nothing to be forced"


async def test_only_administrators_tune_search(stage, client) -> None:
    key = (await client.post("/api/v1/api-keys", json={"name": "ci", "scopes": ["search", "index"]})).json()["key"]
    for method, path in (("GET", PATH), ("PUT", PATH), ("DELETE", f"{PATH}/guard")):
        body = {"json": {}} if method == "PUT" else {}
        reply = await stage.client.request(method, path, headers={"Authorization": f"Bearer {key}"}, **body)
        assert (reply.status_code, reply.json()["error"]) == (403, "admin_required")
