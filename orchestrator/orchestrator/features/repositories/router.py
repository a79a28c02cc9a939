"""Routes below ``/repositories``."""

from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from codemuse.contracts.repositories import (
    FileRead,
    FileTree,
    RepositoryAccepted,
    RepositoryCreate,
    RepositoryIndex,
    RepositoryPage,
    RepositoryRead,
)
from codemuse.contracts.runs import RunAccepted
from codemuse.errors import InvalidInput
from orchestrator.core.access import Caller
from orchestrator.features.repositories.dependencies import IdempotencyKey, Limit, Service
from orchestrator.features.repositories.service import FilePart
from orchestrator.features.repositories.uploads import open_upload

router = APIRouter(prefix="/api/v1/repositories", tags=["repositories"])

M = TypeVar("M")
Text = Annotated[str | None, Query(max_length=500)]


def _body_schema(json_model: str, *required: str) -> dict[str, object]:
    """The request body in OpenAPI: JSON for a URL, multipart for an archive."""
    properties = {
        "archive": {"type": "string", "format": "binary"},
        "name": {"type": "string"},
        "commit": {"type": "string"},
    }
    form = {"type": "object", "required": list(required), "properties": properties}
    content = {
        "application/json": {"schema": {"$ref": f"#/components/schemas/{json_model}"}},
        "multipart/form-data": {"schema": form},
    }
    return {"requestBody": {"required": True, "content": content}}


@router.post("", status_code=202, openapi_extra=_body_schema("RepositoryCreate", "archive", "name"))
async def create_repository(
    request: Request, caller: Caller, service: Service, key: IdempotencyKey = None
) -> RepositoryAccepted:
    """Add a repository by git URL (JSON) or as an archive (multipart), and index it."""
    if _is_multipart(request):
        async with open_upload(request) as (upload, name):
            if name is None:
                raise InvalidInput("Send the repository's name as the field 'name'.", code="name_missing")
            return await service.create_from_archive(caller, name, upload, key)
    return await service.create_from_url(caller, await _read_json(request, RepositoryCreate), key)


@router.get("")
async def list_repositories(caller: Caller, service: Service, cursor: Text = None, limit: Limit = 50) -> RepositoryPage:
    """Repositories of the organisation, the newest first."""
    return await service.list_page(caller, cursor, limit)


@router.get("/{repository_id}")
async def get_repository(repository_id: str, caller: Caller, service: Service) -> RepositoryRead:
    """One repository."""
    return await service.get(caller, repository_id)


@router.delete("/{repository_id}", status_code=202)
async def delete_repository(repository_id: str, caller: Caller, service: Service) -> RunAccepted:
    """Remove a repository and everything known of it."""
    return await service.delete(caller, repository_id)


@router.post("/{repository_id}/index", status_code=202, openapi_extra=_body_schema("RepositoryIndex", "archive"))
async def index_repository(
    repository_id: str, request: Request, caller: Caller, service: Service, key: IdempotencyKey = None
) -> RunAccepted:
    """Index again: fetch the URL anew (JSON), or take a new archive (multipart)."""
    if _is_multipart(request):
        async with open_upload(request) as (upload, _):
            return await service.index_archive(caller, repository_id, upload, key)
    body = await _read_json(request, RepositoryIndex)
    return await service.index_again(caller, repository_id, body.ref, key)


@router.get("/{repository_id}/tree")
async def get_repository_tree(repository_id: str, caller: Caller, service: Service) -> FileTree:
    """Every file of the indexed commit."""
    return await service.get_tree(caller, repository_id)


@router.get("/{repository_id}/files")
async def read_repository_file(
    repository_id: str,
    caller: Caller,
    service: Service,
    path: Annotated[str, Query(min_length=1, max_length=4096)],
    start: Annotated[int | None, Query(ge=1)] = None,
    end: Annotated[int | None, Query(ge=1)] = None,
    as_of: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
) -> FileRead:
    """Source lines at the indexed commit, or ``as_of`` a version or an earlier one; without bounds the whole file."""
    return await service.read_file(caller, repository_id, FilePart(path, start, end), as_of)


def _is_multipart(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("multipart/form-data")


async def _read_json(request: Request, model: type[M]) -> M:
    try:
        return TypeAdapter(model).validate_json(await request.body() or b"{}")
    except ValidationError as error:
        problems = [{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors(include_url=False)]
        raise RequestValidationError(problems) from None
