"""The command line against a scripted gateway: what it sends, prints and exits with."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from codemuse.cli import main
from codemuse.cli.account import account_file, load_account
from codemuse.cli.exits import Exit
from codemuse.cli.gateway import Gateway

NOW = "2026-01-01T00:00:00Z"
RUN = {
    "id": "run1", "kind": "index", "status": "succeeded", "steps": [], "title": "shop", "created_at": NOW,
    "progress": {"done": 3, "total": 3, "failed": 1}, "repository_id": "r1", "finished_at": NOW,
}  # fmt: skip
REPOSITORY = {"id": "r1", "name": "shop", "generation": 1, "status": "ready", "created_at": NOW, "commit": "c" * 40}
MESSAGE = {"id": "m1", "session_id": "s1", "role": "user", "status": "complete", "content": "?", "created_at": NOW}
CITATION = {"id": 1, "repository_id": "r1", "commit": "c" * 40, "path": "src/app.py", "start_line": 1, "end_line": 2}
ANSWER = MESSAGE | {
    "role": "assistant", "content": "Here [1].", "citations": [CITATION],
    "verification": {"citations_checked": 1, "citations_ok": 1},
}  # fmt: skip
HIT = {
    "chunk_id": "k", "repository_id": "r1", "commit": "c", "path": "src/app.py", "start_line": 1, "end_line": 1,
    "language": "python", "kind": "function", "symbol": "main", "text": "def main(): ...", "score": 1.0,
}  # fmt: skip
URL = "https://example.com/a.git"
EVENTS = [
    {"type": "progress", "done": 1, "total": 3, "failed": 0},
    {"type": "step", "name": "index", "status": "running", "attempt": 1, "detail": {}},
    {"type": "step", "name": "publish", "status": "succeeded", "attempt": 1, "detail": {}},
    {"type": "done", "status": "succeeded"},
]

Reply = httpx.Response | Callable[[httpx.Request], httpx.Response]


class ScriptedGateway:
    """Answers by method and path."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.repositories = [REPOSITORY]
        events = "".join(f"data: {json.dumps({'run_id': 'run1', 'seq': n, **e})}\n\n" for n, e in enumerate(EVENTS, 1))
        self.replies: dict[str, Reply] = {
            "GET /api/v1/repositories": lambda _: httpx.Response(200, json={"items": self.repositories}),
            "POST /api/v1/repositories": httpx.Response(202, json={"repository": REPOSITORY, "run": RUN}),
            "POST /api/v1/repositories/r1/index": httpx.Response(202, json={"run": RUN}),
            "POST /api/v1/repositories/r2/index": httpx.Response(202, json={"run": RUN}),
            "GET /api/v1/runs/run1": httpx.Response(200, json=RUN),
            "GET /api/v1/runs/run1/events": httpx.Response(200, text=events),
            "POST /api/v1/chat/sessions": httpx.Response(
                201, json={"id": "s1", "title": "", "repository_ids": [], "created_at": NOW, "updated_at": NOW}
            ),
            "POST /api/v1/chat/sessions/s1/messages": httpx.Response(
                202, json={"message": MESSAGE, "run": RUN, "answer": ANSWER}
            ),
            "POST /api/v1/search": httpx.Response(200, json={"results": [HIT], "took_ms": 3.2}),
            "GET /api/v1/health": httpx.Response(
                200, json={"status": "ok", "version": "1", "services": {"postgres": {"status": "ok"}}}
            ),
            "POST /api/v1/auth/login": httpx.Response(
                200, json={"access_token": "access", "refresh_token": "refresh", "expires_in": 900}
            ),
            "GET /api/v1/auth/me": httpx.Response(
                200,
                json={
                    "id": "u",
                    "email": "a@b.c",
                    "name": "A",
                    "role": "admin",
                    "organisation_id": "o",
                    "organisation_name": "O",
                },
            ),
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        reply = self.replies[f"{request.method} {request.url.path}"]
        if callable(reply):
            return reply(request)
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedGateway]:
    scripted = ScriptedGateway()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("CODEMUSE_API_KEY", "cm_test")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(main, "Gateway", lambda account: Gateway(account, transport=httpx.MockTransport(scripted)))
    return scripted


def run(*arguments: str):
    return CliRunner().invoke(main.app, list(arguments))


def sent_by(gateway: ScriptedGateway) -> tuple[str, object]:
    """Path and body of the one thing that was posted last."""
    posted = [request for request in gateway.requests if request.method == "POST"]
    return posted[-1].url.path, json.loads(posted[-1].content)


def test_login_keeps_the_tokens_where_nobody_else_reads_them(
    gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CODEMUSE_API_KEY")
    result = run("login", "--url", "http://muse/", "--email", "a@b.c", "--password", "p")
    assert result.exit_code == Exit.OK, result.output
    assert account_file().stat().st_mode & 0o777 == 0o600
    account = load_account()
    assert (account.url, account.access_token) == ("http://muse", "access")


def test_index_of_a_folder_uploads_it_and_waits(gateway: ScriptedGateway, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a.py").write_text("a = 1\n")
    result = run("index", str(tmp_path / "shop"), "--wait", "--json")
    assert result.exit_code == Exit.OK, result.output
    assert json.loads(result.stdout)["status"] == "succeeded"
    upload = next(request for request in gateway.requests if request.method == "POST")
    assert b'name="archive"' in upload.content
    assert b"shop" in upload.content


def test_index_of_a_url_sends_it_and_does_not_wait(gateway: ScriptedGateway) -> None:
    result = run("index", URL, "--ref", "v1")
    assert result.exit_code == Exit.OK
    assert sent_by(gateway) == ("/api/v1/repositories", {"url": URL, "ref": "v1"})
    assert "Accepted for 'shop': run run1" in result.output


@pytest.mark.parametrize("named", [(), ("--name", "shop")])
def test_a_url_that_is_there_is_indexed_again_at_the_ref(gateway: ScriptedGateway, named: tuple[str, ...]) -> None:
    gateway.repositories = [REPOSITORY | {"url": URL, "ref": "v1"}]
    result = run("index", URL, "--ref", "v2", *named, "--json")
    assert result.exit_code == Exit.OK, result.output
    assert sent_by(gateway) == ("/api/v1/repositories/r1/index", {"ref": "v2"})
    accepted = json.loads(result.stdout)
    assert (accepted["repository"]["id"], accepted["run"]["id"]) == ("r1", "run1")


def test_a_free_name_makes_a_repository_of_its_own(gateway: ScriptedGateway) -> None:
    gateway.repositories = [REPOSITORY | {"url": URL, "ref": "v1"}]
    assert run("index", URL, "--ref", "v2", "--name", "other").exit_code == Exit.OK
    assert sent_by(gateway) == ("/api/v1/repositories", {"url": URL, "ref": "v2", "name": "other"})


@pytest.mark.parametrize(
    ("url", "told"), [("https://example.com/b.git", "https://example.com/b.git"), (None, "archive")]
)
def test_a_name_of_another_source_is_refused_with_a_way_forward(
    gateway: ScriptedGateway, url: str | None, told: str
) -> None:
    gateway.repositories = [REPOSITORY | {"url": url}]
    result = run("index", URL, "--name", "shop")
    assert result.exit_code == Exit.REFUSED
    assert told in result.output
    assert "--name" in result.output
    assert all(request.method == "GET" for request in gateway.requests)


def test_of_several_repositories_with_a_url_the_one_at_the_ref_is_indexed_again(gateway: ScriptedGateway) -> None:
    gateway.repositories = [
        REPOSITORY | {"url": URL, "ref": "v1"},
        REPOSITORY | {"id": "r2", "name": "shop-2", "url": URL, "ref": "v2"},
    ]
    assert run("index", URL, "--ref", "v2").exit_code == Exit.OK
    assert sent_by(gateway) == ("/api/v1/repositories/r2/index", {"ref": "v2"})
    undecided = run("index", URL, "--ref", "v3")
    assert undecided.exit_code == Exit.USAGE
    assert "'shop', 'shop-2'" in undecided.output


def test_index_of_neither_is_a_usage_error(gateway: ScriptedGateway) -> None:
    assert run("index", "nothing-here").exit_code == Exit.USAGE


def test_a_failed_run_exits_with_one_and_its_reason(gateway: ScriptedGateway) -> None:
    error = {"error": "ref_not_found", "message": "There is no branch 'x'."}
    gateway.replies["GET /api/v1/runs/run1"] = httpx.Response(200, json={**RUN, "status": "failed", "error": error})
    result = run("index", URL, "--wait", "--until-refined", "--json")
    assert result.exit_code == Exit.FAILED
    assert json.loads(result.stdout) == error


def test_waiting_ends_in_time_also_where_nothing_happens(gateway: ScriptedGateway) -> None:
    gateway.replies["GET /api/v1/runs/run1/events"] = httpx.Response(200, text=": ping\n\n: ping\n\n")
    gateway.replies["GET /api/v1/runs/run1"] = httpx.Response(
        200, json={**RUN, "status": "queued", "finished_at": None}
    )
    result = run("index", URL, "--wait", "--timeout", "0")
    assert result.exit_code == Exit.TIMED_OUT


def test_waiting_goes_on_where_the_stream_ended_before_the_run(gateway: ScriptedGateway) -> None:
    whole = gateway.replies["GET /api/v1/runs/run1/events"]
    assert isinstance(whole, httpx.Response)
    first, _, rest = whole.text.partition("\n\n")
    runs = iter([{**RUN, "status": "running", "finished_at": None}, RUN])
    gateway.replies["GET /api/v1/runs/run1"] = lambda _: httpx.Response(200, json=next(runs))

    def in_two_parts(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=rest if request.url.params["after"] == "1" else f"{first}\n\n")

    gateway.replies["GET /api/v1/runs/run1/events"] = in_two_parts
    result = run("index", URL, "--wait", "--until-refined", "--json")
    assert result.exit_code == Exit.OK
    assert json.loads(result.stdout)["status"] == "succeeded"


def test_what_is_not_committed_is_not_filed_under_the_commit(gateway: ScriptedGateway, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "a.py").write_text("a = 1\n")
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    run("index", str(folder))
    (folder / "a.py").write_text("a = 2\n")
    run("index", str(folder))
    committed, changed = (request.content for request in gateway.requests if request.method == "POST")
    assert b'name="commit"' in committed
    assert b'name="commit"' not in changed


def test_repositories_beyond_the_first_page_are_known(gateway: ScriptedGateway) -> None:
    pages = {None: ([REPOSITORY], "more"), "more": ([REPOSITORY | {"id": "r2", "name": "last"}], None)}

    def page(request: httpx.Request) -> httpx.Response:
        items, following = pages[request.url.params.get("cursor")]
        return httpx.Response(200, json={"items": items, "next_cursor": following})

    gateway.replies["GET /api/v1/repositories"] = page
    run("search", "main", "-r", "last")
    assert json.loads(gateway.requests[-1].content)["repository_ids"] == ["r2"]


def test_brackets_are_printed_as_they_are(gateway: ScriptedGateway) -> None:
    hit = HIT | {"path": "app/[id]/page.tsx"}
    gateway.replies["POST /api/v1/search"] = httpx.Response(200, json={"results": [hit], "took_ms": 1})
    assert "app/[id]/page.tsx:1-1" in run("search", "main").output
    refused = {"error": "invalid_query", "message": "'[/x]' is not a pattern."}
    gateway.replies["POST /api/v1/search"] = httpx.Response(422, json=refused)
    gateway.repositories = [REPOSITORY | {"name": "shop [old]"}]
    assert "shop [old]" in run("status").output
    result = run("search", "/[/x]/")
    assert "'[/x]' is not a pattern." in result.output


def test_ask_prints_the_answer_with_its_sources(gateway: ScriptedGateway) -> None:
    result = run("ask", "where?", "-r", "shop")
    assert result.exit_code == Exit.OK, result.output
    assert "src/app.py:1-2" in result.output
    assert json.loads(gateway.requests[-1].content)["repository_ids"] == ["r1"]


def test_ask_about_an_unknown_repository_is_refused(gateway: ScriptedGateway) -> None:
    assert run("ask", "where?", "-r", "nope").exit_code == Exit.REFUSED


def test_an_answer_that_failed_exits_with_one(gateway: ScriptedGateway) -> None:
    failed = {**ANSWER, "error": {"error": "nothing_indexed", "message": "Add a repository."}}
    reply = {"message": MESSAGE, "run": RUN, "answer": failed}
    gateway.replies["POST /api/v1/chat/sessions/s1/messages"] = httpx.Response(202, json=reply)
    result = run("ask", "where?")
    assert result.exit_code == Exit.FAILED


def test_search_prints_places_or_json(gateway: ScriptedGateway) -> None:
    assert "src/app.py:1-1" in run("search", "main").output
    result = run("search", "main", "--json", "-r", "shop", "--language", "python")
    assert json.loads(result.stdout)["results"][0]["symbol"] == "main"


def test_status_shows_services_repositories_or_a_run(gateway: ScriptedGateway) -> None:
    shown = run("status").output
    assert "postgres" in shown
    assert "shop" in shown
    assert "shop: succeeded, 3 of 3 files" in run("status", "run1").output
    assert "1 files were set aside" in run("status", "run1").output
    assert json.loads(run("status", "run1", "--json").stdout)["id"] == "run1"
    assert json.loads(run("status", "--json").stdout)["items"][0]["name"] == "shop"


@pytest.mark.parametrize(
    ("reply", "exit_code"),
    [
        (httpx.Response(401, json={"error": "unauthenticated", "message": "No."}), Exit.NOT_SIGNED_IN),
        (httpx.Response(422, json={"error": "invalid_input", "message": "No."}), Exit.REFUSED),
        (httpx.Response(503, json={"error": "unavailable", "message": "Away."}), Exit.UNREACHABLE),
        (httpx.Response(502, text="<html>"), Exit.UNREACHABLE),
        (httpx.Response(200, text="<html>"), Exit.UNREACHABLE),
    ],
)
def test_each_kind_of_failure_has_its_exit_code(
    gateway: ScriptedGateway, reply: httpx.Response, exit_code: Exit
) -> None:
    gateway.replies["POST /api/v1/search"] = reply
    assert run("search", "main").exit_code == exit_code


def test_a_server_that_is_away_is_told_so(gateway: ScriptedGateway) -> None:
    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    gateway.replies["POST /api/v1/search"] = refuse
    gateway.replies["GET /api/v1/runs/run1/events"] = refuse
    assert run("search", "main").exit_code == Exit.UNREACHABLE
    assert run("index", URL, "--wait").exit_code == Exit.UNREACHABLE


def test_events_that_are_none_of_ours_are_no_wrong_argument(gateway: ScriptedGateway) -> None:
    gateway.replies["GET /api/v1/runs/run1/events"] = httpx.Response(200, text="data: <html>\n\n")
    result = run("index", URL, "--wait")
    assert (result.exit_code, "does not answer like CodeMuse" in result.output) == (Exit.UNREACHABLE, True)


def test_an_old_token_is_refreshed_once(gateway: ScriptedGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CODEMUSE_API_KEY")
    run("login", "--url", "http://muse", "--email", "a@b.c", "--password", "p")
    gateway.replies["POST /api/v1/auth/refresh"] = httpx.Response(
        200, json={"access_token": "fresh", "refresh_token": "next", "expires_in": 900}
    )

    def only_fresh(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] != "Bearer fresh":
            return httpx.Response(401, json={"error": "unauthenticated", "message": "Over."})
        return httpx.Response(200, json={"results": [], "took_ms": 1.0})

    gateway.replies["POST /api/v1/search"] = only_fresh
    assert run("search", "main").exit_code == Exit.OK
    assert load_account().refresh_token == "next"


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        (("search", ""), "QUERY"),
        (("search", "x" * 4001), "QUERY"),
        (("search", "x", "--as-of", ""), "--as-of"),
        (("search", "x", "--language", "l" * 33), "--language"),
        (("ask", ""), "QUESTION"),
        (("index", URL, "--ref", "r" * 256), "--ref"),
    ],
)
def test_an_argument_that_is_not_allowed_is_named_in_one_sentence(
    gateway: ScriptedGateway, arguments: tuple[str, ...], argument: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == Exit.USAGE
    assert result.output.startswith(f"Invalid value for '{argument}': String should have at ")
    assert result.output.count("\n") == 1
    told = json.loads(run(*arguments, "--json").stdout)
    assert (told["error"], told["message"]) == ("usage", result.output.strip())


def test_the_version_is_told() -> None:
    assert "codemuse" in run("--version").output
