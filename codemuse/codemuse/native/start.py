"""Becomes one process of the installation: waits for what it needs, leaves its id behind, and turns into it.

``python -m codemuse.native.start NAME [--needs SERVER ...] -- ARGUMENTS``
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import redis

from codemuse.native.layout import DEFAULT_PORT, Layout
from codemuse.native.redis import redis_url

_PATIENCE_SECONDS = 60.0


def main() -> None:
    """Wait, write the process id, and execute."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--needs", action="append", default=[], choices=["postgres", "redis"])
    split = sys.argv.index("--")
    options = parser.parse_args(sys.argv[1:split])
    layout = Layout(Path(os.environ["DATA"]), int(os.environ.get("PORT", DEFAULT_PORT)))
    if "postgres" in options.needs:
        os.environ["DATABASE_URL"] = _wait_for("Postgres", lambda: _postgres(layout))
    if "redis" in options.needs:
        os.environ["REDIS_URL"] = _wait_for("Redis", lambda: _redis(layout))
    layout.pid_file(options.name).write_text(f"{os.getpid()}\n")
    os.execv(sys.executable, [sys.executable, *sys.argv[split + 1 :]])


def _postgres(layout: Layout) -> str:
    url = layout.postgres_url.read_text().strip()
    with psycopg.connect(url, connect_timeout=2) as connection:
        connection.execute("SELECT 1")
    return url


def _redis(layout: Layout) -> str:
    url = redis_url(layout)
    redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1).ping()
    return url


def _wait_for(what: str, find: Callable[[], str]) -> str:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return find()
        except (OSError, psycopg.Error, redis.RedisError) as error:
            if time.monotonic() > deadline:
                raise SystemExit(f"{what} does not answer: {type(error).__name__}") from error
            time.sleep(0.05)


if __name__ == "__main__":
    main()
