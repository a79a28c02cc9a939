"""One bare repository per repository of ours; everything that reads source reads it here, object by object."""

import asyncio
import contextlib
import re
import shutil
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from docgen_server.core.errors import GitTimeout, RepositoryTooLarge
from docgen_server.core.git.command import GitFailed, run_git, stream_git

OBJECT_ID = re.compile(r"^[0-9a-f]{40}$")
_KEPT = "refs/codemuse/kept"
MOST_PACKS = 50
"""Large fetches and uploads add one each, and git looks for an object in all of them."""
_MOST_LOOSE = 6_700
"""Git's own ``gc.auto``."""
_REPACK_SECONDS = 600.0
_LONGEST_PATH = 4096
_BATCH_BYTES = 2**25
_REMEMBERED_BYTES = 2**25
_AUTHOR = {
    f"GIT_{role}_{field}": value
    for role in ("AUTHOR", "COMMITTER")
    for field, value in (("NAME", "CodeMuse"), ("EMAIL", "archive@codemuse.invalid"), ("DATE", "@0 +0000"))
}


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A file of a commit as git lists it."""

    path: str
    mode: str
    blob: str
    size: int


class RecentBlobs:
    """Contents that were read last: a new commit's are asked for by one step after the other."""

    def __init__(self, most_bytes: int = _REMEMBERED_BYTES) -> None:
        self._contents: OrderedDict[tuple[Path, str], bytes] = OrderedDict()
        self._size, self._most_bytes = 0, most_bytes

    def find(self, folder: Path, blob: str) -> bytes | None:
        """A content, if it is still there."""
        return self._contents.get((folder, blob))

    def keep(self, folder: Path, contents: Mapping[str, bytes]) -> None:
        """Remember contents in place of older ones."""
        for blob, data in contents.items():
            if (folder, blob) not in self._contents:
                self._contents[folder, blob] = data
                self._size += len(data)
        while self._size > self._most_bytes:
            self._size -= len(self._contents.popitem(last=False)[1])

    def drop(self, folder: Path) -> None:
        """Forget everything of a repository."""
        for key in [key for key in self._contents if key[0] == folder]:
            self._size -= len(self._contents.pop(key))


class Mirror:
    """A bare repository on the volume."""

    def __init__(self, folder: Path, *, most_files: int, recent: RecentBlobs | None = None) -> None:
        self.folder = folder
        self.lock = asyncio.Lock()
        """Held while refs and packs change."""
        self._most_files = most_files
        self._recent = recent or RecentBlobs()

    async def create(self) -> None:
        """Make the repository when there is none yet."""
        if not (self.folder / "HEAD").exists():
            await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True)
            await run_git(self.folder, "init", "--quiet", "--bare", "--template=", "--initial-branch=codemuse")

    async def remove(self) -> None:
        """Drop everything."""
        async with self.lock:
            self._recent.drop(self.folder)
            await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)

    async def resolve(self, name: str, kind: str) -> str | None:
        """Object id of a full ref name or object id, peeled to ``commit`` or ``tree``."""
        try:
            found = await run_git(
                self.folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{{kind}}}"
            )
        except (GitFailed, FileNotFoundError):
            return None
        return found.decode().strip()

    async def keep(self, commit: str) -> None:
        """Protect a commit from being collected."""
        await run_git(self.folder, "update-ref", f"{_KEPT}/{commit}", commit)

    async def commit_tree(self, tree: str) -> str:
        """A commit of a tree; the same tree always gives the same commit."""
        stdout = await run_git(self.folder, "commit-tree", "-m", f"Archive {tree}", tree, environment=_AUTHOR)
        commit = stdout.decode().strip()
        await self.keep(commit)
        return commit

    async def join_packs(self, most: int = MOST_PACKS) -> None:
        """Make one pack of more than ``most``, or of many loose objects; what no commit holds yet, like an upload, is kept."""
        if self.lock.locked() or not await asyncio.to_thread(self._is_scattered, most):
            return
        async with self.lock:
            with contextlib.suppress(GitFailed, GitTimeout):
                await run_git(self.folder, "repack", "-a", "-d", "-k", "-q", timeout_seconds=_REPACK_SECONDS)

    def _is_scattered(self, most_packs: int) -> bool:
        objects = self.folder / "objects"
        is_loose = len(list((objects / "17").glob("*"))) > _MOST_LOOSE // 256  # git itself counts one folder of 256
        return is_loose or len(list((objects / "pack").glob("*.pack"))) > most_packs

    async def top_folder(self, tree: str) -> str:
        """The tree below the one top folder that most archives have; the tree itself when there is more in it."""
        listing = await run_git(self.folder, "ls-tree", "-z", tree)
        entries = [record for record in listing.split(b"\0") if record]
        if len(entries) == 1 and entries[0].split()[1] == b"tree":
            return entries[0].split(b"\t", 1)[0].split()[2].decode()
        return tree

    async def list_files(self, commit: str) -> list[TreeEntry]:
        """All files of a commit in path order.

        Raises:
            RepositoryTooLarge: There are more than the limit.
        """
        entries: list[TreeEntry] = []
        records = stream_git(self.folder, "ls-tree", "-r", "-l", "-z", "--full-tree", commit, separator=b"\0")
        async with contextlib.aclosing(records):
            async for record in records:
                entries.append(_entry(record))
                if len(entries) > self._most_files:
                    raise RepositoryTooLarge(f"The repository has more than {self._most_files} files.", limit="files")
        return sorted(entries, key=lambda entry: entry.path)

    async def read_blob(self, blob: str) -> bytes:
        """Content of one object."""
        return await run_git(self.folder, "cat-file", "blob", blob)

    async def read_blobs(self, entries: Sequence[tuple[str, int]]) -> dict[str, bytes]:
        """Contents of objects given by id and size, all at once: for a few, or for small ones."""
        contents: dict[str, bytes] = {}
        async for batch in self.iter_blobs(entries):
            contents |= batch
        return contents

    async def iter_blobs(self, entries: Sequence[tuple[str, int]]) -> AsyncIterator[dict[str, bytes]]:
        """Contents of objects given by id and size, some megabytes at a time."""
        batch: list[str] = []
        pending = 0
        for blob, size in dict(entries).items():
            batch.append(blob)
            pending += size
            if pending >= _BATCH_BYTES:
                yield await self._read_batch(batch)
                batch, pending = [], 0
        if batch:
            yield await self._read_batch(batch)

    async def _read_batch(self, blobs: Sequence[str]) -> dict[str, bytes]:
        known = {blob: data for blob in blobs if (data := self._recent.find(self.folder, blob)) is not None}
        unread = [blob for blob in blobs if blob not in known]
        fresh = await self._read_objects(unread) if unread else {}
        self._recent.keep(self.folder, fresh)
        return {blob: known[blob] if blob in known else fresh[blob] for blob in blobs}

    async def _read_objects(self, blobs: Sequence[str]) -> dict[str, bytes]:
        request = "\n".join(blobs).encode() + b"\n"
        output = await run_git(self.folder, "cat-file", "--batch", "--buffer", stdin=request)
        contents: dict[str, bytes] = {}
        cursor = 0
        for blob in blobs:
            end = output.index(b"\n", cursor)
            header = output[cursor:end].split()
            if len(header) != 3:
                raise GitFailed(1, f"object {blob} is missing")
            cursor = end + 2 + int(header[2])
            contents[blob] = output[end + 1 : cursor - 1]
        return contents


class MirrorStore:
    """Finds the mirror of a repository."""

    def __init__(self, folder: Path, *, most_files: int) -> None:
        self._folder = folder
        self._most_files = most_files
        self._recent = RecentBlobs()
        self._mirrors: WeakValueDictionary[str, Mirror] = WeakValueDictionary()

    def get(self, repository_id: str) -> Mirror:
        """The mirror of a repository, which may still be to be made; the id is checked by the contract's grammar."""
        mirror = self._mirrors.get(repository_id)
        if mirror is None:
            mirror = Mirror(self._folder / f"{repository_id}.git", most_files=self._most_files, recent=self._recent)
            self._mirrors[repository_id] = mirror
        return mirror


def _entry(record: bytes) -> TreeEntry:
    header, _, name = record.partition(b"\t")
    mode, _, blob, size = header.split()
    path = name.decode("utf-8", "backslashreplace")
    if len(path) > _LONGEST_PATH:
        raise RepositoryTooLarge(f"A path has more than {_LONGEST_PATH} characters.", limit="path_length")
    return TreeEntry(path, mode.decode(), blob.decode(), 0 if size == b"-" else int(size))
