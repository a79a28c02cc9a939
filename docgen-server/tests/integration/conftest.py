import subprocess
from pathlib import Path

import pytest
import pytest_asyncio
from docgen_stage import pack_files, speaking

from docgen_server.core.settings import DocgenSettings


def commit_files(folder: Path, files, *, branch="main"):
    """A real repository with one commit."""
    run = lambda *arguments: subprocess.run(  # noqa: E731
        ["git", "-c", "user.name=t", "-c", "user.email=t@t.invalid", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / ".git").exists():
        run("init", "-q", "-b", branch)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    run("add", "-A", "-f")
    run("commit", "-q", "-m", "Change")
    return run


@pytest.fixture
def pack():
    return pack_files


@pytest.fixture
def make_git():
    return commit_files


@pytest.fixture
def settings(service_token, postgres_url, tmp_path):
    return DocgenSettings(
        service_token=service_token,
        database_url=postgres_url,
        data=tmp_path / "data",
        git_allow_local=True,
        git_allowed_hosts="127.0.0.1",
        max_file_bytes=200_000,
        parser_workers=1,
    )


@pytest_asyncio.fixture
async def docgen(settings):
    async with speaking(settings) as docgen:
        yield docgen
