"""Packing a folder: what git tracks, as it stands in the work tree; without git, what ``.gitignore`` lets through."""

import os
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pathspec import GitIgnoreSpec

from codemuse.cli.exits import CommandError, Exit


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed."""

    file_count: int
    byte_count: int
    commit: str | None
    changed: bool
    """Whether tracked files differ from the commit."""


def pack(folder: Path, target: BinaryIO) -> Packed:
    """Write a tar.gz of the folder's own files below one folder of its name, as ``git archive`` does; links are left out.

    Raises:
        CommandError: There is nothing to pack.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    tracked = _git(folder, "ls-files", "-z", "--cached") if commit else None
    names = [name for name in tracked.split("\0") if name] if tracked is not None else list(_walk(folder))
    count = size = 0
    with tarfile.open(fileobj=target, mode="w:gz", compresslevel=3) as archive:
        for name in sorted(names):
            path = folder / name
            if path.is_symlink() or not path.is_file():
                continue
            archive.add(path, arcname=f"{folder.name}/{name}", recursive=False)
            count, size = count + 1, size + path.stat().st_size
    if count == 0:
        raise CommandError(f"There are no files to index in {folder}.", Exit.USAGE, error="empty_folder")
    changed = bool(commit and _git(folder, "status", "--porcelain", "--untracked-files=no"))
    return Packed(count, size, commit.strip() if commit else None, changed)


def _git(folder: Path, *arguments: str) -> str | None:
    """Output of a git command in the folder, or nothing where it is no repository or git is missing."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


def _walk(folder: Path) -> Iterator[str]:
    """Files below a folder that is no git repository, without what its ``.gitignore`` files name."""
    specs: dict[str, GitIgnoreSpec] = {}
    for root, folders, files in os.walk(folder):
        relative = os.path.relpath(root, folder)
        here = "" if relative == "." else f"{relative}/"
        if ".gitignore" in files:
            specs[here] = GitIgnoreSpec.from_lines((Path(root) / ".gitignore").read_text(errors="replace").splitlines())
        folders[:] = [name for name in folders if name != ".git" and not _ignored(specs, f"{here}{name}/")]
        yield from (f"{here}{name}" for name in files if not _ignored(specs, f"{here}{name}"))


def _ignored(specs: dict[str, GitIgnoreSpec], path: str) -> bool:
    return any(path.startswith(base) and spec.match_file(path.removeprefix(base)) for base, spec in specs.items())
