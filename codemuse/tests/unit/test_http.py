"""The service client: what it tries again, what it gives back, what it tells the other side."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import stamina
from pydantic import SecretStr

from codemuse.contracts.common import HealthRead, Reply
from codemuse.errors import DeadlineExceeded, DependencyFailed, NotFound, Unavailable
from codemuse.http import RetryBudget, ServiceAddress, ServiceClient, open_service_client
from codemuse.request_context import begin_request

ADDRESS = ServiceAddress("rag-server", "http://rag", SecretStr("a token"))


class Pong(Reply):
    pong: int


class Upstream:
    """Answers with the given replies in turn, the last one for ever."""

    def __init__(self, *replies: httpx.Response | Exception) -> None:
        self._replies = list(replies)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)


Connect = Callable[[Upstream], AsyncIterator[ServiceClient]]
OK = httpx.Response(200, json={"pong": 1})
AWAY = httpx.Response(503, json={"error": "unavailable", "message": "Away.", "request_id": "", "details": {}})


@pytest.fixture(autouse=True)
def no_waiting() -> AsyncIterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


def connect(upstream: Upstream):
    return open_service_client(ADDRESS, transport=httpx.MockTransport(upstream))


async def test_it_carries_token_request_id_and_remaining_time() -> None:
    begin_request("request-0001", timeout_seconds=5)
    async with connect(upstream := Upstream(OK)) as client:
        assert (await client.call("GET", "/ping", Pong)).pong == 1
    headers = upstream.requests[0].headers
    assert headers["authorization"] == "Bearer a token"
    assert headers["x-request-id"] == "request-0001"
    assert 0 < float(headers["x-codemuse-timeout-seconds"]) <= 5


async def test_a_service_that_is_away_for_a_moment_is_asked_again() -> None:
    async with connect(upstream := Upstream(AWAY, OK)) as client:
        assert (await client.call("GET", "/ping", Pong)).pong == 1
    assert len(upstream.requests) == 2


async def test_what_must_not_happen_twice_is_not_tried_again() -> None:
    async with connect(upstream := Upstream(AWAY, OK)) as client:
        with pytest.raises(Unavailable):
            await client.call("POST", "/ping", Pong, idempotent=False)
    assert len(upstream.requests) == 1


async def test_a_refusal_comes_back_as_its_class_and_is_not_tried_again() -> None:
    body = {"error": "run_not_found", "message": "No.", "request_id": "r", "details": {"id": "x"}}
    async with connect(upstream := Upstream(httpx.Response(404, json=body))) as client:
        with pytest.raises(NotFound) as raised:
            await client.call("GET", "/ping", Pong)
    assert raised.value.public_code == "run_not_found"
    assert raised.value.details == {"id": "x"}
    assert len(upstream.requests) == 1


async def test_refusals_do_not_open_the_breaker_and_failures_do() -> None:
    refusal = httpx.Response(422, json={"error": "invalid_input", "message": "No."})
    async with connect(Upstream(refusal)) as client:
        for _ in range(10):
            with pytest.raises(Exception, match="No"):
                await client.call("GET", "/ping", Pong, idempotent=False)
        assert (await client.breaker.read()).state == "closed"
    async with connect(upstream := Upstream(httpx.ConnectError("refused"))) as client:
        for _ in range(8):
            with pytest.raises(Unavailable):
                await client.call("GET", "/ping", Pong, idempotent=False)
        assert len(upstream.requests) == 5


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (httpx.ConnectError("refused"), "service_unreachable"),
        (httpx.ReadError("reset"), "service_interrupted"),
        (httpx.ReadTimeout("slow"), "service_timeout"),
    ],
)
async def test_transport_failures_say_what_happened(failure: Exception, code: str) -> None:
    begin_request()
    async with connect(Upstream(failure)) as client:
        with pytest.raises(Unavailable) as raised:
            await client.call("GET", "/ping", Pong, idempotent=False)
    assert raised.value.public_code == code


async def test_nothing_is_sent_once_the_deadline_has_passed() -> None:
    begin_request(timeout_seconds=0)
    async with connect(upstream := Upstream(OK)) as client:
        with pytest.raises(DeadlineExceeded):
            await client.call("GET", "/ping", Pong)
    assert upstream.requests == []


async def test_nonsense_is_not_taken_for_an_answer() -> None:
    begin_request()
    async with connect(Upstream(httpx.Response(200, text="<html>"))) as client:
        with pytest.raises(DependencyFailed):
            await client.call("GET", "/ping", Pong, idempotent=False)


async def test_an_error_in_openai_shape_is_understood() -> None:
    begin_request()
    body = {"error": {"message": "No such model.", "type": "not_found_error", "code": "model_not_found"}}
    async with connect(Upstream(httpx.Response(404, json=body))) as client:
        with pytest.raises(NotFound) as raised:
            await client.call("GET", "/ping", Pong)
    assert raised.value.public_code == "model_not_found"


async def test_a_page_that_is_no_envelope_becomes_a_neutral_error() -> None:
    begin_request()
    async with connect(Upstream(httpx.Response(500, text="Traceback ..."))) as client:
        with pytest.raises(Exception, match="answered with status 500") as raised:
            await client.call("GET", "/ping", Pong, idempotent=False)
    assert "Traceback" not in str(raised.value)


async def test_a_stream_is_read_as_it_comes_and_errors_keep_their_class() -> None:
    begin_request()
    lines = Upstream(httpx.Response(200, text="data: 1\n\ndata: 2\n\n"))
    async with connect(lines) as client, client.stream("POST", "/stream") as response:
        assert [line async for line in response.aiter_lines() if line] == ["data: 1", "data: 2"]
    async with connect(Upstream(AWAY)) as client:
        with pytest.raises(Unavailable):
            async with client.stream("POST", "/stream"):
                pass
    async with connect(Upstream(httpx.ConnectError("refused"))) as client:
        with pytest.raises(Unavailable):
            async with client.stream("POST", "/stream"):
                pass


async def test_a_probe_reads_health_whatever_its_status_and_past_the_breaker() -> None:
    health = httpx.Response(503, json={"status": "down", "checks": {"postgres": {"status": "down"}}})
    async with connect(Upstream(health)) as client:
        for _ in range(8):
            assert (await client.probe(HealthRead, seconds=1)).status == "down"
    async with connect(Upstream(httpx.Response(200, text="hello"))) as client:
        with pytest.raises(Unavailable):
            await client.probe(HealthRead, seconds=1)


def test_retries_are_a_fifth_of_the_calls_at_most() -> None:
    budget = RetryBudget()
    spent = 0
    for _ in range(100):
        budget.earn()
        spent += budget.spend()
    assert spent <= 100 * 0.2 + 4
