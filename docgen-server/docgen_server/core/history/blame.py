"""Who touched a line last, and when."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from docgen_server.core.errors import GitTimeout
from docgen_server.core.git.command import GitFailed, run_git
from docgen_server.core.git.mirror import Mirror
from docgen_server.core.history.log import read_grafted

_HEADER = re.compile(r"^(?P<commit>[0-9a-f]{40}) \d+ (?P<line>\d+)")
_BLAME_SECONDS = 20.0


class LineOrigin(NamedTuple):
    """The commit that a line comes from."""

    commit: str
    author: str
    changed_at: datetime
    is_boundary: bool
    """The line is older than the history that was fetched."""


async def blame(mirror: Mirror, commit: str, path: str, lines: Sequence[int] = ()) -> dict[int, LineOrigin]:
    """Origin of lines of a file; of all lines when none are named. What git refuses has no origin.

    Args:
        mirror: Where the file lies.
        commit: At which commit.
        path: Which file.
        lines: Numbers, from 1.
    """
    ranges = [f"-L{line},{line}" for line in sorted(set(lines))]
    try:
        output = await run_git(
            mirror.folder, "blame", "--porcelain", *ranges, commit, "--", path, timeout_seconds=_BLAME_SECONDS
        )
    except (GitFailed, GitTimeout):
        return {}
    grafted = await asyncio.to_thread(read_grafted, mirror)
    return _parse(output.decode("utf-8", "replace").split("\n"), grafted)


def _parse(output: Sequence[str], grafted: frozenset[str]) -> dict[int, LineOrigin]:
    """Git tells of each commit once, before the first of its lines."""
    commits: dict[str, dict[str, str]] = {}
    places: list[tuple[int, str]] = []
    current: dict[str, str] = {}
    for text in output:
        if text.startswith("\t"):
            continue
        if match := _HEADER.match(text):
            places.append((int(match["line"]), match["commit"]))
            current = commits.setdefault(match["commit"], {})
        else:
            key, _, value = text.partition(" ")
            current[key] = value
    origins = {commit: _origin(commit, fields, is_boundary=commit in grafted) for commit, fields in commits.items()}
    return {line: origins[commit] for line, commit in places}


def _origin(commit: str, fields: dict[str, str], *, is_boundary: bool) -> LineOrigin:
    changed_at = datetime.fromtimestamp(int(fields.get("author-time", "0")), UTC)
    return LineOrigin(commit, fields.get("author", ""), changed_at, is_boundary)
