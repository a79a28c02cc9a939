"""Usage names people and keys by ids; this says who they are, also after they are gone."""


async def test_an_administrator_sees_everybody_and_keys_that_were_taken_back(stage) -> None:
    admin = await stage.sign_in()
    await admin.post("/api/v1/users", json={"email": "kim@example.com", "name": "Kim", "password": "a good password"})
    kim = await stage.sign_in("kim@example.com", "a good password")
    keys = [(await kim.post("/api/v1/api-keys", json={"name": name, "scopes": ["chat"]})).json() for name in "ba"]
    assert (await kim.delete(f"/api/v1/api-keys/{keys[0]['id']}")).status_code == 204
    seen = (await admin.get("/api/v1/usage/subjects")).json()
    assert ("Kim", "kim@example.com", False) in [
        (user["name"], user["detail"], user["is_gone"]) for user in seen["users"]
    ]
    assert [(key["id"], key["name"], key["is_gone"]) for key in seen["keys"]] == [
        (keys[1]["id"], "a", False),
        (keys[0]["id"], "b", True),
    ]
    assert seen["keys"][0]["detail"] == keys[1]["prefix"]
    assert all(key["key"] not in str(seen) for key in keys)


async def test_members_see_themselves_and_strangers_nobody_of_ours(stage) -> None:
    admin = await stage.sign_in()
    await admin.post("/api/v1/api-keys", json={"name": "mine", "scopes": ["chat"]})
    await admin.post("/api/v1/users", json={"email": "kim@example.com", "name": "Kim", "password": "a good password"})
    kim = await stage.sign_in("kim@example.com", "a good password")
    seen = (await kim.get("/api/v1/usage/subjects")).json()
    assert ([user["name"] for user in seen["users"]], seen["keys"]) == (["Kim"], [])
    stranger = await stage.add_user("eve@example.com")
    seen = (await stranger.get("/api/v1/usage/subjects")).json()
    assert ([user["detail"] for user in seen["users"]], seen["keys"]) == (["eve@example.com"], [])
