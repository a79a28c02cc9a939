"""Accounts: signing in, staying in, getting out, and keys for machines."""

import base64
import json

import jwt
import pytest

ADMIN = {"email": "admin@example.com", "password": "correct horse battery"}


async def code(reply) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]


async def test_the_first_administrator_can_sign_in(stage) -> None:
    client = await stage.sign_in()
    me = (await client.get("/api/v1/auth/me")).json()
    assert (me["email"], me["role"]) == (ADMIN["email"], "admin")


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"email": "nobody@example.com"}, {"email": "' OR 1=1--"}, {"password": "x" * 1000}]
)
async def test_wrong_credentials_are_refused_without_saying_which(stage, wrong) -> None:
    reply = await stage.client.post("/api/v1/auth/login", json=ADMIN | wrong)
    assert await code(reply) == (401, "wrong_credentials")


async def test_guessing_is_slowed_down(open_stage) -> None:
    async with open_stage(login_attempts_per_minute=3) as stage:
        for _ in range(3):
            await stage.client.post("/api/v1/auth/login", json={**ADMIN, "password": "wrong"})
        reply = await stage.client.post("/api/v1/auth/login", json=ADMIN)
        assert await code(reply) == (429, "login_throttled")


async def test_a_refresh_token_is_good_for_one_exchange(stage) -> None:
    tokens = (await stage.client.post("/api/v1/auth/login", json=ADMIN)).json()
    first = await stage.client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    second = await stage.client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert first.status_code == 200
    assert await code(second) == (401, "session_over")


async def test_nothing_works_after_signing_out(stage) -> None:
    tokens = (await stage.client.post("/api/v1/auth/login", json=ADMIN)).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await stage.client.get("/api/v1/auth/me", headers=headers)).status_code == 200
    await stage.client.post("/api/v1/auth/logout", json={"refresh_token": tokens["refresh_token"]})
    assert (await stage.client.get("/api/v1/auth/me", headers=headers)).status_code == 401
    again = await stage.client.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert again.status_code == 401


async def test_a_new_password_ends_all_other_sessions(stage) -> None:
    mine, other = await stage.sign_in(), await stage.sign_in()
    change = {"current_password": "wrong", "new_password": "an even better password"}
    assert await code(await mine.put("/api/v1/auth/password", json=change)) == (422, "wrong_password")
    change["current_password"] = ADMIN["password"]
    assert (await mine.put("/api/v1/auth/password", json=change)).status_code == 204
    assert (await mine.get("/api/v1/auth/me")).status_code == 200
    assert (await other.get("/api/v1/auth/me")).status_code == 401
    assert (await stage.client.post("/api/v1/auth/login", json=ADMIN)).status_code == 401


async def test_forged_tokens_are_refused(stage) -> None:
    tokens = (await stage.client.post("/api/v1/auth/login", json=ADMIN)).json()
    secret = stage.settings.jwt_secret.get_secret_value()
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    header, payload, _ = tokens["access_token"].split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
    forged = [
        f"{none}.{payload}.",
        f"{header}.{payload}.",
        jwt.encode(claims, "another secret that is long enough to sign", algorithm="HS256"),
        jwt.encode({**claims, "aud": "elsewhere"}, secret, algorithm="HS256"),
        jwt.encode({**claims, "iss": "somebody"}, secret, algorithm="HS256"),
        jwt.encode({**claims, "exp": 1}, secret, algorithm="HS256"),
        jwt.encode({**claims, "typ": "refresh"}, secret, algorithm="HS256"),
        jwt.encode({key: value for key, value in claims.items() if key != "sid"}, secret, algorithm="HS256"),
        jwt.encode(claims, secret, algorithm="HS256", headers={"crit": ["x"], "x": 1}),
        tokens["refresh_token"],
        "' UNION SELECT 1--",
        "cm_' OR 1=1--",
        "x" * 100_000,
    ]
    for token in forged:
        reply = await stage.client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert reply.status_code == 401, token[:80]


async def test_a_key_does_what_its_scopes_say_and_nothing_else(stage) -> None:
    client = await stage.sign_in()
    made = (await client.post("/api/v1/api-keys", json={"name": "ci", "scopes": ["search"]})).json()
    assert made["key"].startswith("cm_")
    listed = (await client.get("/api/v1/api-keys")).json()["items"]
    assert [key["prefix"] for key in listed] == [made["prefix"]]
    assert "key" not in listed[0]
    headers = {"Authorization": f"Bearer {made['key']}"}

    async def as_key(method: str, path: str, body=None):
        return await stage.client.request(method, path, json=body, headers=headers)

    assert (await as_key("POST", "/api/v1/search", {"query": "x"})).status_code == 200
    assert await code(await as_key("POST", "/api/v1/repositories", {"url": "https://x/y"})) == (403, "scope_missing")
    assert await code(await as_key("POST", "/api/v1/chat/sessions", {})) == (403, "scope_missing")
    assert await code(await as_key("POST", "/api/v1/api-keys", {"name": "n", "scopes": ["index"]})) == (
        403,
        "sign_in_required",
    )
    assert await code(await as_key("GET", "/api/v1/users")) == (403, "admin_required")
    for elsewhere in ({"x-api-key": made["key"]}, {"Cookie": f"authorization=Bearer {made['key']}"}):
        assert (await stage.client.post("/api/v1/search", json={"query": "x"}, headers=elsewhere)).status_code == 401
    assert (await stage.client.post(f"/api/v1/search?api_key={made['key']}", json={"query": "x"})).status_code == 401
    assert (await client.delete(f"/api/v1/api-keys/{made['id']}")).status_code == 204
    assert (await as_key("POST", "/api/v1/search", {"query": "x"})).status_code == 401
    assert await code(await client.delete(f"/api/v1/api-keys/{made['id']}")) == (404, "api_key_not_found")


async def test_administrators_add_people_and_members_do_not(stage) -> None:
    admin = await stage.sign_in()
    new = {"email": "Kim@Example.com", "name": "Kim", "password": "a good password"}
    created = await admin.post("/api/v1/users", json=new)
    assert (created.status_code, created.json()["role"]) == (201, "member")
    assert await code(await admin.post("/api/v1/users", json=new)) == (409, "email_taken")
    assert len((await admin.get("/api/v1/users")).json()["items"]) == 2
    member = await stage.sign_in("kim@example.com", "a good password")
    assert await code(await member.post("/api/v1/users", json={**new, "email": "x@example.com"})) == (
        403,
        "admin_required",
    )


@pytest.mark.parametrize("extra", [{"role": "owner"}, {"organisation_id": "x"}, {"id": "x"}, {"password": "short"}])
async def test_fields_that_are_not_ours_are_refused(stage, extra) -> None:
    admin = await stage.sign_in()
    new = {"email": "kim@example.com", "name": "Kim", "password": "a good password"} | extra
    assert (await admin.post("/api/v1/users", json=new)).status_code == 422


async def test_every_route_but_the_written_few_needs_authentication(stage) -> None:
    from orchestrator.openapi import build_openapi

    open_routes = {
        "/api/v1/health",
        "/api/v1/config",
        "/api/v1/auth/login",
        "/api/v1/auth/refresh",
        "/api/v1/auth/logout",
    }
    for path, operations in build_openapi()["paths"].items():
        for method in operations:
            if path not in open_routes:
                reply = await stage.client.request(method, path.format_map(AnyId()), json={})
                assert reply.status_code == 401, (method, path)
    for path in ("/docs", "/openapi.json", "/redoc"):
        assert (await stage.client.get(path)).status_code == 404
    assert (await stage.client.get("/metrics")).status_code == 200


async def test_health_config_and_breakers_say_how_things_are(stage) -> None:
    health = (await stage.client.get("/api/v1/health")).json()
    assert health["status"] == "ok"
    assert {"postgres", "redis", "rag-server", "docgen-server", "llm-server", "embedding-server"} == set(
        health["services"]
    )
    config = (await stage.client.get("/api/v1/config")).json()
    assert (config["default_model"], config["language_model_configured"]) == ("extractive", False)
    client = await stage.sign_in()
    breakers = (await client.get("/api/v1/circuit-breakers")).json()["items"]
    assert {breaker["state"] for breaker in breakers} == {"closed"}


class AnyId(dict):
    def __missing__(self, key: str) -> str:
        return "0" * 32
