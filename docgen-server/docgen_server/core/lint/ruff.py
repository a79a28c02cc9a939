"""Ruff's findings for Python, as findings of ours.

Ruff runs as a process of its own over a folder that holds nothing but the files, ignores every configuration, and is
ended when it takes too long. The selection was chosen by reading its findings on the standard library, requests, flask and
fastapi: rules are in that name mistakes, not matters of taste.
"""

import asyncio
import contextlib
import os
import resource
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from ruff import find_ruff_bin

from docgen_server.core.analysis.model import Finding
from docgen_server.core.lint.intent import is_meant
from docgen_server.core.problems.catalogue import CATALOGUE

_RULES: Mapping[str, str] = {
    **dict.fromkeys(("F601", "F632", "F823", "B002", "B003", "B015", "B016", "B025", "B030", "B032", "B033", "B035",
                     "F631", "F634", "PLW0128", "PLW0129", "PLW0131", "PLW0133", "PLW0211", "PLW0711", "B012", "B031", "RUF016"), "likely-bug"),
    **dict.fromkeys(("F502", "F503", "F504", "F505", "F506", "F507", "F508", "F509", "F521", "F522", "F523", "F524", "F525",
                     "PLE1205", "PLE1206", "PLE1300", "PLE1307"), "format-mismatch"),
    **dict.fromkeys(("ASYNC210", "ASYNC220", "ASYNC221", "ASYNC222", "ASYNC230", "ASYNC251"), "blocking-in-async"),
    "RUF006": "dangling-task",
    "F841": "unused-variable",
    "B006": "mutable-default",
    "S307": "dangerous-eval",
    "S602": "shell-injection",
    "S608": "sql-injection",
    "S506": "unsafe-deserialisation",
    "S501": "unverified-tls",
    "S323": "unverified-tls",
    "S306": "unsafe-temporary-file",
}  # fmt: skip
_TOLD_IN_TABLES = frozenset({"F601", "B033", "B035"})
_LONGEST_MESSAGE = 300
_FILES_A_THREAD = 8
"""Starting a thread takes ruff as long as reading a few files."""
_MOST_ALIKE = 3
"""A table with a mistake in every line needs to be told once, not a hundred times."""


@dataclass(frozen=True, slots=True)
class RuffLinter:
    """Runs ruff.

    Args:
        timeout_seconds: Time for one call; ruff reads a million lines in about a second.
        memory_bytes: Address space of the process.
    """

    timeout_seconds: float
    memory_bytes: int
    executable: str = field(default_factory=find_ruff_bin)

    async def lint(self, files: Sequence[bytes]) -> list[list[Finding]]:
        """Findings of each file; none when ruff fails, for ours do not depend on it.

        Args:
            files: Contents of Python files.
        """
        if not files:
            return []
        with TemporaryDirectory(prefix="codemuse-lint-") as folder:
            await asyncio.to_thread(_write, Path(folder), files)
            reported = await self._run(folder, threads=min(os.cpu_count() or 1, 1 + len(files) // _FILES_A_THREAD))
        found: list[list[Finding]] = [[] for _ in files]
        alike: Counter[tuple[str, str]] = Counter()
        for item in reported:
            kind = (item["filename"], item.get("code") or "")
            alike[kind] += 1
            if alike[kind] <= _MOST_ALIKE or kind[1] not in _TOLD_IN_TABLES:
                found[int(Path(item["filename"]).stem)].extend(_finding(item))
        return await asyncio.to_thread(_without_meant, found, files)

    async def _run(self, folder: str, threads: int) -> list[dict[str, Any]]:
        process = await asyncio.create_subprocess_exec(
            self.executable, "check", "--isolated", "--no-cache", "--exit-zero", "--quiet", "--output-format=json",
            "--target-version=py313", f"--select={','.join(_RULES)}", folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PATH": os.defpath, "HOME": folder, "RAYON_NUM_THREADS": str(threads)},
            cwd=folder,
        )  # fmt: skip
        with contextlib.suppress(ProcessLookupError):  # It may have ended already.
            resource.prlimit(process.pid, resource.RLIMIT_AS, (self.memory_bytes, self.memory_bytes))
        try:
            async with asyncio.timeout(self.timeout_seconds):
                stdout, _ = await process.communicate()
        except TimeoutError:
            return []
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
        try:
            reported: list[dict[str, Any]] = orjson.loads(stdout)
        except orjson.JSONDecodeError:
            return []
        return reported


def _write(folder: Path, files: Sequence[bytes]) -> None:
    for number, data in enumerate(files):
        (folder / f"{number}.py").write_bytes(data)


def _without_meant(found: Sequence[list[Finding]], files: Sequence[bytes]) -> list[list[Finding]]:
    """The findings without what is meant as it is."""
    return [[one for one in findings if not is_meant(one, data)] for findings, data in zip(found, files, strict=True)]


def _finding(item: Mapping[str, Any]) -> Iterator[Finding]:
    rule = CATALOGUE.get(_RULES.get(item.get("code") or "", ""))
    if rule is not None:
        yield Finding(
            rule=rule.id,
            severity=rule.severity,
            start_line=item["location"]["row"],
            end_line=item["end_location"]["row"],
            message=f"{item['message'].splitlines()[0][:_LONGEST_MESSAGE].rstrip('.')}.",
            advice=rule.advice,
        )
