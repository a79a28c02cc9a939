"""Usage."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from codemuse.contracts.usage import UsageQuery, UsageRead
from llm_server.core.access import Calling
from llm_server.features.usage.dependencies import Service

router = APIRouter(prefix="/api/v1/usage", tags=["usage"])


@router.get("")
async def read_usage(query: Annotated[UsageQuery, Query()], caller: Calling, service: Service) -> UsageRead:
    """Sums by group over time; who does not administer the organisation sees their own."""
    return await service.read(query, caller)


@router.get("/export", response_class=StreamingResponse)
async def export_usage(query: Annotated[UsageQuery, Query()], caller: Calling, service: Service) -> StreamingResponse:
    """Every row as CSV."""
    rows = service.export(query, caller)
    first = await anext(rows)

    async def everything() -> AsyncIterator[str]:
        yield first
        async for line in rows:
            yield line

    headers = {"Content-Disposition": 'attachment; filename="usage.csv"'}
    return StreamingResponse(everything(), media_type="text/csv", headers=headers)
