"""``/api/v1/repositories/{repository_id}``: writing, refining, counting and removing."""

from fastapi import APIRouter

from codemuse.contracts.common import Identifier, Reply
from codemuse.contracts.rag import (
    GenerationWrite,
    GenerationWritten,
    PruneRequest,
    RefineReply,
    RefineRequest,
    RepositoryIndexRead,
)
from codemuse.contracts.upkeep import PathsRead
from rag_server.core.points import RepositoryKey, Snapshot
from rag_server.features.generations.dependencies import (
    GenerationPath,
    GenerationQuery,
    GenerationServiceDep,
    RepositoryKeyDep,
)

router = APIRouter(prefix="/api/v1/repositories/{repository_id}", tags=["generations"])


@router.get("")
async def read_repository(
    key: RepositoryKeyDep, generation: GenerationQuery, generations: GenerationServiceDep
) -> RepositoryIndexRead:
    """Count what a generation holds."""
    return await generations.read(Snapshot(key, generation))


@router.delete("")
async def delete_repository(key: RepositoryKeyDep, generations: GenerationServiceDep) -> Reply:
    """Remove a repository from the index."""
    await generations.delete(key)
    return Reply()


@router.get("/paths")
async def list_paths(key: RepositoryKeyDep, generations: GenerationServiceDep) -> PathsRead:
    """Paths that have chunks in any generation."""
    return await generations.list_paths(key)


@router.post("/generations/{generation}/files")
async def write_files(
    repository_id: Identifier, generation: GenerationPath, body: GenerationWrite, generations: GenerationServiceDep
) -> GenerationWritten:
    """Give files their chunks in a generation."""
    return await generations.write(RepositoryKey(body.organisation_id, repository_id), generation, body)


@router.delete("/generations/{generation}")
async def abort_generation(
    key: RepositoryKeyDep, generation: GenerationPath, generations: GenerationServiceDep
) -> Reply:
    """Undo a generation that was never published."""
    await generations.abort(key, generation)
    return Reply()


@router.post("/generations/{generation}/trim")
async def trim(key: RepositoryKeyDep, generation: GenerationPath, generations: GenerationServiceDep) -> Reply:
    """Go back to a generation: what came after it was never written."""
    await generations.trim(key, generation)
    return Reply()


@router.post("/refine")
async def refine(repository_id: Identifier, body: RefineRequest, generations: GenerationServiceDep) -> RefineReply:
    """Fill in some transformer vectors."""
    return await generations.refine(RepositoryKey(body.organisation_id, repository_id), body.limit)


@router.post("/prune")
async def prune(repository_id: Identifier, body: PruneRequest, generations: GenerationServiceDep) -> Reply:
    """Forget generations that nobody reads any more."""
    await generations.prune(RepositoryKey(body.organisation_id, repository_id), body.keep_from)
    return Reply()
