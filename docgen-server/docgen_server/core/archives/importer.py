"""Feeds the members of an archive to ``git fast-import``, so that an upload becomes a tree like any other."""

import contextlib
import subprocess
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from docgen_server.core.archives.names import MemberNames
from docgen_server.core.archives.reader import ArchiveLimits, Member, open_archive
from docgen_server.core.errors import EmptyRepository, NotAnArchive
from docgen_server.core.git.command import git_argv, git_environment

_LOCAL_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an archive."""

    ref: str
    """A ref that holds the tree until a commit does."""
    file_count: int
    byte_count: int
    skipped: dict[str, str]


def import_archive(folder: Path, raw: BinaryIO, limits: ArchiveLimits) -> Imported:
    """Store the files of an archive in a bare repository; called in a thread, for it blocks.

    Raises:
        CodeMuseError: One of the leaves of ``core.errors`` that begin with ``Archive``, or ``NotAnArchive``.
    """
    names = MemberNames()
    reader = open_archive(raw, limits, names)
    ref = f"refs/codemuse/incoming/{uuid.uuid4().hex}"
    arguments = ["-c", "core.compression=1", "-c", "fastimport.unpackLimit=1"]
    command = git_argv(folder, ["fast-import", "--quiet", "--done", "--depth=0", "--date-format=raw"])
    process = subprocess.Popen(
        [command[0], *arguments, *command[1:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=git_environment(),
    )
    try:
        if process.stdin is None:
            raise NotAnArchive("The archive cannot be stored.")
        file_count, byte_count = _feed(process.stdin, ref, reader.members())
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        if process.wait(_LOCAL_SECONDS):
            raise NotAnArchive("The archive cannot be stored: git refuses one of its names.")
    finally:
        _end(process, folder)
    if not file_count:
        raise EmptyRepository("The archive has no file that could be read.")
    return Imported(ref, file_count, byte_count, names.skipped)


def _feed(pipe: IO[bytes], ref: str, members: Iterable[Member]) -> tuple[int, int]:
    file_count = byte_count = 0
    try:
        pipe.write(f"commit {ref}\ncommitter CodeMuse <archive@codemuse.invalid> 0 +0000\ndata 0\n".encode())
        for member in members:
            pipe.write(f"M 100644 inline {_quoted(member.path)}\ndata {member.size}\n".encode())
            written = 0
            for block in member.blocks:
                written += len(block)
                pipe.write(block)
            if written != member.size:
                raise NotAnArchive("A member of the archive is shorter or longer than it says.", member=member.path)
            pipe.write(b"\n")
            file_count += 1
            byte_count += written
        pipe.write(b"done\n")
        pipe.flush()
    except BrokenPipeError:
        raise NotAnArchive("The archive cannot be stored: git refuses one of its names.") from None
    return file_count, byte_count


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _end(process: subprocess.Popen[bytes], folder: Path) -> None:
    """End git when it still runs, and remove what a broken import leaves behind."""
    if process.poll() is None:
        process.kill()
        process.wait()
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    if process.returncode:
        for pattern in ("fast_import_crash_*", "objects/pack/tmp_*"):
            for path in folder.glob(pattern):
                path.unlink(missing_ok=True)
