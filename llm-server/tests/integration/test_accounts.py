"""What is used is written down and stays within its limits, whatever happens to callers, processes and Redis."""

import asyncio
import csv
import io
import os
import signal
import subprocess
import sys
import time

import httpx
import orjson
import psycopg
import pytest
import redis

from codemuse.contracts.providers import caller_headers
from codemuse.testing import SERVICE_TOKEN, eventually, free_port

ANN = caller_headers(organisation="acme", user="ann", role="admin")
BOB = caller_headers(organisation="acme", user="bob", role="member")
ALERTS = 'codemuse_llm_budget_alerts_total{period="day",scope="organisation",unit="cost"}'
PRICE = {"prompt": 0.0, "completion": 1000.0}
"""A thousandth of the currency for a token, so that ten words cost 0.01."""


async def budget(stage, scope: str = "organisation", subject_id: str = "", **limits) -> None:
    body = {"scope": scope, "subject_id": subject_id, "limits": limits}
    reply = await stage.http.put("/api/v1/budgets", json=body, headers=ANN)
    assert reply.status_code == 200, reply.text


async def metric(stage, name: str) -> float:
    lines = (await stage.http.get("/metrics")).text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


async def report(stage, headers=ANN, **query) -> dict:
    reply = await stage.http.get("/api/v1/usage", params=query, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_a_days_report_is_the_sum_of_its_rows(stage) -> None:
    await stage.declare(
        stage.model("cut-for-report?fault=cut&after=3", "first", price=PRICE),
        stage.model("priced", price=PRICE),
        roles={"chat": ["first", "priced"]},
        headers=ANN,
    )
    await asyncio.gather(*(stage.chat("priced", headers=who) for who in (ANN, BOB) for _ in range(4)))
    await stage.events(headers=ANN)
    await stage.chat("priced", headers=ANN, messages=[])
    total = (await report(stage, group_by="day"))["total"]
    rows = stage.rows(organisation_id="acme")
    assert (total["requests"], total["upstream_calls"]) == (9, 10)
    for figure in ("prompt_tokens", "completion_tokens", "cached_tokens"):
        assert total[figure] == sum(row[figure] for row in rows)
    assert total["cost"] * 1_000_000 == pytest.approx(sum(row["cost"] for row in rows))
    assert (total["fallbacks"], total["switches"], total["failed_requests"]) == (1, 1, 0)
    by_user = await report(stage, group_by="user")
    assert {item["group"]["user"]: item["requests"] for item in by_user["items"]} == {"ann": 5, "bob": 4}
    by_two = await report(stage, group_by=["model", "user"])
    assert sum(item["upstream_calls"] for item in by_two["items"]) == 10
    exported = await stage.http.get("/api/v1/usage/export", headers=ANN)
    assert sum(int(row["cost"]) for row in csv.DictReader(io.StringIO(exported.text))) == sum(
        row["cost"] for row in rows
    )


async def test_who_does_not_administer_sees_their_own_usage_only(stage) -> None:
    await stage.chat(headers=ANN)
    await stage.chat(headers=BOB)
    assert (await report(stage, BOB, group_by="user", user_id="ann"))["items"][0]["group"] == {"user": "bob"}
    assert (await report(stage, caller_headers(organisation="other", role="admin")))["total"]["requests"] == 0


async def test_a_cap_holds_against_many_at_once_to_within_one_request(stage) -> None:
    """Ten words cost 0.01 and reserve 0.02; the cap takes the fourth request over its edge and no fifth."""
    await stage.declare(stage.model("capped?lead=0.05", "capped", price=PRICE), headers=ANN)
    await budget(stage, cost_per_day=0.035)
    replies = await asyncio.gather(*(stage.chat("capped", headers=BOB, max_tokens=20) for _ in range(30)))
    codes = [reply.status_code for reply in replies]
    assert set(codes) == {200, 402}
    while (reply := await stage.chat("capped", headers=BOB, max_tokens=20)).status_code == 200:
        codes.append(200)
    assert reply.json()["error"]["code"] == "budget_exceeded"
    assert int(reply.headers["Retry-After"]) > 0
    spent = (await report(stage))["total"]["cost"]
    assert spent == pytest.approx(0.01 * codes.count(200))
    assert 0.035 <= spent <= 0.045
    told = (await stage.http.get("/api/v1/budgets", headers=ANN)).json()["items"][0]["spent"][0]
    assert (told["spent"], told["limit"], told["is_alert"]) == (pytest.approx(spent), 0.035, True)


async def test_a_budget_that_is_nearly_used_up_alerts_once(stage) -> None:
    """Ten words cost 0.01, the cap is 0.1: the alert at half of it comes with the fifth answer."""
    await stage.declare(stage.model("alerting", price=PRICE), headers=ANN)
    await budget(stage, cost_per_day=0.1, alert_share=0.5)
    before, alerts = await metric(stage, ALERTS), []
    for number in range(1, 8):
        assert (await stage.chat("alerting", headers=BOB, max_tokens=10)).status_code == 200
        await stage.wait_for_rows(number)
        alerts.append(await metric(stage, ALERTS) - before)
    assert alerts == [0, 0, 0, 0, 1, 1, 1]
    [spent] = (await stage.http.get("/api/v1/budgets", headers=ANN)).json()["items"][0]["spent"]
    assert (spent["spent"], spent["is_alert"]) == (pytest.approx(0.07), True)


async def test_a_month_has_a_cap_of_its_own(stage) -> None:
    await stage.declare(stage.model("monthly", price=PRICE), headers=ANN)
    await budget(stage, cost_per_month=0.02, cost_per_day=100)
    replies = await asyncio.gather(*(stage.chat("monthly", headers=BOB, max_tokens=10) for _ in range(20)))
    assert [reply.status_code for reply in replies].count(200) == 2
    refused = next(reply for reply in replies if reply.status_code == 402)
    assert "month" in refused.json()["error"]["message"]


async def test_a_cap_of_each_user_is_not_used_up_by_another(stage) -> None:
    await budget(stage, "user", tokens_per_month=5)
    assert (await stage.chat(headers=ANN)).status_code == 200
    await eventually(lambda: stage.rows(user_id="ann"))
    assert (await stage.chat(headers=ANN)).status_code == 402
    assert (await stage.chat(headers=BOB)).status_code == 200


async def test_what_was_spent_is_known_after_redis_was_emptied(stage) -> None:
    await budget(stage, tokens_per_day=5)
    assert (await stage.chat(headers=ANN)).status_code == 200
    await stage.wait_for_rows(1)
    redis.Redis.from_url(stage.settings.redis_url.get_secret_value()).flushall()
    assert (await stage.chat(headers=ANN)).json()["error"]["code"] == "budget_exceeded"


async def test_requests_a_minute_are_limited_and_told(stage) -> None:
    await budget(stage, "user", requests_per_minute=2, tokens_per_minute=100_000)
    first, second, third = [await stage.chat(headers=BOB) for _ in range(3)]
    assert [reply.status_code for reply in (first, second, third)] == [200, 200, 429]
    assert (first.headers["X-RateLimit-Limit-Requests"], first.headers["X-RateLimit-Remaining-Requests"]) == ("2", "1")
    assert int(first.headers["X-RateLimit-Remaining-Tokens"]) < 100_000
    assert third.json()["error"]["code"] == "rate_limited"
    assert 1 <= int(third.headers["Retry-After"]) <= 30
    assert third.headers["X-RateLimit-Remaining-Requests"] == "0"


async def test_tokens_a_minute_count_what_was_really_used(stage) -> None:
    """Each call reserves five hundred tokens but uses some twenty; the rest is given back."""
    await stage.declare(stage.model("frugal"), headers=ANN)
    await budget(stage, tokens_per_minute=600)
    for _ in range(5):
        assert (await stage.chat("frugal", headers=BOB, max_tokens=500)).status_code == 200
        await asyncio.sleep(0.1)


async def test_one_user_cannot_take_all_streams(stage) -> None:
    """Five hundred streams at once of one user: five are served, the others told to wait, and all places come free."""
    await stage.declare(stage.model("parallel?events=5000&delay=0.05", "parallel"), headers=ANN)
    await budget(stage, "user", parallel_requests=5)
    asking = [asyncio.create_task(stage.chat("parallel", headers=BOB, stream=True)) for _ in range(500)]
    await eventually(lambda: sum(task.done() for task in asking) == 495, seconds=100)
    assert {task.result().status_code for task in asking if task.done()} == {429}
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    await stage.wait_for_rows(5, outcome="cancelled")
    assert (await stage.chat(headers=BOB)).status_code == 200


async def test_many_limited_callers_at_once_are_all_looked_up(stage) -> None:
    await budget(stage, "user", requests_per_minute=10_000, cost_per_day=1e6)
    replies = await asyncio.gather(*(stage.chat(headers=BOB) for _ in range(300)))
    assert {reply.status_code for reply in replies} == {200}
    assert len(await stage.wait_for_rows(300)) == 300


async def test_a_caller_who_leaves_gives_the_reservation_back(stage) -> None:
    await stage.declare(stage.model("left?events=1000&delay=0.05", "left"), headers=ANN)
    await budget(stage, "user", parallel_requests=1)
    body = {"model": "left", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    async with stage.http.stream("POST", "/v1/chat/completions", json=body, headers=BOB) as reply:
        await anext(reply.aiter_lines())
    await stage.wait_for_rows(1, outcome="cancelled")
    assert (await stage.chat("extractive", headers=BOB)).status_code == 200


async def test_without_redis_answers_come_unless_they_are_limited(stage) -> None:
    await budget(stage, "user", "ann", requests_per_minute=100)
    client = redis.Redis.from_url(stage.settings.redis_url.get_secret_value())
    client.execute_command("CLIENT", "PAUSE", "3500", "ALL")
    unlimited, limited = await asyncio.gather(stage.chat(headers=BOB), stage.chat(headers=ANN))
    assert unlimited.status_code == 200
    assert limited.json()["error"]["code"] == "limits_unavailable"
    assert len(await stage.wait_for_rows(1, user_id="bob")) == 1


async def test_without_redis_the_service_is_degraded_not_down(stage) -> None:
    redis.Redis.from_url(stage.settings.redis_url.get_secret_value()).execute_command("CLIENT", "PAUSE", "4000", "ALL")
    reply = await stage.http.get("/readyz")
    assert (reply.status_code, reply.json()["status"]) == (200, "degraded")
    assert reply.json()["checks"]["redis"]["status"] == "degraded"


async def test_a_call_whose_process_is_killed_is_written_down_as_reserved(stage, settings) -> None:
    await stage.declare(stage.model("killed?events=1000&delay=0.05", "killed", price=PRICE), headers=ANN)
    client_of_redis = redis.Redis.from_url(settings.redis_url.get_secret_value())
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "llm_server.main:create_app", "--factory", "--port", str(port)]
    environment = {
        **os.environ,
        "SERVICE_TOKEN": SERVICE_TOKEN,
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "REDIS_URL": settings.redis_url.get_secret_value(),
        "ANSWER_SECONDS": "1",
    }
    body = {"model": "killed", "messages": [{"role": "user", "content": "Hi"}], "stream": True, "max_tokens": 100}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(headers={**ANN, "Authorization": f"Bearer {SERVICE_TOKEN}"}) as client:
            await eventually(lambda: _answers(url), seconds=20)
            async with client.stream("POST", f"{url}/v1/chat/completions", json=body) as reply:
                assert reply.status_code == 200
                await anext(reply.aiter_lines())
                await eventually(lambda: client_of_redis.zcard("llm:pending:due") == 1)
                process.send_signal(signal.SIGKILL)
                process.wait()
    [pending] = client_of_redis.zrange("llm:pending:due", 0, -1)
    client_of_redis.zadd("llm:pending:due", {pending: time.time() - 1})
    row = (await stage.wait_for_rows(1, model="killed"))[0]
    assert (row["outcome"], row["completion_tokens"], row["cost"]) == ("lost", 100, 100_000)
    assert (await report(stage))["total"]["cost"] == pytest.approx(0.1)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


async def test_rows_are_written_once_however_often_they_arrive(stage) -> None:
    await stage.chat(headers=ANN)
    row = (await stage.wait_for_rows(1))[0]
    client = redis.Redis.from_url(stage.settings.redis_url.get_secret_value())
    client.rpush("llm:usage", orjson.dumps(row | {"at": row["at"].isoformat()}))
    await eventually(lambda: client.llen("llm:usage") == 0)
    assert len(stage.rows()) == 1


async def test_budgets_are_for_administrators(stage) -> None:
    assert (await stage.http.get("/api/v1/budgets", headers=BOB)).status_code == 403
    with psycopg.connect(stage.settings.database_url.get_secret_value()) as connection:
        assert connection.execute("SELECT count(*) FROM llm.budgets").fetchone() == (0,)
