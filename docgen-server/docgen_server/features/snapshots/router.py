"""Routes of snapshots."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from codemuse.contracts.common import Identifier, RepositoryPath
from codemuse.contracts.docgen import ManifestPage, SnapshotCreate, SnapshotRead, SnapshotStats, SourceRead
from docgen_server.features.snapshots.dependencies import Reader, Snapshots

router = APIRouter(prefix="/api/v1/snapshots", tags=["snapshots"])
commits_router = APIRouter(prefix="/api/v1/repositories", tags=["snapshots"])


@router.post("")
async def create_snapshot(body: SnapshotCreate, snapshots: Snapshots) -> SnapshotRead:
    """Mirror a source and name its commit; repeating it gives the same snapshot."""
    return await snapshots.create(body)


@router.get("/{snapshot_id}")
async def get_snapshot(snapshot_id: Identifier, reader: Reader) -> SnapshotRead:
    """One snapshot."""
    return await reader.get(snapshot_id)


@router.get("/{snapshot_id}/manifest")
async def get_manifest(
    snapshot_id: Identifier,
    reader: Reader,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> ManifestPage:
    """Files of a snapshot in path order, each with its language or the reason that it is left out for."""
    return await reader.manifest(snapshot_id, cursor, limit)


@router.get("/{snapshot_id}/source")
async def get_source(
    snapshot_id: Identifier,
    path: RepositoryPath,
    reader: Reader,
    start: Annotated[int | None, Query(ge=1, le=10_000_000)] = None,
    end: Annotated[int | None, Query(ge=1, le=10_000_000)] = None,
) -> SourceRead:
    """Lines of a file at the snapshot's commit, both ends included."""
    return await reader.source(snapshot_id, path, start, end)


@router.get("/{snapshot_id}/stats")
async def get_stats(snapshot_id: Identifier, reader: Reader) -> SnapshotStats:
    """Sizes and languages of a snapshot."""
    return await reader.stats(snapshot_id)


@commits_router.get("/{repository_id}/commits/{commit}")
async def find_snapshot(
    repository_id: Identifier, commit: Annotated[str, Path(min_length=7, max_length=64)], reader: Reader
) -> SnapshotRead:
    """The snapshot of a commit, which may be given by its beginning."""
    return await reader.find(repository_id, commit)
