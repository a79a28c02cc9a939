"""An installation for a test or a benchmark: native, on free ports, in a folder that is removed afterwards."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from dotenv import dotenv_values

from codemuse.native.layout import Layout


@dataclass(frozen=True)
class Instance:
    """A running installation and a signed-in client of its gateway."""

    layout: Layout
    url: str
    email: str
    password: str
    client: httpx.Client
    """Carries an API key with all scopes."""


@contextmanager
def running_instance(data: Path | None = None, *, settings: Mapping[str, str] | None = None) -> Iterator[Instance]:
    """Start, sign in, hand it out, stop.

    Args:
        data: Its folder; a fresh one that is removed afterwards when not given.
        settings: Environment variables of its own.
    """
    folder = data or Path(tempfile.mkdtemp(prefix="codemuse-"))
    port = _free_block()
    command = [sys.executable, "-m", "codemuse.native"]
    options = ["--data", str(folder), "--port", str(port), "--web-dist", str(Path("web/dist").resolve())]
    environment = {key: value for key, value in os.environ.items() if key not in {"DATA", "PORT"}}
    environment.setdefault("EMBEDDING_MODELS", str(Path(".codemuse-models").resolve()))
    environment |= settings or {}
    try:
        # From its own folder, so that the .env of whoever runs this (and the keys in it) plays no part.
        subprocess.run(
            [*command, "start", *options], check=True, stdout=subprocess.DEVNULL, env=environment, cwd=folder
        )
        login = dotenv_values(folder / "credentials.env")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            email, password = str(login["ADMIN_EMAIL"]), str(login["ADMIN_PASSWORD"])
            body = {"email": email, "password": password}
            tokens = client.post("/api/v1/auth/login", json=body).raise_for_status().json()
            key_headers = {"Authorization": f"Bearer {tokens['access_token']}"}
            new_key = {"name": "temporary", "scopes": ["index", "search", "chat"]}
            key = client.post("/api/v1/api-keys", json=new_key, headers=key_headers).raise_for_status().json()["key"]
            client.headers["Authorization"] = f"Bearer {key}"
            yield Instance(Layout(folder, port), str(client.base_url), email, password, client)
    finally:
        subprocess.run(
            [*command, "stop", *options], check=False, stdout=subprocess.DEVNULL, env=environment, cwd=folder
        )
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)


def _free_block() -> int:
    """A gateway port whose fellow ports (80 below it, and up) are free too."""
    for port in range(18080, 30000, 100):
        if all(_is_free(port - offset) for offset in (0, 75, 76, 77, 78, 79, 80)):
            return port
    raise SystemExit("There are no free ports for an installation.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
