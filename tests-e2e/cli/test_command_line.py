"""The command line against a running installation, as a CI job uses it."""

import json
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "billing"
    folder.mkdir()
    (folder / "invoice.py").write_text(
        'def send_invoice(customer):\n    """Send the monthly invoice to a customer."""\n    return customer\n'
    )
    (folder / "secret.env").write_text("KEY=hunter2\n")
    (folder / ".gitignore").write_text("*.env\n")
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "First"],
    ):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True)
    return folder


def test_index_search_and_ask(codemuse, project) -> None:
    indexed = codemuse("index", str(project), "--wait", "--json")
    assert indexed.returncode == 0, indexed.stderr + indexed.stdout
    found = json.loads(codemuse("search", "monthly invoice", "-r", "billing", "--json").stdout)["results"]
    assert found[0]["path"] == "invoice.py"
    head = subprocess.run(
        ["git", "-C", str(project), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout
    assert found[0]["commit"] == head.strip()
    assert all("hunter2" not in hit["text"] for hit in found)
    answer = codemuse("ask", "Who sends the invoice?", "-r", "billing")
    assert answer.returncode == 0
    assert "invoice.py" in answer.stdout
    shown = codemuse("status")
    assert "billing" in shown.stdout


def test_exit_codes_tell_what_went_wrong(codemuse, project) -> None:
    assert codemuse("search", "x", CODEMUSE_API_KEY="cm_wrong").returncode == 3
    assert codemuse("search", "x", CODEMUSE_URL="http://127.0.0.1:9").returncode == 4
    assert codemuse("index", "file:///etc").returncode == 5
    assert codemuse("index", str(project / "nothing")).returncode == 2
    assert codemuse("ask", "x", "-r", "unknown").returncode == 5


def test_login_is_remembered(codemuse, instance) -> None:
    done = codemuse("login", "--email", instance.email, CODEMUSE_PASSWORD=instance.password, CODEMUSE_API_KEY="")
    assert done.returncode == 0, done.stderr
    assert codemuse("status", CODEMUSE_API_KEY="").returncode == 0


def test_search_is_evaluated_and_compared(codemuse, project, tmp_path) -> None:
    assert codemuse("index", str(project), "--wait", "--until-refined").returncode == 0
    questions = tmp_path / "questions.json"
    questions.write_text(json.dumps([{"query": "who sends the bill", "relevant": ["invoice.py"]}]))
    first, second = (
        codemuse("eval", "run", "billing", "--questions", str(questions), "--at-least", "0.5", "--json")
        for _ in range(2)
    )
    assert second.returncode == 0, second.stderr + second.stdout
    ids = [json.loads(done.stdout)["id"] for done in (first, second)]
    assert "over 1 questions" in codemuse("eval", "compare", *reversed(ids)).stdout
    assert "1.000" in codemuse("eval", "history", "billing").stdout
    assert codemuse("eval", "run", "billing", "--at-least", "1.1", "--sample", "5").returncode != 0
