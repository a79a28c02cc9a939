"""Routes of repositories."""

from fastapi import APIRouter, UploadFile

from codemuse.contracts.common import Identifier
from codemuse.contracts.docgen import ArchiveRead
from docgen_server.features.repositories.dependencies import Repositories

router = APIRouter(prefix="/api/v1/repositories", tags=["repositories"])


@router.post("/{repository_id}/archives")
async def upload_archive(repository_id: Identifier, archive: UploadFile, repositories: Repositories) -> ArchiveRead:
    """Take a tar, tar.gz or zip; its content is kept under the name of its tree."""
    return await repositories.import_archive(repository_id, archive.file)


@router.delete("/{repository_id}")
async def delete_repository(repository_id: Identifier, repositories: Repositories) -> dict[str, str]:
    """Drop the mirror and everything known of a repository."""
    await repositories.delete(repository_id)
    return {}
