"""``codemuse index migrate``: moves the embedded index to a Qdrant server, on the machine that holds it."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from dotenv import dotenv_values

from codemuse.cli.exits import CommandError, Exit
from codemuse.cli.output import Output
from codemuse.native.layout import Layout

PROGRAM = "rag_server.core.migration"


def migrate(output: Output) -> None:
    """Have rag-server's program do it, with the settings that rag-server would have here.

    Raises:
        CommandError: rag-server is not installed here, or its program failed; it has said why.
    """
    if find_spec("rag_server") is None:
        message = (
            "Run this where rag-server is: in its virtual environment, or with "
            "'docker compose run --rm rag-server python -m codemuse index migrate'."
        )
        raise CommandError(message, Exit.USAGE)
    if subprocess.run([sys.executable, "-m", PROGRAM], env=_environment(), check=False).returncode:
        raise CommandError("Nothing was changed; the embedded index serves as before.", Exit.FAILED)
    if not output.json:
        output.console.print("Moved.")


def _environment() -> dict[str, str]:
    """This one's, and the secrets of a native installation."""
    secrets = Layout(Path(os.environ.get("DATA") or ".codemuse")).secrets
    known = {name: value for name, value in dotenv_values(secrets).items() if value} if secrets.exists() else {}
    return {**known, **os.environ}
