"""The command line as a CI job starts it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def codemuse(instance, tmp_path):
    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        key = instance.client.headers["Authorization"].removeprefix("Bearer ")
        known = {
            "CODEMUSE_URL": instance.url,
            "CODEMUSE_API_KEY": key,
            "XDG_CONFIG_HOME": str(tmp_path),
            "COLUMNS": "200",
        }
        command = [str(Path(sys.executable).parent / "codemuse"), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, **known, **environment}, check=False
        )

    return run
