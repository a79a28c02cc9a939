"""The features of search through the public API: operators, explanations, versions, context, evaluations."""

import pytest


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ('"place_order(customer"', {"shop/orders.py"}),
        ("order path:*.md", {"README.md"}),
        ("symbol:charge_credit_card", {"shop/payment.py"}),
        (r"/def \w+_card\(/", {"shop/payment.py"}),
        ("credit -order lang:python kind:function", {"shop/payment.py"}),
        ("repo:shop EmptyOrderError path:shop/", {"shop/orders.py"}),
    ],
)
def test_operators_narrow_a_search(platform, shop, query, paths) -> None:
    found = platform.search(query, repository_ids=[shop["id"]], mode="keyword")
    assert {hit["path"] for hit in found} == paths


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("x repo:nowhere", 404, "unknown_repository"),
        ("/(/", 422, "invalid_query"),
        ("lang:klingon x", 422, "invalid_query"),
        ("repo:shop", 422, "invalid_query"),
        ("", 422, "invalid_input"),
        ("x" * 4001, 422, "invalid_input"),
    ],
)
def test_a_query_that_cannot_be_answered_says_why(platform, shop, query, status, code) -> None:
    reply = platform.client.post("/api/v1/search", json={"query": query, "mode": "keyword"})
    assert (reply.status_code, reply.json()["error"]) == (status, code)


def test_a_result_can_be_explained(platform, shop) -> None:
    body = {"query": "place_order", "repository_ids": [shop["id"]], "explain": True}
    reply = platform.client.post("/api/v1/search", json=body).json()
    parts = reply["results"][0]["explanation"]
    score = sum(part["share"] for part in parts["retrievers"]) + sum(rule["added"] or 0 for rule in parts["rules"])
    for rule in parts["rules"]:
        score *= rule["factor"] or 1
    assert score == pytest.approx(reply["results"][0]["score"], abs=0.01)
    assert {part["name"] for part in parts["retrievers"]} == {"keyword", "fast", "dense"}
    assert reply["explanation"]["stages_ms"]["rank"] >= 0


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("who calls charge_credit_card?", "shop/orders.py"),
        ("charge_credit_card를 호출하는 곳은?", "shop/orders.py"),
        ("what does place_order call?", "shop/payment.py"),
    ],
)
def test_callers_and_callees_are_found_in_the_call_graph(platform, shop, question, path) -> None:
    found = platform.search(question, repository_ids=[shop["id"]])
    related = [hit["path"] for hit in found if "graph" in hit["matched"]]
    assert path in related
    assert related == [hit["path"] for hit in found[: len(related)]]


def test_versions_are_kept_searched_and_compared(platform, shop_files) -> None:
    first = platform.index("versions", shop_files)
    path = f"/api/v1/repositories/{first['id']}/versions"
    platform.client.patch(f"{path}/1", json={"label": "v1", "kept": True}).raise_for_status()
    shop_files["shop/payment.py"] = shop_files["shop/payment.py"].replace("charge_credit_card", "charge_debit_card")
    for number in range(3):
        shop_files["README.md"] = f"# Shop {number}\n"
        platform.index("versions", shop_files)
    listed = platform.client.get(path).json()["items"]
    assert [item["generation"] for item in listed] == [4, 3, 2, 1]
    scope = {"repository_ids": [first["id"]], "mode": "keyword"}
    assert platform.search('"def charge_credit_card"', **scope) == []
    assert platform.search('"def charge_credit_card"', as_of="v1", **scope)[0]["commit"] == first["commit"]
    body = {"repository_id": first["id"], "query": "charge a card", "before": "v1"}
    changes = platform.client.post("/api/v1/search/compare", json=body).raise_for_status().json()["changes"]
    assert "shop/payment.py" in {change["path"] for change in changes}
    assert "shop/안내.md" not in {change["path"] for change in changes}


def test_versions_that_nobody_kept_are_forgotten(platform, shop_files) -> None:
    for number in range(4):
        shop_files["shop/payment.py"] += f"\n\ndef charge_number_{number}():\n    return {number}\n"
        repository = platform.index("forgetful", shop_files)
    listed = platform.client.get(f"/api/v1/repositories/{repository['id']}/versions").json()["items"]
    assert [item["generation"] for item in listed] == [4, 3]
    assert platform.client.get(f"/api/v1/repositories/{repository['id']}").json()["refined"]
    scope = {"repository_ids": [repository["id"]], "mode": "keyword"}
    assert platform.search('"def charge_number_3"', **scope)


def test_context_packs_evidence_and_the_definitions_it_uses(platform, shop) -> None:
    body = {"queries": ["place an order"], "repository_ids": [shop["id"]], "token_budget": 1_000}
    first, second = (platform.client.post("/api/v1/context", json=body).json() for _ in range(2))
    assert first["sources"] == second["sources"]
    assert first["tokens"] <= 1_000
    assert {"shop/orders.py", "shop/payment.py"} <= {source["path"] for source in first["sources"]}


def test_search_is_evaluated_and_the_history_kept(platform, shop) -> None:
    questions = [{"query": "how is a card charged", "relevant": ["shop/payment.py"]}]
    for body in ({"questions": questions}, {"sample": 5, "signals": True}):
        accepted = platform.client.post("/api/v1/evaluations", json={"repository_id": shop["id"], **body})
        accepted = accepted.raise_for_status().json()
        assert platform.wait(accepted["run"]["id"])["status"] == "succeeded"
        done = platform.client.get(f"/api/v1/evaluations/{accepted['evaluation']['id']}").json()
        assert done["measure"]["ndcg"] > 0.8, done
    assert done["signals"]["keyword"] <= 0
    history = platform.client.get("/api/v1/evaluations", params={"repository_id": shop["id"]}).json()["items"]
    assert len(history) == 2
