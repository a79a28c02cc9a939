"""The native launcher: ports, secrets and the list of processes."""

import configparser
import socket
from pathlib import Path

import pytest
from rich.console import Console

from codemuse.native.launcher import Launcher, LaunchError
from codemuse.native.layout import Layout
from codemuse.native.processes import list_processes, shared_environment
from codemuse.native.secrets import ensure_secrets
from codemuse.native.supervisor import render


def test_ports_follow_from_the_gateways(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8080)
    assert (layout.rag_port, layout.embedding_port, layout.llm_port, layout.docgen_port) == (8000, 8001, 8002, 8003)


def test_secrets_are_made_once_and_kept_private(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    first = ensure_secrets(layout, {})
    assert ensure_secrets(layout, {}) == first
    assert len(first["SERVICE_TOKEN"]) >= 32
    for path in (layout.secrets, layout.credentials):
        assert path.stat().st_mode & 0o777 == 0o600


def test_secrets_of_an_installation_stay_when_others_appear_in_the_environment(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert ensure_secrets(layout, {"SERVICE_TOKEN": "t" * 32})["SERVICE_TOKEN"] == "t" * 32
    first = ensure_secrets(layout, {})
    later = {name: f"another {name}" for name in ("SERVICE_TOKEN", "JWT_SECRET", "POSTGRES_PASSWORD", "REDIS_PASSWORD")}
    assert ensure_secrets(layout, later) == first
    assert ensure_secrets(layout, {}) == first


def test_credentials_from_the_environment_go_first(tmp_path: Path) -> None:
    made = ensure_secrets(Layout(tmp_path), {"ADMIN_EMAIL": "me@example.com", "ADMIN_PASSWORD": "my own password"})
    assert (made["ADMIN_EMAIL"], made["ADMIN_PASSWORD"]) == ("me@example.com", "my own password")


def test_servers_that_are_named_are_not_embedded(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    embedded = [process.name for process in list_processes(layout, {}, None)]
    external = {"DATABASE_URL": "postgresql://db/x", "REDIS_URL": "redis://r/0"}
    named = list_processes(layout, external, tmp_path)
    assert embedded[:2] == ["postgres", "redis"]
    assert {"postgres", "redis"}.isdisjoint(process.name for process in named)
    assert all(not process.needs for process in named)
    assert next(process for process in named if process.name == "gateway").environment["WEB_DIST"] == str(tmp_path)


def test_the_process_managers_configuration_can_be_read_whatever_the_secrets_hold(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    secrets = ensure_secrets(layout, {"ADMIN_PASSWORD": 'a "quoted" 100% \\ word', "ADMIN_EMAIL": "a@b.c"})
    text = render(layout, list_processes(layout, {}, None), shared_environment(layout, secrets))
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    assert "--needs postgres --needs redis --" in parser["program:gateway"]["command"]
    assert "100%% \\\\ word" in parser["program:gateway"]["environment"]


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        with pytest.raises(LaunchError, match=str(port)):
            Launcher(Layout(tmp_path, port), Console(quiet=True), web_dist=None).start()


def test_there_is_nothing_to_stop_where_nothing_runs(tmp_path: Path) -> None:
    assert Launcher(Layout(tmp_path), Console(quiet=True), web_dist=None).stop() is False
