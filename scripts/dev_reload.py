"""Ends the processes of a native installation whose sources changed; the process manager starts them again.

``python scripts/dev_reload.py DATA``; a part of ``scripts/dev.sh``.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from watchfiles import PythonFilter, watch

PROCESSES = {
    "embedding-server": ("embedding-server",),
    "llm-server": ("llm-server",),
    "docgen-server": ("docgen-server",),
    "rag-server": ("rag-server",),
    "orchestrator": ("gateway", "worker"),
}
KIT = "codemuse"


def list_affected(root: Path, changed: set[Path]) -> list[str]:
    """Names of the processes that run what changed; the shared kit runs in all."""
    folders = {path.relative_to(root).parts[0] for path in changed}
    return [name for folder, names in PROCESSES.items() if folders & {folder, KIT} for name in names]


def main() -> None:
    """Watch until interrupted."""
    root = Path(__file__).resolve().parent.parent
    pids = Path(sys.argv[1]) / "pids"
    packages = [root / folder / folder.replace("-", "_") for folder in (KIT, *PROCESSES)]
    for changes in watch(*packages, watch_filter=PythonFilter(), raise_interrupt=False):
        for name in list_affected(root, {Path(path) for _, path in changes}):
            print(f"{name} starts again", flush=True)
            with suppress(FileNotFoundError, ProcessLookupError):
                os.kill(int((pids / f"{name}.pid").read_text()), signal.SIGTERM)


if __name__ == "__main__":
    main()
