"""Secrets that are made once and kept in files that only their owner reads."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from codemuse.native.layout import Layout

_GENERATED = ("SERVICE_TOKEN", "JWT_SECRET", "POSTGRES_PASSWORD", "REDIS_PASSWORD")
DEFAULT_ADMIN_EMAIL = "admin@codemuse.local"


def ensure_secrets(layout: Layout, environment: Mapping[str, str]) -> dict[str, str]:
    """The installation's secrets and first credentials.

    Secrets are what they were at the first start: the database knows its password, and provider keys are encrypted with what
    follows from the service token. A ``.env`` that is made later, for Compose, must not lock the installation out. Where there
    are none yet, they are taken from the environment, or made. Credentials are taken from the environment first.
    """
    known = _read(layout.secrets)
    made = {name: known.get(name) or environment.get(name) or secrets.token_hex(32) for name in _GENERATED}
    _write(layout.secrets, made)
    login = _read(layout.credentials)
    credentials = {
        "ADMIN_EMAIL": environment.get("ADMIN_EMAIL") or login.get("ADMIN_EMAIL") or DEFAULT_ADMIN_EMAIL,
        "ADMIN_PASSWORD": environment.get("ADMIN_PASSWORD") or login.get("ADMIN_PASSWORD") or secrets.token_urlsafe(12),
    }
    _write(layout.credentials, credentials)
    return {**made, **credentials}


def _read(path: Path) -> dict[str, str]:
    return {name: value for name, value in dotenv_values(path).items() if value} if path.exists() else {}


def _write(path: Path, values: Mapping[str, str]) -> None:
    if _read(path) == dict(values):
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    path.chmod(0o600)
