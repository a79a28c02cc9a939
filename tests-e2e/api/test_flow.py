"""The main job, end to end through the public API: from an archive to a verified answer."""

import json

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect


def test_a_question_is_answered_with_citations_that_hold(platform, shop) -> None:
    answer = platform.ask("How is a credit card charged?", repository_ids=[shop["id"]])
    assert answer["status"] == "complete"
    assert any(citation["path"] == "shop/payment.py" for citation in answer["citations"])
    assert answer["verification"]["citations_ok"] == answer["verification"]["citations_checked"] > 0
    assert answer["verification"]["symbols_unknown"] == []
    for citation in answer["citations"]:
        where = {"path": citation["path"], "start": citation["start_line"], "end": citation["end_line"]}
        lines = platform.client.get(f"/api/v1/repositories/{shop['id']}/files", params=where).json()
        assert lines["text"].split() == citation["text"].split()
        assert lines["commit"] == citation["commit"] == shop["commit"]


def test_a_korean_question_gets_a_korean_answer(platform, shop) -> None:
    answer = platform.ask("환불 요청은 어떻게 처리하나요?", repository_ids=[shop["id"]])
    assert "shop/안내.md" in {citation["path"] for citation in answer["citations"]}
    assert "언어 모델이 설정되어 있지 않아" in answer["content"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("charge credit card", "shop/payment.py"),
        ("EmptyOrderError", "shop/orders.py"),
        ("place_order", "shop/orders.py"),
        ("환불", "shop/안내.md"),
    ],
)
@pytest.mark.parametrize("mode", ["hybrid", "keyword"])
def test_search_finds_names_meanings_and_korean(platform, shop, query, path, mode) -> None:
    assert platform.search(query, repository_ids=[shop["id"]], mode=mode)[0]["path"] == path


def test_search_is_narrowed_by_filters_and_knows_similar_code(platform, shop) -> None:
    prose = platform.search("orders", repository_ids=[shop["id"]], filters={"language": "markdown"})
    assert {hit["language"] for hit in prose} == {"markdown"}
    code = platform.search("orders", repository_ids=[shop["id"]], filters={"path": "shop/**/*.py"})
    assert code
    assert all(hit["path"].endswith(".py") for hit in code)
    similar = platform.client.get("/api/v1/search/similar", params={"chunk_id": code[0]["chunk_id"]}).json()["results"]
    assert code[0]["chunk_id"] not in {hit["chunk_id"] for hit in similar}


@pytest.mark.parametrize(
    "query", ["🙂🙂🙂", "\u0000\u0001", "((((", "a" * 4000, "' OR 1=1 --", "*", "path:", '"', "\u202e"]
)
def test_strange_queries_are_answered(platform, shop, query) -> None:
    reply = platform.client.post("/api/v1/search", json={"query": query})
    assert reply.status_code in {200, 422}, reply.text


def test_a_change_costs_what_changed_and_old_text_is_gone(platform, shop_files) -> None:
    before = platform.index("changing", shop_files)
    for path in ("shop/payment.py", "shop/orders.py"):
        shop_files[path] = shop_files[path].replace("charge_credit_card", "debit_bank_account")
    del shop_files["README.md"]
    after = platform.index("changing", shop_files)
    assert (after["id"], after["generation"]) == (before["id"], before["generation"] + 1)
    run = platform.client.get("/api/v1/runs", params={"repository_id": after["id"]}).json()["items"][0]
    steps = {step["name"]: step["detail"] for step in run["steps"]}
    assert steps["analyse"]["analysed"] == 2
    assert steps["index"]["embedded"] <= 4
    found = platform.search("debit_bank_account", repository_ids=[after["id"]], mode="keyword")
    assert found[0]["path"] == "shop/payment.py"
    assert all(
        "charge_credit_card" not in hit["text"]
        for hit in platform.search("charge credit card", repository_ids=[after["id"]])
    )
    assert "README.md" not in {hit["path"] for hit in platform.search("small shop", repository_ids=[after["id"]])}


def test_documents_graph_symbols_and_problems_are_there(platform, shop) -> None:
    client, path = platform.client, f"/api/v1/repositories/{shop['id']}"
    documents = client.get("/api/v1/documents", params={"repository_id": shop["id"]}).json()["items"]
    kinds = {document["kind"] for document in documents}
    assert {"overview", "module", "page"} <= kinds
    module = next(document for document in documents if document["source_file"] == "shop/orders.py")
    content = client.get(f"/api/v1/documents/{module['id']}").json()["content"]
    assert "place_order" in content
    assert "Store an order of a customer" in content
    symbols = client.get(f"{path}/symbols", params={"query": "place"}).json()["items"]
    assert [symbol["name"] for symbol in symbols] == ["place_order"]
    assert client.get(f"{path}/graph").json()["nodes"]
    assert client.get(f"{path}/problems").status_code == 200
    edited = client.put(f"/api/v1/documents/{module['id']}", json={"content": "# Ours\n"}).json()
    assert edited["content"] == "# Ours\n"
    client.post("/api/v1/documents/generate", json={"repository_id": shop["id"]})
    assert client.get(f"/api/v1/documents/{module['id']}").json()["content"] == "# Ours\n"


def test_files_that_cannot_be_read_have_their_reason_in_the_ledger(platform, shop_files) -> None:
    shop_files |= {
        "logo.png": b"\x89PNG\x00\x00",
        "broken.py": "def broken(:\n    pass\n\n\ndef whole():\n    return 1\n",
        "latin.py": "name = 'caf\u00e9'\n".encode("latin-1"),
        "long.js": "x=" + "1" * 6_000_000,
        "deep.py": "(" * 100_000,
        "node_modules/left/pad.js": "module.exports = 1\n",
    }
    repository = platform.index("difficult", shop_files)
    tree = platform.client.get(f"/api/v1/repositories/{repository['id']}/tree").json()["items"]
    reasons = {item["path"]: (item["state"], item["reason"]) for item in tree}
    assert reasons["logo.png"][0] == "skipped"
    assert reasons["node_modules/left/pad.js"] == ("skipped", "vendored")
    assert reasons["long.js"][0] == "skipped"
    assert reasons["broken.py"][0] == "indexed"
    assert platform.search("whole", repository_ids=[repository["id"]], mode="keyword")[0]["path"] == "broken.py"


def test_a_socket_reads_on_where_another_one_stopped(platform, shop) -> None:
    token = platform.sign_in()
    session = platform.client.post("/api/v1/chat/sessions", json={}, headers=bearer(token)).json()
    ask = {
        "type": "ask",
        "session_id": session["id"],
        "request_id": "first-question",
        "content": "Where are orders placed?",
    }
    with open_socket(platform, token) as socket:
        socket.send(json.dumps(ask))
        accepted = json.loads(socket.recv(timeout=20))
        assert accepted["type"] == "accepted"
        run_id = accepted["run"]["id"]
        everything = read_to_the_end(socket)
    assert [event["seq"] for event in everything] == list(range(1, len(everything) + 1))
    with open_socket(platform, token) as other:
        other.send(json.dumps({"type": "resume", "run_id": run_id, "after": 4}))
        assert read_to_the_end(other) == everything[4:]
        other.send(json.dumps(ask))
        assert json.loads(other.recv(timeout=20))["run"]["id"] == run_id
    stored = platform.client.get(f"/api/v1/chat/sessions/{session['id']}/messages", headers=bearer(token)).json()[
        "items"
    ]
    said = "".join(event["text"] for event in everything if event["type"] == "token")
    assert [message["role"] for message in stored] == ["user", "assistant"]
    assert stored[1]["content"] == said


def test_frames_that_are_wrong_are_told_and_the_socket_stays_open(platform) -> None:
    with open_socket(platform, platform.sign_in()) as socket:
        for frame in (
            "{",
            '{"type":"shout"}',
            '{"type":"stop","run_id":"../x"}',
            '{"type":"resume","run_id":"' + "f" * 32 + '"}',
        ):
            socket.send(frame)
            assert json.loads(socket.recv(timeout=5))["type"] == "error"


def test_a_socket_needs_a_fresh_ticket_and_our_own_page(platform) -> None:
    ticket = get_ticket(platform, platform.sign_in())
    url = platform.instance.url.replace("http", "ws") + "/api/v1/chat/ws?ticket="
    with pytest.raises(InvalidStatus), connect(url + ticket, origin="https://evil.example"):
        pass
    with connect(url + ticket):
        pass
    for used in (ticket, "", "x" * 40):
        with pytest.raises(InvalidStatus), connect(url + used):
            pass


def test_a_signed_out_person_loses_the_socket(platform) -> None:
    body = {"email": platform.instance.email, "password": platform.instance.password}
    tokens = platform.client.post("/api/v1/auth/login", json=body).json()
    with open_socket(platform, tokens["access_token"]) as socket:
        platform.client.post("/api/v1/auth/logout", json={"refresh_token": tokens["refresh_token"]})
        with pytest.raises(Exception, match="4401"):
            socket.recv(timeout=6)


def test_a_stock_openai_client_talks_to_the_model_server(platform, instance) -> None:
    from dotenv import dotenv_values
    from openai import OpenAI

    token = dotenv_values(instance.layout.secrets)["SERVICE_TOKEN"]
    with OpenAI(base_url=f"http://127.0.0.1:{instance.layout.llm_port}/v1", api_key=token, max_retries=0) as client:
        assert "extractive" in [model.id for model in client.models.list()]
        answer = client.chat.completions.create(model="default", messages=[{"role": "user", "content": "Hello"}])
        assert answer.choices[0].message.content
    with OpenAI(
        base_url=f"http://127.0.0.1:{instance.layout.embedding_port}/v1", api_key=token, max_retries=0
    ) as client:
        vectors = client.embeddings.create(model="all-MiniLM-L6-v2", input=["one", "two"])
        assert len(vectors.data[0].embedding) == 384


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def get_ticket(platform, token: str) -> str:
    return platform.client.post("/api/v1/chat/ws-tickets", headers=bearer(token)).json()["ticket"]


def open_socket(platform, token: str):
    url = platform.instance.url.replace("http", "ws")
    return connect(f"{url}/api/v1/chat/ws?ticket={get_ticket(platform, token)}", origin=platform.instance.url)


def read_to_the_end(socket) -> list[dict]:
    events = []
    while not events or events[-1]["type"] != "done":
        events.append(json.loads(socket.recv(timeout=30)))
    return events


def test_a_korean_question_finds_english_code(platform, shop) -> None:
    found = platform.search(
        "카드 결제는 어디서 처리하나요?", repository_ids=[shop["id"]], filters={"language": "python"}
    )
    assert found[0]["path"] == "shop/payment.py"
