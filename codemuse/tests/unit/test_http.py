"""The service client: what it tries again, what it gives back, what it tells the other side."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import httpx
import pytest
import stamina
from pydantic import SecretStr

from codemuse.contracts.common import HealthRead, Reply
from codemuse.errors import DeadlineExceeded, DependencyFailed, NotFound, TooManyRequests, Unavailable
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
    assert 100 * 0.2 <= spent <= 100 * 0.2 + 4


BUSY = httpx.Response(429, json={"error": "too_many_requests", "message": "Busy.", "request_id": "", "details": {}})


async def test_only_retries_that_happen_are_taken_out_of_the_budget() -> None:
    async with connect(upstream := Upstream(BUSY)) as client:
        for requests in (3, 3 + 2):
            with pytest.raises(TooManyRequests):
                await client.call("GET", "/ping", Pong)
            assert len(upstream.requests) == requests


async def test_calls_that_must_not_be_repeated_leave_the_budget_to_others() -> None:
    async with connect(upstream := Upstream(BUSY)) as client:
        for _ in range(10):
            with pytest.raises(TooManyRequests):
                await client.call("POST", "/ping", Pong, idempotent=False)
        with pytest.raises(TooManyRequests):
            await client.call("GET", "/ping", Pong)
    assert len(upstream.requests) == 10 + 3


class Silent(httpx.AsyncBaseTransport):
    """Never answers."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError


class Trickle(httpx.AsyncByteStream):
    """Never ends."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.01)


class Trickling(httpx.AsyncBaseTransport):
    """Answers without an end."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Trickle(), request=request)


@pytest.mark.parametrize("transport", [Silent(), Trickling()])
async def test_an_answer_that_is_not_complete_in_time_is_given_up(transport: httpx.AsyncBaseTransport) -> None:
    begin_request()
    async with open_service_client(ADDRESS, transport=transport) as client, asyncio.timeout(5):
        with pytest.raises(Unavailable) as raised:
            await client.call("GET", "/ping", Pong, idempotent=False, timeout_seconds=0.1)
    assert raised.value.public_code == "service_timeout"


async def leave(client: ServiceClient, *, streaming: bool) -> None:
    """Begin a call, and leave before it is answered."""

    async def ask() -> None:
        if streaming:
            async with client.stream("GET", "/ping"):
                pass
        else:
            await client.call("GET", "/ping", Pong)

    asking = asyncio.create_task(ask())
    await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.wait([asking])


@pytest.mark.parametrize("streaming", [True, False])
async def test_leaving_gives_a_probes_place_back_and_proves_nothing(streaming: bool) -> None:
    begin_request()
    async with open_service_client(ADDRESS, transport=Silent()) as client:
        for _ in range(4):
            await client.breaker.after_call(succeeded=False)
        await leave(client, streaming=streaming)
        assert (await client.breaker.read()).failures == 4
        await client.breaker.after_call(succeeded=False)
        client.breaker.policy = replace(client.breaker.policy, open_seconds=0.1)
        await asyncio.sleep(0.1)
        await client.breaker.before_call()
        client.breaker.policy = replace(client.breaker.policy, open_seconds=60)
        for _ in range(5):
            await leave(client, streaming=streaming)
        for _ in range(2):
            await client.breaker.before_call()
        with pytest.raises(Unavailable):
            await client.breaker.before_call()


async def test_a_call_without_time_takes_no_probes_place() -> None:
    async with connect(upstream := Upstream(OK)) as client:
        for _ in range(5):
            await client.breaker.after_call(succeeded=False)
        client.breaker.policy = replace(client.breaker.policy, open_seconds=0.1)
        await asyncio.sleep(0.1)
        await client.breaker.before_call()
        client.breaker.policy = replace(client.breaker.policy, open_seconds=60)
        begin_request(timeout_seconds=0)
        for _ in range(5):
            with pytest.raises(DeadlineExceeded):
                await client.call("GET", "/ping", Pong)
        begin_request()
        for _ in range(2):
            assert (await client.call("GET", "/ping", Pong)).pong == 1
    assert len(upstream.requests) == 2
