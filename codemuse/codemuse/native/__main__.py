"""``python -m codemuse.native run|start|stop``, which ``make run``, ``make start`` and ``make stop`` call."""

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console

from codemuse.native.launcher import Launcher, LaunchError
from codemuse.native.layout import DEFAULT_PORT, Layout


def main() -> int:
    """Do what the command line says; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="codemuse.native", description="CodeMuse on this machine, without containers."
    )
    parser.add_argument("action", choices=["run", "start", "stop"])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("DATA") or ".codemuse"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or DEFAULT_PORT))
    parser.add_argument("--web-dist", type=Path, default=Path("web/dist"))
    options = parser.parse_args()
    console = Console()
    web_dist = options.web_dist.resolve() if (options.web_dist / "index.html").exists() else None
    launcher = Launcher(Layout(options.data.resolve(), options.port), console, web_dist=web_dist)
    try:
        if options.action == "run":
            return launcher.run()
        if options.action == "start":
            launcher.start()
        elif not launcher.stop():
            console.print("Nothing is running.")
    except LaunchError as error:
        console.print(f"[red]{error}[/red]")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
