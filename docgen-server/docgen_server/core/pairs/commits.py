"""Commits whose message tells what was done, and the files that it was done to."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from docgen_server.core.git.command import GitFailed, stream_git
from docgen_server.core.git.mirror import Mirror
from docgen_server.core.pairs.words import is_telling

_MOST_COMMITS = 3000
_MOST_SECONDS = 30.0
_MOST_TOUCHED = 20
"""Files of a commit, documents and tests included: one that touches more is about nothing in particular."""
_MOST_TARGETS = 5
_ARCHIVE_AUTHOR = "CodeMuse"
_BOT = re.compile(r"\bbot\b|\[bot\]|dependabot|renovate|pre-commit", re.IGNORECASE)
_PREFIX = re.compile(r"^(\[[^\]]*\]\s*|#\d+:?\s*|gh-\d+:?\s*|[a-z]+(\([^)]*\))?!?:\s+)", re.IGNORECASE)
_SUFFIX = re.compile(r"\s*(\(?(close[sd]?|fix(e[sd])?|refs?|see)?\s*#\d+\)?|\.)$", re.IGNORECASE)
_CHORE = re.compile(
    r"^(bump|release|prepare|merge|revert|version|typos?|fix(e[sd])? typos?|lint|format|reformat|chore|cleanup|clean up|pre-?commit"
    r"|update (the )?(change ?log|changes|version|dependenc|deps|docs?\b|readme|copyright)|add (a )?(change ?log|changes?\b)|upgrade\b|drop support)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class CommitOf:
    """A commit: what it says and what it touched."""

    subject: str
    author: str = ""
    paths: list[str] = field(default_factory=list)


async def find_commits(mirror: Mirror, commit: str, known: Collection[str]) -> list[CommitOf] | None:
    """Commits up to one, the newest first, each with those of its files that are known today; nothing without a history.

    Args:
        mirror: Where they lie.
        commit: Its id in the mirror.
        known: Code files of the snapshot that are no tests.
    """
    commits = await _read_log(mirror, commit)
    if all(one.author == _ARCHIVE_AUTHOR for one in commits):
        return None
    counts = Counter(one.subject for one in commits)
    found = []
    for one in commits:
        subject = clean_subject(one.subject)
        targets = [path for path in one.paths if path in known]
        is_one_thing = 0 < len(targets) <= _MOST_TARGETS and len(one.paths) <= _MOST_TOUCHED
        if is_one_thing and counts[one.subject] == 1 and not _BOT.search(one.author) and is_about_code(subject):
            found.append(CommitOf(subject, one.author, targets))
    return found


def clean_subject(subject: str) -> str:
    """The first line of a message without tags, scopes and numbers of issues."""
    before = ""
    while before != subject:
        before, subject = subject, _SUFFIX.sub("", _PREFIX.sub("", subject.strip()))
    return subject


def is_about_code(subject: str) -> bool:
    """Whether it says more than that housework was done."""
    return is_telling(subject) and not _CHORE.match(subject)


async def _read_log(mirror: Mirror, commit: str) -> list[CommitOf]:
    arguments = (
        "log", "-z", "--numstat", "--no-renames", "--no-merges", f"--max-count={_MOST_COMMITS}", "--format=%x01%s%x00%aN", commit, "--",
    )  # fmt: skip
    records = stream_git(mirror.folder, *arguments, separator=b"\0")
    commits: list[CommitOf] = []
    with contextlib.suppress(TimeoutError, GitFailed):
        async with asyncio.timeout(_MOST_SECONDS), contextlib.aclosing(records):
            async for record in records:
                text = record.decode("utf-8", "backslashreplace").lstrip("\n")
                if text.startswith("\x01"):
                    commits.append(CommitOf(text[1:]))
                elif text.count("\t") >= 2:
                    commits[-1].paths.append(text.split("\t", 2)[2])
                elif text and not commits[-1].author:
                    commits[-1].author = text
    return commits
