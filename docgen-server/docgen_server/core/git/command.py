"""Runs git with a fixed environment: no configuration of the host, no prompt, no hook, no helper, a time limit."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from pathlib import Path

from docgen_server.core.errors import GitTimeout

_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_ALLOW_PROTOCOL": "https",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "PATH": os.defpath + ":/usr/local/bin",
}
_FIXED = (
    "-c", "core.hooksPath=/dev/null", "-c", "core.symlinks=false", "-c", "core.bigFileThreshold=1m",
    "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "credential.helper=", "-c", "protocol.version=2",
    "-c", "safe.directory=*", "-c", "core.protectNTFS=false", "-c", "core.protectHFS=false", "-c", "submodule.recurse=false", "-c", "fetch.recurseSubmodules=false",
)  # fmt: skip
LOCAL_SECONDS = 120.0
_READ_BYTES = 2**18


class GitFailed(Exception):
    """Git ended with an error; its words stay inside the service."""

    def __init__(self, status: int, stderr: str) -> None:
        super().__init__(f"git ended with status {status}")
        self.status = status
        self.stderr = stderr


def git_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment that git sees."""
    return {**_ENVIRONMENT, **(extra or {})}


def git_argv(folder: Path, arguments: Sequence[str]) -> list[str]:
    """Command line for a bare repository; user values belong behind ``--`` or into full ref names."""
    return ["git", *_FIXED, f"--git-dir={folder}", *arguments]


async def run_git(
    folder: Path,
    *arguments: str,
    stdin: bytes | None = None,
    environment: Mapping[str, str] | None = None,
    timeout_seconds: float = LOCAL_SECONDS,
) -> bytes:
    """What git prints.

    Raises:
        GitFailed: It ended with an error.
        GitTimeout: It took too long and was killed.
    """
    async with _process(folder, arguments, environment) as process:
        try:
            async with asyncio.timeout(timeout_seconds):
                stdout, stderr = await process.communicate(stdin)
        except TimeoutError:
            raise GitTimeout("Git took too long; try again, or upload an archive.") from None
    if process.returncode:
        raise GitFailed(process.returncode, stderr.decode("utf-8", "replace"))
    return stdout


async def stream_git(
    folder: Path, *arguments: str, separator: bytes, silent_seconds: float = LOCAL_SECONDS
) -> AsyncGenerator[bytes, None]:
    """Records of git's output as they come; leaving the loop early ends git.

    Raises:
        GitFailed: It ended with an error.
        GitTimeout: It said nothing for too long and was killed.
    """
    async with _process(folder, arguments, None, stderr=asyncio.subprocess.DEVNULL) as process:
        stdout = process.stdout
        if stdout is None:
            raise GitFailed(1, "no output")
        rest = b""
        while data := await _read(stdout, silent_seconds):
            *records, rest = (rest + data).split(separator)
            for record in records:
                yield record
        if await process.wait():
            raise GitFailed(process.returncode or 1, "")


async def _read(stdout: asyncio.StreamReader, silent_seconds: float) -> bytes:
    try:
        async with asyncio.timeout(silent_seconds):
            return await stdout.read(_READ_BYTES)
    except TimeoutError:
        raise GitTimeout("Git took too long; try again, or upload an archive.") from None


@contextlib.asynccontextmanager
async def _process(
    folder: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str] | None,
    stderr: int = asyncio.subprocess.PIPE,
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *git_argv(folder, arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
        env=git_environment(environment),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        await end_group(process)


async def end_group(process: asyncio.subprocess.Process) -> None:
    """Kill git and its children, when they still run, and wait for them."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        await process.communicate()
