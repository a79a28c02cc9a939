"""Turns a git URL or an uploaded archive into a snapshot: a commit whose files are listed and classified."""

import hashlib
from collections.abc import Mapping, Sequence

from codemuse.contracts.docgen import ArchiveSource, SnapshotCreate, SnapshotRead
from codemuse.database import Sessions
from codemuse.errors import InvalidInput
from docgen_server.core.analysis import ANALYSER_VERSION
from docgen_server.core.errors import ArchiveNotFound, EmptyRepository
from docgen_server.core.git.fetch import Fetcher
from docgen_server.core.git.mirror import OBJECT_ID, Mirror, MirrorStore, TreeEntry
from docgen_server.core.manifest.attributes import RepositoryAttributes
from docgen_server.core.manifest.classify import CONTENT_REASONS, Classified, Classifier
from docgen_server.db.models import Snapshot
from docgen_server.db.snapshots import facts_id
from docgen_server.features.snapshots.repository import SnapshotRepository, Verdicts

_LARGEST_RULES_BYTES = 256 * 1024


class InvalidSource(InvalidInput):
    """A snapshot is made from exactly one source."""

    code = "invalid_source"


class SnapshotService:
    """Makes snapshots.

    Args:
        sessions: Postgres.
        mirrors: Where sources lie.
        fetcher: Brings commits of git URLs.
        largest_file_bytes: Larger files are listed but not analysed.
    """

    def __init__(self, sessions: Sessions, mirrors: MirrorStore, fetcher: Fetcher, largest_file_bytes: int) -> None:
        self._sessions = sessions
        self._mirrors = mirrors
        self._fetcher = fetcher
        self._largest_file_bytes = largest_file_bytes

    async def create(self, body: SnapshotCreate) -> SnapshotRead:
        """The snapshot of a source; asking again for the same commit gives the same one.

        Raises:
            CodeMuseError: The source cannot be had, or is empty or too large.
        """
        mirror = self._mirrors.get(body.repository_id)
        if (body.git is None) == (body.archive is None):
            raise InvalidSource("Give either 'git' or 'archive'.")
        if body.git is not None:
            object_id = await self._fetcher.fetch(mirror, body.git.url, body.git.ref)
            commit, ref = object_id, body.git.ref
        else:
            object_id = await self._archive_commit(mirror, body.archive)
            commit, ref = (body.archive.commit if body.archive else None) or object_id, None
        snapshot_id = _snapshot_id(body.repository_id, object_id, commit)
        async with self._sessions() as session:
            existing = await SnapshotRepository(session).find(snapshot_id)
            known = await SnapshotRepository(session).latest_verdicts(body.repository_id)
        if existing is not None and existing.analyser_version == ANALYSER_VERSION:
            return read_snapshot(existing)
        files = await self._classify(mirror, object_id, known, is_archive=body.archive is not None)
        snapshot = Snapshot(
            id=snapshot_id,
            repository_id=body.repository_id,
            commit=commit,
            object_id=object_id,
            ref=ref,
            is_archive=body.archive is not None,
            analyser_version=ANALYSER_VERSION,
            file_count=len(files),
            byte_count=sum(file.entry.size for file in files),
        )
        async with self._sessions.begin() as session:
            stored = await SnapshotRepository(session).replace(snapshot, [_row(snapshot, file) for file in files])
        await mirror.join_packs()
        return read_snapshot(stored)

    async def _archive_commit(self, mirror: Mirror, source: ArchiveSource | None) -> str:
        if source is None or not OBJECT_ID.match(source.archive_id):
            raise ArchiveNotFound("No archive of this id was uploaded for this repository.")
        tree = await mirror.resolve(source.archive_id, "tree")
        if tree is None:
            raise ArchiveNotFound("No archive of this id was uploaded for this repository.")
        return await mirror.commit_tree(tree)

    async def _classify(
        self, mirror: Mirror, commit: str, known: Verdicts, *, is_archive: bool
    ) -> Sequence[Classified]:
        entries = await mirror.list_files(commit)
        if not entries:
            raise EmptyRepository("The repository has no files at this commit.")
        attributes = await _attributes(mirror, entries, is_archive=is_archive)
        classifier = Classifier(largest_bytes=self._largest_file_bytes, attributes=attributes.reason)
        decided = {entry.path: classifier.by_name(entry) for entry in entries}
        for entry in entries:
            verdict = known.get((entry.path, entry.blob))
            if decided[entry.path] is None and verdict and (verdict[1] is None or verdict[1] in CONTENT_REASONS):
                decided[entry.path] = Classified(entry, *verdict)
        unread: dict[str, list[TreeEntry]] = {}
        for entry in entries:
            if decided[entry.path] is None:
                unread.setdefault(entry.blob, []).append(entry)
        async for contents in mirror.iter_blobs([(blob, same[0].size) for blob, same in unread.items()]):
            for blob, data in contents.items():
                decided |= {entry.path: classifier.by_content(entry, data) for entry in unread[blob]}
        return [file for entry in entries if (file := decided[entry.path]) is not None]


async def _attributes(mirror: Mirror, entries: Sequence[TreeEntry], *, is_archive: bool) -> RepositoryAttributes:
    wanted = {".gitattributes", ".gitignore"} if is_archive else {".gitattributes"}
    files = [
        entry
        for entry in entries
        if entry.path.rpartition("/")[2] in wanted
        and entry.mode.startswith("100")
        and entry.size <= _LARGEST_RULES_BYTES
    ]
    contents = await mirror.read_blobs([(entry.blob, entry.size) for entry in files])
    texts: dict[str, dict[str, str]] = {".gitattributes": {}, ".gitignore": {}}
    for entry in files:
        folder, _, name = entry.path.rpartition("/")
        texts[name][folder] = contents[entry.blob].decode("utf-8", "replace")
    return RepositoryAttributes(attributes=texts[".gitattributes"], ignores=texts[".gitignore"])


def _snapshot_id(repository_id: str, object_id: str, commit: str) -> str:
    return hashlib.blake2b(f"{repository_id}\0{object_id}\0{commit}".encode(), digest_size=16).hexdigest()


def _row(snapshot: Snapshot, file: Classified) -> Mapping[str, object]:
    entry = file.entry
    is_analysed = file.skip_reason is None and file.language is not None
    return {
        "snapshot_id": snapshot.id,
        "path": entry.path,
        "blob": entry.blob,
        "size": entry.size,
        "language": file.language,
        "skip_reason": file.skip_reason,
        "facts_id": facts_id(snapshot.repository_id, entry.path, entry.blob, file.language or "")
        if is_analysed
        else None,
    }


def read_snapshot(snapshot: Snapshot) -> SnapshotRead:
    """A snapshot as the contract shows it."""
    return SnapshotRead.model_validate(snapshot, from_attributes=True)
