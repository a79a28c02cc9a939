"""The embedding models, as those who run the installation see them."""

PATH = "/api/v1/embedding-models"


async def test_models_are_shown_with_their_memory_and_use_and_switched(stage) -> None:
    admin = await stage.sign_in()
    shown = (await admin.get(PATH)).json()["items"]
    assert [(model["id"], model["state"], model["memory_bytes"]) for model in shown] == [
        ("all-MiniLM-L6-v2", "ready", 10),
        ("static", "ready", 10),
    ]
    assert shown[0]["use"]["texts"] == 3
    freed = await admin.post(f"{PATH}/unload", json={"model": "static"})
    assert (freed.status_code, freed.json()["state"]) == (200, "unloaded")
    again = await admin.post(f"{PATH}/load", json={"model": "static"})
    assert (again.status_code, again.json()["state"]) == (202, "loading")


async def test_a_model_that_is_not_configured_is_told(stage) -> None:
    admin = await stage.sign_in()
    for action in ("load", "unload"):
        missing = await admin.post(f"{PATH}/{action}", json={"model": "nix"})
        assert (missing.status_code, missing.json()["error"]) == (404, "model_not_found")


async def test_they_are_for_those_who_run_the_installation(stage) -> None:
    admin = await stage.sign_in()
    stranger = await stage.add_user("eve@example.com")
    await admin.post("/api/v1/users", json={"email": "kim@example.com", "name": "Kim", "password": "a good password"})
    member = await stage.sign_in("kim@example.com", "a good password")
    for client, code in ((stranger, "operator_required"), (member, "admin_required")):
        replies = [
            await client.get(PATH),
            await client.post(f"{PATH}/load", json={"model": "static"}),
            await client.post(f"{PATH}/unload", json={"model": "static"}),
        ]
        assert [(reply.status_code, reply.json()["error"]) for reply in replies] == [(403, code)] * 3
