"""How often each file was changed, by one pass over the log.

Mirrors are shallow, so the history is bounded: by the depth of the fetch, by :data:`MOST_COMMITS`, and by time. The oldest
commits of a shallow mirror have no parents there and would seem to add every file: they are left out.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from docgen_server.core.git.command import GitFailed, stream_git
from docgen_server.core.git.mirror import Mirror

MOST_COMMITS = 5000
_MOST_SECONDS = 60.0
_MOST_FILES_CHANGED = 1000
"""A commit that touches more is a reformatting or a move: it says nothing about any of its files."""
_ARCHIVE_AUTHOR = "CodeMuse"
_ARCHIVE_MESSAGE = "^Archive [0-9a-f]{40}$"
"""Of commits that were made from archives: git need not even count their lines."""


@dataclass(slots=True)
class FileHistory:
    """What became of one file."""

    path: str
    commit_count: int = 0
    added: int = 0
    deleted: int = 0
    authors: Counter[str] = field(default_factory=Counter)
    last_commit: str = ""
    last_author: str = ""
    last_changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What became of all files up to a commit."""

    files: Mapping[str, FileHistory] = field(default_factory=dict)
    commit_count: int = 0
    since: datetime | None = None
    """When the oldest commit that was counted was made."""
    is_complete: bool = False
    """Whether it reaches back to the first commit."""


async def read_history(mirror: Mirror, commit: str) -> History:
    """The history of a commit; empty for an archive, which has none.

    Args:
        mirror: Where it lies.
        commit: Its id in the mirror.
    """
    grafted = await asyncio.to_thread(read_grafted, mirror)
    reader = _LogReader(grafted)
    arguments = (
        "log", "-z", "--numstat", "--no-renames", "--no-merges", f"--max-count={MOST_COMMITS}", "--format=%x01%H%x00%at%x00%aN",
        "--extended-regexp", "--invert-grep", f"--grep={_ARCHIVE_MESSAGE}", commit, "--",
    )  # fmt: skip
    records = stream_git(mirror.folder, *arguments, separator=b"\0")
    is_late = False
    try:
        async with asyncio.timeout(_MOST_SECONDS), contextlib.aclosing(records):
            async for record in records:
                reader.read(record)
    except TimeoutError:
        is_late = True
    except GitFailed:
        return History()
    return reader.history(is_cut=is_late)


def read_grafted(mirror: Mirror) -> frozenset[str]:
    """Commits whose parents were not fetched."""
    try:
        return frozenset((mirror.folder / "shallow").read_text().split())
    except FileNotFoundError:
        return frozenset()


class _LogReader:
    """Reads the records of one log: a head (id, time, author), then ``added deleted path`` for each file."""

    def __init__(self, grafted: frozenset[str]) -> None:
        self._commit_count = 0
        self._met_graft = False
        self._grafted = grafted
        self._files: dict[str, FileHistory] = {}
        self._head: list[str] = []
        self._changes: list[tuple[str, int, int]] = []
        self._oldest: datetime | None = None

    def read(self, record: bytes) -> None:
        """Take one record of the log."""
        text = record.decode("utf-8", "backslashreplace").lstrip("\n")
        if text.startswith("\x01"):
            self._finish()
            self._head = [text[1:]]
        elif len(self._head) < 3:
            self._head.append(text)
        elif text.count("\t") >= 2:
            added, deleted, path = text.split("\t", 2)
            self._changes.append((path, _number(added), _number(deleted)))

    def history(self, *, is_cut: bool) -> History:
        """Everything that was read; ``is_cut`` when there was more to read."""
        self._finish()
        is_complete = not is_cut and not self._met_graft and self._commit_count < MOST_COMMITS
        return History(self._files, self._commit_count, self._oldest, is_complete)

    def _finish(self) -> None:
        head, changes, self._changes, self._head = self._head, self._changes, [], []
        if len(head) < 3 or head[2] == _ARCHIVE_AUTHOR:
            return
        if head[0] in self._grafted:
            self._met_graft = True
            return
        self._commit_count += 1
        made_at = datetime.fromtimestamp(_number(head[1]), UTC)
        self._oldest = min(self._oldest or made_at, made_at)
        if len(changes) <= _MOST_FILES_CHANGED:
            self._count(head[0], head[2][:200], made_at, changes)

    def _count(self, commit: str, author: str, made_at: datetime, changes: Iterable[tuple[str, int, int]]) -> None:
        for path, added, deleted in changes:
            file = self._files.setdefault(path, FileHistory(path))
            file.commit_count += 1
            file.added += added
            file.deleted += deleted
            file.authors[author] += 1
            if file.last_changed_at is None:
                file.last_commit, file.last_author, file.last_changed_at = commit, author, made_at


def _number(text: str) -> int:
    """A count; binary files have ``-``."""
    return int(text) if text.isdecimal() else 0
