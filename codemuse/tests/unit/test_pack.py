"""Packing a folder for upload."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from codemuse.cli.exits import CommandError
from codemuse.cli.pack import pack


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def packed_names(folder: Path) -> set[str]:
    buffer = io.BytesIO()
    pack(folder, buffer)
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as archive:
        return {name.removeprefix(f"{folder.name}/") for name in archive.getnames()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("x = 1\n")
    (tmp_path / "secret.env").write_text("KEY=1\n")
    (tmp_path / ".gitignore").write_text("*.env\nbuild/\n")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "out.js").write_text("1")
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    return tmp_path


def test_only_what_git_tracks_is_packed(folder: Path) -> None:
    git(folder, "init")
    git(folder, "add", "-f", "src", "link.py")
    git(folder, "commit", "-m", "First")
    (folder / "untracked.py").write_text("y = 2\n")
    assert packed_names(folder) == {"src/app.py"}


def test_the_commit_and_uncommitted_changes_are_told(folder: Path) -> None:
    git(folder, "init")
    git(folder, "add", "src")
    git(folder, "commit", "-m", "First")
    clean = pack(folder, io.BytesIO())
    (folder / "src" / "app.py").write_text("x = 2\n")
    dirty = pack(folder, io.BytesIO())
    assert clean.commit == dirty.commit
    assert len(clean.commit or "") == 40
    assert (clean.changed, dirty.changed) == (False, True)


def test_without_git_the_ignore_files_decide(folder: Path) -> None:
    assert packed_names(folder) == {"src/app.py", ".gitignore"}


def test_an_empty_folder_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no files"):
        pack(tmp_path, io.BytesIO())
