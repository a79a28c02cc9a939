"""Brings one commit of a remote repository into its mirror, within limits of time and size."""

import asyncio
import re
import uuid
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from docgen_server.core.errors import (
    EmptyRepository,
    GitAuthRequired,
    GitUnreachable,
    RefNotFound,
    RepositoryTooLarge,
    UrlNotAllowed,
)
from docgen_server.core.git.address import AddressPolicy, GitAddress, check_ref
from docgen_server.core.git.command import GitFailed, run_git
from docgen_server.core.git.mirror import Mirror

_LOOK_SECONDS = 0.5
# Git says what went wrong in words only; these are the words of its C locale.
_REF_MISSING = re.compile(r"couldn't find remote ref|not our ref|unadvertised object|no such ref", re.IGNORECASE)
_AUTH_NEEDED = re.compile(
    r"authentication failed|could not read (username|password)|terminal prompts disabled|error: 40[13]"
    r"|repository .* not found|access denied|error: 404",
    re.IGNORECASE,
)
_REDIRECTED = re.compile(r"error: 30\d|redirect", re.IGNORECASE)


class Fetcher:
    """Fetches commits.

    Args:
        policy: Decides where from.
        largest_bytes: How much a mirror may grow by one fetch.
        timeout_seconds: How long one fetch may take.
        depth: How many commits of history are fetched.
    """

    def __init__(self, policy: AddressPolicy, *, largest_bytes: int, timeout_seconds: float, depth: int) -> None:
        self._policy = policy
        self._largest_bytes = largest_bytes
        self._timeout_seconds = timeout_seconds
        self._depth = depth

    async def fetch(self, mirror: Mirror, url: str, ref: str | None) -> str:
        """The commit that ``ref`` (or the default branch) names now, kept in the mirror.

        Raises:
            CodeMuseError: One of the leaves of ``core.errors`` that says what is wrong with the source.
        """
        address = await self._policy.check(url)
        wanted = check_ref(ref) if ref else "HEAD"
        incoming = f"refs/codemuse/incoming/{uuid.uuid4().hex}"
        async with mirror.lock:
            await mirror.create()
            try:
                await self._fetch_with_history(mirror, address, ref, f"+{wanted}:{incoming}")
                commit = await mirror.resolve(incoming, "commit")
                if commit is not None:
                    await mirror.keep(commit)
            finally:
                await run_git(mirror.folder, "update-ref", "-d", incoming)
        if commit is None:
            raise RefNotFound("The ref does not name a commit.", ref=ref)
        return commit

    async def _fetch_with_history(self, mirror: Mirror, address: GitAddress, ref: str | None, refspec: str) -> None:
        """With as much history as is wanted; without any when it makes the fetch too large."""
        try:
            await self._fetch(mirror, address, ref, refspec, self._depth)
        except RepositoryTooLarge:
            if self._depth == 1:
                raise
            await self._fetch(mirror, address, ref, refspec, 1)

    async def _fetch(self, mirror: Mirror, address: GitAddress, ref: str | None, refspec: str, depth: int) -> None:
        arguments = (
            "fetch", "--quiet", f"--depth={depth}", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
            "--no-auto-maintenance", "--", address.url, refspec,
        )  # fmt: skip
        command = run_git(
            mirror.folder, *arguments, environment=address.environment(), timeout_seconds=self._timeout_seconds
        )
        try:
            await self._within_size(command, mirror.folder)
        except GitFailed as failure:
            raise _explain(failure, ref, address.url) from None

    async def _within_size(self, command: Coroutine[Any, Any, bytes], folder: Path) -> None:
        """Run a fetch, and end it when the mirror grows beyond the limit."""
        before = await asyncio.to_thread(_folder_bytes, folder)
        task = asyncio.create_task(command)
        try:
            while not (await asyncio.wait({task}, timeout=_LOOK_SECONDS))[0]:
                if await asyncio.to_thread(_folder_bytes, folder) - before > self._largest_bytes:
                    message = f"The repository is larger than {self._largest_bytes // 2**20} MB."
                    raise RepositoryTooLarge(message, limit="bytes")
            task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await asyncio.to_thread(_remove_partial, folder)


def _folder_bytes(folder: Path) -> int:
    total = 0
    for path in (folder / "objects").rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def _remove_partial(folder: Path) -> None:
    for pattern in ("objects/pack/tmp_*", "objects/incoming-*/**/*", "shallow.lock"):
        for path in folder.glob(pattern):
            if path.is_file():
                path.unlink(missing_ok=True)


def _explain(failure: GitFailed, ref: str | None, url: str) -> Exception:
    """The leaf for what git said; its own words may quote what a host echoed, so they go nowhere."""
    if _REF_MISSING.search(failure.stderr):
        if ref is None:
            return EmptyRepository("The repository has no commit yet.")
        return RefNotFound("The repository has no such branch, tag or commit.", ref=ref)
    if _REDIRECTED.search(failure.stderr):
        return UrlNotAllowed("The host redirects to another address; give the final address.", url=url)
    if _AUTH_NEEDED.search(failure.stderr):
        return GitAuthRequired("The repository does not exist or needs credentials.", url=url)
    return GitUnreachable("The host does not answer as a git server.", url=url)
