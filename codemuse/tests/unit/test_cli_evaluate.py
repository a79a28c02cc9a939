"""``codemuse eval`` against a scripted gateway."""

import json

import httpx
import pytest
from typer.testing import CliRunner

from codemuse.cli import evaluate, main
from codemuse.cli.exits import Exit
from codemuse.cli.gateway import Gateway

NOW = "2026-01-01T00:00:00Z"
RUN = {
    "id": "run1", "kind": "evaluate", "status": "succeeded", "steps": [], "title": "shop", "created_at": NOW, "finished_at": NOW,
    "progress": {"done": 2, "total": 2, "failed": 0}, "repository_id": "r1",
}  # fmt: skip
REPOSITORY = {"id": "r1", "name": "shop", "generation": 1, "status": "ready", "created_at": NOW, "commit": "c" * 40}
DONE = {
    "id": "e1", "repository_id": "r1", "run_id": "run1", "name": "nightly", "status": "succeeded", "generation": 1,
    "commit": "c" * 40, "question_count": 2, "created_at": NOW, "categories": {"docs": 0.8}, "signals": {"symbol": -0.05},
    "measure": {"ndcg": 0.81, "recall": 0.9, "p50_ms": 4.0, "p95_ms": 9.0},
    "by_category": {"docs": {"ndcg": 0.8, "recall": 0.9, "recall_at_1": 0.5, "recall_at_5": 0.7, "mrr": 0.66, "p50_ms": 4.0,
                             "p95_ms": 9.0, "question_count": 2}},
    "missing": {"commits": "no_history"},
    "answers": [{"query": "who pays", "category": "docs", "ndcg": 0, "rank": None, "targets": ["pay.py:3"]}],
}  # fmt: skip


@pytest.fixture
def requests(monkeypatch, tmp_path):
    """A gateway that knows one evaluation; what it is asked."""
    seen = []
    event = {"type": "done", "status": "succeeded", "run_id": "run1", "seq": 1}
    replies = {
        "GET /api/v1/repositories": {"items": [REPOSITORY]},
        "POST /api/v1/evaluations": {"evaluation": DONE, "run": RUN},
        "GET /api/v1/evaluations": {"items": [DONE]},
        "GET /api/v1/evaluations/e1": DONE,
        "GET /api/v1/evaluations/e1/compare": {
            "before": DONE, "after": DONE, "shared_questions": 2, "ndcg_change": -0.1, "better": [],
            "worse": [{"query": "who pays", "before": 1, "after": 0.5}],
        },
        "GET /api/v1/runs/run1": RUN,
    }  # fmt: skip

    def answer(request):
        seen.append(request)
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text=f"data: {json.dumps(event)}\n\n")
        return httpx.Response(200, json=replies[f"{request.method} {request.url.path}"])

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("CODEMUSE_URL", "http://gateway")
    monkeypatch.setenv("CODEMUSE_API_KEY", "cm_x")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(evaluate, "Gateway", lambda account: Gateway(account, transport=httpx.MockTransport(answer)))
    return seen


def run(*arguments):
    return CliRunner().invoke(main.app, ["eval", *arguments])


def test_an_annotation_set_is_sent_and_the_figures_are_shown(requests, tmp_path):
    file = tmp_path / "set.json"
    question = {
        "query": "who pays",
        "relevant": ["pay.py"],
        "category": "semantic",
        "seed": {"path": "pay.py", "line": 3},
    }
    file.write_text(json.dumps([question]))
    result = run("run", "shop", "--questions", str(file), "--signals")
    assert result.exit_code == 0, result.output
    assert "0.810" in result.output
    assert "not found: who pays" in result.output
    sent = json.loads(next(r for r in requests if r.method == "POST").content)
    assert (sent["repository_id"], sent["signals"], sent["questions"][0]["query"]) == ("r1", True, "who pays")


def test_a_score_that_is_too_low_fails_the_job(requests):
    assert run("run", "shop", "--at-least", "0.8").exit_code == 0
    assert run("run", "shop", "--at-least", "0.9").exit_code == Exit.FAILED
    assert run("run", "shop", "--not-below-last", "0.01").exit_code == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "is not JSON: Expecting property name"),
        ("{}", "is not an annotation set"),
        ('"x"', "questions: Input should be a valid list."),
        ("[1]", "questions[0]: Input should be a valid dictionary."),
        ("[]", "Invalid value for '--questions': List should have at least 1 item."),
        (
            '[{"query": "a", "relevant": ["b"]}, {"query": "", "relevant": ["b"]}]',
            "questions[1].query: String should have",
        ),
        ('[{"query": "a"}]', "questions[0].relevant: Field required."),
        (
            '[{"query": "a", "relevant": ["b", {"path": "c", "start_line": 0}]}]',
            "questions[0].relevant[1].start_line: ",
        ),
        (
            '[{"query": "a", "relevant": [{"path": "c", "start_line": 9, "end_line": 8}]}]',
            "questions[0].relevant[0].end_line: It may not be before start_line (9).",
        ),
    ],
)
def test_what_is_wrong_with_an_annotation_set_is_said_with_its_place(requests, tmp_path, content, told):
    file = tmp_path / "set.json"
    file.write_text(content)
    result = run("run", "shop", "--questions", str(file))
    assert result.exit_code == Exit.USAGE
    assert told in result.output.replace("\n", " ")
    assert all(request.method == "GET" for request in requests)


def test_an_annotation_set_may_begin_with_a_byte_order_mark(requests, tmp_path):
    file = tmp_path / "set.json"
    file.write_text(json.dumps([{"query": "누가", "relevant": ["pay.py"]}], ensure_ascii=False), encoding="utf-8-sig")
    assert run("run", "shop", "--questions", str(file)).exit_code == Exit.OK


def test_the_history_and_a_comparison_are_shown(requests):
    assert "nightly" in run("history", "shop", "--json").output
    assert "0.810" in run("history", "shop").output


def test_the_figures_of_the_history_are_whole_in_a_narrow_place(requests, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    header, row = run("history", "shop").output.splitlines()
    assert row.split() == ["2026-01-01", "00:00", "c" * 12, "2", "0.810", "0.900", "9.0", "e1", "nightly"]
    assert len(header[: header.index("id")].rstrip()) <= 80


def test_a_comparison_is_shown(requests):
    assert "worse: 1.00 -> 0.50  who pays" in run("compare", "e1", "e0").output


def test_kinds_count_seed_and_version_are_chosen(requests) -> None:
    chosen = ["--kind", "docs", "--kind", "tests", "--count", "7", "--seed", "x", "--version", "v1"]
    result = run("from-repository", "shop", *chosen)
    assert result.exit_code == 0, result.output
    (asked,) = [json.loads(one.content) for one in requests if one.method == "POST"]
    assert {name: asked.get(name) for name in ("sources", "sample", "seed", "as_of", "questions")} == {
        "sources": ["docs", "tests"], "sample": 7, "seed": "x", "as_of": "v1", "questions": None,
    }  # fmt: skip
    assert "docs (2)" in result.output
    assert "MRR 0.660  recall@1/5/10 0.50/0.70/0.90" in result.output
    assert "an archive has no history" in result.output
    refused = run("from-repository", "shop", "--version", "")
    assert (refused.exit_code, "Invalid value for '--version'" in refused.output) == (Exit.USAGE, True)
