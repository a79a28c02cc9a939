"""Puts the services of this feature together for a request."""

from typing import Annotated

from fastapi import Depends

from docgen_server.core.resources import Resources, get_resources
from docgen_server.features.snapshots.reading import SnapshotReader
from docgen_server.features.snapshots.service import SnapshotService


async def _service(resources: Annotated[Resources, Depends(get_resources)]) -> SnapshotService:
    return SnapshotService(resources.sessions, resources.mirrors, resources.fetcher, resources.largest_file_bytes)


async def _reader(resources: Annotated[Resources, Depends(get_resources)]) -> SnapshotReader:
    return SnapshotReader(resources.sessions, resources.mirrors)


Snapshots = Annotated[SnapshotService, Depends(_service)]
Reader = Annotated[SnapshotReader, Depends(_reader)]
