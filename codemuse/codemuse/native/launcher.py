"""Starting, watching and stopping an installation on this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
from dotenv import dotenv_values
from rich.console import Console

from codemuse.contracts.common import HealthState
from codemuse.contracts.gateway import SystemHealth
from codemuse.native.layout import Layout
from codemuse.native.processes import Process, list_processes, shared_environment
from codemuse.native.secrets import ensure_secrets
from codemuse.native.supervisor import render

START_SECONDS = 600.0
STOP_SECONDS = 40.0


class LaunchError(Exception):
    """The installation could not be started; the message says what to do."""


class Launcher:
    """One installation."""

    def __init__(self, layout: Layout, console: Console, *, web_dist: Path | None) -> None:
        self._layout = layout
        self._console = console
        self._web_dist = web_dist
        self._environment: dict[str, str] = {**_dotenv(), **os.environ}

    @property
    def url(self) -> str:
        """Where the web app is."""
        return f"http://127.0.0.1:{self._layout.port}"

    def run(self) -> int:
        """Start in the foreground and stay until interrupted; returns the exit status."""
        self._prepare()
        with subprocess.Popen([*_supervisord(self._layout), "--nodaemon", "--silent"]) as manager:
            signal.signal(signal.SIGTERM, lambda *_: manager.terminate())
            try:
                self._await_health(manager)
                self._welcome("Press Ctrl-C to stop.")
                manager.wait()
            except KeyboardInterrupt:
                self._console.print("\nStopping ...")
            finally:
                if manager.poll() is None:
                    manager.terminate()
                    manager.wait(STOP_SECONDS)
        return 0

    def start(self) -> None:
        """Start in the background and wait until everything is healthy."""
        self._prepare()
        subprocess.run(_supervisord(self._layout), check=True)
        try:
            self._await_health(None)
        except LaunchError:
            self.stop()
            raise
        self._welcome(f"Logs are in {self._layout.logs}; stop it with 'make stop'.")

    def stop(self) -> bool:
        """Stop what runs in the background; returns whether there was anything to stop."""
        pid = _running_pid(self._layout)
        if pid is None:
            return False
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while _running_pid(self._layout) == pid and time.monotonic() < deadline:
            time.sleep(0.1)
        return True

    def _prepare(self) -> None:
        if _running_pid(self._layout) is not None:
            raise LaunchError(f"It is running already: {self.url} (stop it with 'make stop').")
        layout = self._layout
        layout.create()
        secrets = ensure_secrets(layout, self._environment)
        processes = list_processes(layout, self._environment, self._web_dist)
        self._check_ports(processes)
        layout.supervisor_config.touch(mode=0o600)
        layout.supervisor_config.write_text(render(layout, processes, shared_environment(layout, secrets)))

    def _check_ports(self, processes: list[Process]) -> None:
        layout = self._layout
        ports = [
            layout.port,
            layout.rag_port,
            layout.embedding_port,
            layout.llm_port,
            layout.docgen_port,
            layout.worker_port,
        ]
        ports += [layout.redis_port] if any(process.name == "redis" for process in processes) else []
        taken = [port for port in ports if _is_taken(port)]
        if taken:
            listed = ", ".join(map(str, taken))
            raise LaunchError(f"Port {listed} is in use by another program; choose other ports, e.g. with PORT=9080.")

    def _await_health(self, manager: subprocess.Popen[bytes] | None) -> None:
        began = time.monotonic()
        with self._console.status("Starting ...") as status:
            while time.monotonic() - began < START_SECONDS:
                if manager is not None and manager.poll() is not None:
                    raise LaunchError(self._explain("the process manager ended"))
                health = self._read_health()
                if health is not None and health.status is HealthState.OK:
                    return
                status.update(f"Starting: {_summary(health)}")
                time.sleep(0.2)
        raise LaunchError(self._explain("not everything became healthy in time"))

    def _read_health(self) -> SystemHealth | None:
        try:
            reply = httpx.get(f"{self.url}/api/v1/health", timeout=5.0, trust_env=False)
            return SystemHealth.model_validate_json(reply.content)
        except (httpx.HTTPError, ValueError):
            return None

    def _explain(self, what: str) -> str:
        health = self._read_health()
        lines = [f"{what}: {_summary(health)}", f"The logs are in {self._layout.logs}. Their last lines:"]
        for log in sorted(self._layout.logs.glob("*.log")):
            tail = log.read_text(errors="replace").splitlines()[-3:]
            lines += [f"  {log.name}: {line[:300]}" for line in tail]
        return "\n".join(lines)

    def _welcome(self, hint: str) -> None:
        login: Mapping[str, str | None] = dotenv_values(self._layout.credentials)
        self._console.print(f"\n[bold]CodeMuse is ready:[/bold] {self.url}")
        self._console.print(f"  sign in as  {login['ADMIN_EMAIL']}", highlight=False)
        self._console.print(f"  password    {login['ADMIN_PASSWORD']}", highlight=False, markup=False)
        if self._web_dist is None:
            self._console.print("  The web app is not built; only the API is served.")
        self._console.print(f"\n{hint}")


def _supervisord(layout: Layout) -> list[str]:
    return [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(layout.supervisor_config)]


def _dotenv() -> dict[str, str]:
    return {name: value for name, value in dotenv_values(".env").items() if value}


def _running_pid(layout: Layout) -> int | None:
    try:
        pid = int(layout.pid_file("supervisord").read_text())
        os.kill(pid, 0)
        command = Path(f"/proc/{pid}/cmdline")
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return None
    if command.exists() and b"supervisor" not in command.read_bytes():
        return None
    return pid


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def _summary(health: SystemHealth | None) -> str:
    if health is None:
        return "the gateway does not answer yet"
    waiting = [
        f"{name} ({check.detail or check.status})"
        for name, check in health.services.items()
        if check.status != HealthState.OK
    ]
    return "waiting for " + ", ".join(waiting) if waiting else "healthy"
