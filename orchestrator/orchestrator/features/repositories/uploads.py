"""Reading a multipart upload with bounds on everything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from codemuse.errors import InvalidInput, InvalidRequest
from orchestrator.features.repositories.service import Upload

_FIELDS = {"archive", "name", "commit", "ref"}
_MAXIMUM_NAME = 200
_MAXIMUM_COMMIT = 64


@asynccontextmanager
async def open_upload(request: Request) -> AsyncIterator[tuple[Upload, str | None]]:
    """The archive of a multipart request and the repository's name, if one was sent; files are spooled to disk.

    Raises:
        InvalidRequest: The multipart body cannot be read.
        InvalidInput: There is no ``archive``, or a field is not known or too long.
    """
    try:
        form = await request.form(max_files=1, max_fields=8, max_part_size=4096)
    except (MultiPartException, HTTPException, ValueError):
        raise InvalidRequest("The multipart body cannot be read.", code="invalid_multipart") from None
    try:
        if unknown := set(form) - _FIELDS:
            raise InvalidInput(f"There is no field '{min(unknown)[:50]}'.", code="unknown_field")
        archive = form.get("archive")
        if not isinstance(archive, UploadFile):
            raise InvalidInput("Send the archive as the file field 'archive'.", code="archive_missing")
        commit = _text(form.get("commit"), "commit", _MAXIMUM_COMMIT)
        upload = Upload(archive.file, archive.filename or "archive", commit)
        yield upload, _text(form.get("name"), "name", _MAXIMUM_NAME)
    finally:
        await form.close()


def _text(value: object, field: str, maximum: int) -> str | None:
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > maximum:
        raise InvalidInput(f"{field}: at most {maximum} characters.", code="field_too_long")
    if any(ord(character) < 32 for character in text):
        raise InvalidInput(f"{field}: control characters are not allowed.", code="control_characters")
    return text or None
