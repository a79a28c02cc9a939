"""The dependency graph of a snapshot, resolved from stored imports when it is asked for: never stale, nothing to update."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from docgen_server.core.analysis.model import Import
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.core.linking.graph import Link, LinkedFile, LinkGraph
from docgen_server.core.linking.resolve import MANIFEST_NAMES, PathIndex, resolve
from docgen_server.db.models import Snapshot, SnapshotFile
from docgen_server.db.snapshots import list_facts

_LARGEST_MANIFEST_BYTES = 256 * 1024


async def load_graph(session: AsyncSession, mirrors: MirrorStore, snapshot: Snapshot) -> LinkGraph:
    """The graph of all analysed files of a snapshot."""
    paths = await session.scalars(select(SnapshotFile.path).where(SnapshotFile.snapshot_id == snapshot.id))
    index = PathIndex(frozenset(paths), await _manifests(session, mirrors, snapshot))
    files: dict[str, LinkedFile] = {}
    links: list[Link] = []
    for row in await list_facts(session, snapshot.id):
        files[row.path] = LinkedFile(row.path, row.language, row.line_count)
        for statement in parse_imports(row.imports):
            found = resolve(index, row.path, row.language, statement)
            links += [
                Link(
                    row.path,
                    target,
                    statement.line,
                    is_external=target == found.external,
                    is_deferred=statement.deferred,
                )
                for target in (*found.paths, *filter(None, [found.external]))
                if target != row.path
            ]
    return LinkGraph(files, links)


def parse_imports(stored: bytes) -> list[Import]:
    """Imports as they were stored."""
    documents: list[dict[str, Any]] = orjson.loads(stored)
    return [Import(item["target"], item["line"], tuple(item["names"]), item["deferred"]) for item in documents]


async def _manifests(session: AsyncSession, mirrors: MirrorStore, snapshot: Snapshot) -> dict[str, str]:
    name = func.regexp_replace(SnapshotFile.path, "^.*/", "")
    query = select(SnapshotFile).where(
        SnapshotFile.snapshot_id == snapshot.id,
        name.in_(MANIFEST_NAMES),
        SnapshotFile.size <= _LARGEST_MANIFEST_BYTES,
        SnapshotFile.skip_reason.is_(None),
    )
    files: Sequence[SnapshotFile] = (await session.scalars(query)).all()
    contents = await mirrors.get(snapshot.repository_id).read_blobs([(file.blob, file.size) for file in files])
    return {file.path: contents[file.blob].decode("utf-8", "replace") for file in files}
