"""``codemuse index migrate``: which program it has do the work, and what it says when that cannot be."""

import subprocess

import pytest
from typer.testing import CliRunner

from codemuse.cli import main, migrate
from codemuse.cli.exits import Exit


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Plays rag-server's program; exits with what is put into ``status``."""

    class Program:
        status, calls = 0, []

        def run(self, command, *, env, check):
            self.calls.append((command[1:], env))
            return subprocess.CompletedProcess(command, self.status)

    played = Program()
    played.calls = []
    monkeypatch.setattr(migrate.subprocess, "run", played.run)
    monkeypatch.setenv("DATA", str(tmp_path))
    return played


def run(*arguments):
    return CliRunner().invoke(main.app, ["index", "migrate", *arguments])


def test_the_secrets_of_a_native_installation_are_found(program, tmp_path, monkeypatch):
    monkeypatch.delenv("SERVICE_TOKEN", raising=False)
    (tmp_path / "secrets.env").write_text("SERVICE_TOKEN=kept\n")
    done = run()
    (command, environment) = program.calls[0]
    assert (done.exit_code, command) == (0, ["-m", "rag_server.core.migration"])
    assert (environment["SERVICE_TOKEN"], environment["DATA"]) == ("kept", str(tmp_path))


def test_what_the_environment_says_goes_first(program, tmp_path, monkeypatch):
    monkeypatch.setenv("SERVICE_TOKEN", "given")
    (tmp_path / "secrets.env").write_text("SERVICE_TOKEN=kept\n")
    run()
    assert program.calls[0][1]["SERVICE_TOKEN"] == "given"


def test_a_move_that_failed_fails_the_command(program):
    program.status = 1
    assert run().exit_code == Exit.FAILED


def test_it_says_where_to_run_it(program, monkeypatch):
    monkeypatch.setattr(migrate, "find_spec", lambda name: None)
    refused = run("--json")
    assert (refused.exit_code, "python -m codemuse index migrate" in refused.stdout) == (Exit.USAGE, True)
    assert program.calls == []
