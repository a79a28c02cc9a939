"""What every service does with a request, before any feature sees it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, Field

from codemuse.app import create_service_app
from codemuse.contracts.common import CheckRead, HealthState
from codemuse.errors import Conflict, TooManyRequests
from codemuse.settings import ServiceSettings
from codemuse.testing import SERVICE_TOKEN

router = APIRouter()
AUTHORISED = {"Authorization": f"Bearer {SERVICE_TOKEN}"}


class Thing(BaseModel):
    size: int = Field(ge=1)


@router.post("/api/v1/things")
async def create_thing(body: Thing) -> Thing:
    if body.size == 13:
        raise Conflict("There is one already.", code="thing_taken", size=13)
    if body.size == 14:
        raise TooManyRequests("Later.", retry_after=2.2)
    if body.size == 15:
        raise RuntimeError("secret detail")
    return body


@router.post("/v1/things")
async def create_openai_thing(body: Thing) -> Thing:
    return body


async def broken() -> None:
    raise ConnectionError("no route")


async def limping() -> CheckRead:
    return CheckRead(status=HealthState.DEGRADED, detail="loading")


def make_app(**options: object) -> FastAPI:
    @asynccontextmanager
    async def open_resources() -> AsyncIterator[str]:
        yield "resources"

    settings = ServiceSettings(service_token=SERVICE_TOKEN, max_body_bytes=2000)
    return create_service_app(
        name="thing-server", settings=settings, open_resources=open_resources, routers=[router], **options
    )


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with connect(make_app()) as client:
        yield client


@asynccontextmanager
async def connect(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with LifespanManager(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            yield client


async def test_every_route_but_health_demands_the_service_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200
    assert (await client.get("/metrics")).status_code == 401
    for header in ("", "Bearer wrong", "Basic abc", f"Bearer {'x' * 9000}", "Bearer \u00e9"):
        reply = await client.post(
            "/api/v1/things", json={"size": 1}, headers={"Authorization": header.encode("latin-1")}
        )
        assert reply.status_code == 401
        assert reply.headers["www-authenticate"] == "Bearer"


async def test_errors_have_the_one_envelope_and_the_request_id(client: httpx.AsyncClient) -> None:
    headers = {**AUTHORISED, "X-Request-ID": "request-42-abc"}
    reply = await client.post("/api/v1/things", json={"size": 13}, headers=headers)
    assert reply.status_code == 409
    assert reply.json() == {
        "error": "thing_taken",
        "message": "There is one already.",
        "request_id": "request-42-abc",
        "details": {"size": 13},
    }
    assert reply.headers["x-request-id"] == "request-42-abc"


async def test_a_malformed_request_id_is_replaced(client: httpx.AsyncClient) -> None:
    reply = await client.get("/healthz", headers={"X-Request-ID": "bad id\x7f"})
    assert len(reply.headers["x-request-id"]) == 32


async def test_retry_after_is_a_whole_number_of_seconds(client: httpx.AsyncClient) -> None:
    reply = await client.post("/api/v1/things", json={"size": 14}, headers=AUTHORISED)
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "3")


async def test_a_bug_is_answered_with_a_neutral_sentence(client: httpx.AsyncClient) -> None:
    reply = await client.post("/api/v1/things", json={"size": 15}, headers=AUTHORISED)
    assert reply.status_code == 500
    assert reply.json()["error"] == "internal_error"
    assert "secret detail" not in reply.text


async def test_wrong_fields_are_named(client: httpx.AsyncClient) -> None:
    reply = await client.post("/api/v1/things", json={"size": 0}, headers=AUTHORISED)
    assert reply.status_code == 422
    assert reply.json()["error"] == "invalid_input"
    assert "size" in reply.json()["message"]


async def test_a_body_that_is_no_json_is_called_that(client: httpx.AsyncClient) -> None:
    as_json, as_text = ({**AUTHORISED, "Content-Type": kind} for kind in ("application/json", "text/plain"))
    broken = await client.post("/api/v1/things", content='{"size":', headers=as_json)
    assert (broken.status_code, broken.json()["message"]) == (422, "body: is not JSON at character 8: Expecting value")
    undeclared = await client.post("/api/v1/things", content='{"size": 1}', headers=as_text)
    assert undeclared.status_code == 422
    assert "Content-Type: application/json" in undeclared.json()["message"]


async def test_routes_in_openais_dialect_fail_in_openais_shape(client: httpx.AsyncClient) -> None:
    reply = await client.post("/v1/things", json={"size": 0}, headers=AUTHORISED)
    assert reply.status_code == 422
    assert reply.json()["error"]["type"] == "invalid_request_error"
    assert (await client.post("/v1/things", json={"size": 1})).json()["error"]["type"] == "authentication_error"


async def test_a_body_over_the_limit_is_refused_declared_or_not(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    declared = await client.post("/api/v1/things", content=b"x" * 3000, headers=AUTHORISED)
    undeclared = await client.post("/api/v1/things", content=pieces(), headers=AUTHORISED)
    nonsense = await client.post("/api/v1/things", content=b"x", headers={**AUTHORISED, "Content-Length": "many"})
    assert (declared.status_code, undeclared.status_code, nonsense.status_code) == (413, 413, 400)
    assert declared.json()["error"] == "payload_too_large"


async def test_nul_characters_are_refused(client: httpx.AsyncClient) -> None:
    reply = await client.get("/healthz?x=a%00b")
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")


async def test_unknown_addresses_and_methods_get_the_envelope_too(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere", headers=AUTHORISED)).json()["error"] == "not_found"
    assert (await client.delete("/api/v1/things", headers=AUTHORISED)).json()["error"] == "method_not_allowed"


async def test_readiness_is_the_worst_of_its_checks() -> None:
    async with connect(make_app(checks=lambda _: {"model": limping})) as client:
        reply = await client.get("/readyz")
        assert (reply.status_code, reply.json()["status"]) == (200, "degraded")
    async with connect(make_app(checks=lambda _: {"model": limping, "postgres": broken})) as client:
        reply = await client.get("/readyz")
        assert (reply.status_code, reply.json()["status"]) == (503, "down")
        assert reply.json()["checks"]["postgres"]["detail"] == "ConnectionError"


async def test_requests_are_counted_by_route_template(client: httpx.AsyncClient) -> None:
    await client.post("/api/v1/things", json={"size": 1}, headers=AUTHORISED)
    text = (await client.get("/metrics", headers=AUTHORISED)).text
    assert 'route="/api/v1/things"' in text
