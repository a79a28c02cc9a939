"""Routes of analysis."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from codemuse.contracts.common import ErrorBody, Identifier
from codemuse.contracts.docgen import AnalyseReply, ChunksReply, PathsRequest
from codemuse.errors import CodeMuseError
from docgen_server.features.analysis.dependencies import Analysis
from docgen_server.features.analysis.service import AnalysisService

router = APIRouter(prefix="/api/v1/snapshots", tags=["analysis"])

NDJSON = "application/x-ndjson"
_STREAMED: dict[int | str, dict[str, Any]] = {
    200: {"content": {NDJSON: {"example": '{"path": "src/app.py", "status": "analysed", "symbol_count": 12}\n'}}}
}


@router.post("/{snapshot_id}/analyse", response_model=AnalyseReply, responses=_STREAMED)
async def analyse(
    snapshot_id: Identifier, body: PathsRequest, analysis: Analysis, accept: Annotated[str, Header()] = ""
) -> AnalyseReply | StreamingResponse:
    """Parse files and keep their facts; files whose content is known already cost nothing.

    With ``Accept: application/x-ndjson`` each outcome is a line of its own, sent as soon as it is known.
    """
    if NDJSON not in accept:
        return await analysis.analyse(snapshot_id, body.paths)
    await analysis.check(snapshot_id, body.paths)
    return StreamingResponse(_lines(analysis, snapshot_id, body.paths), media_type=NDJSON)


async def _lines(analysis: AnalysisService, snapshot_id: str, paths: list[str]) -> AsyncIterator[bytes]:
    """Outcomes as lines; what goes wrong on the way is the last one."""
    try:
        async for outcome in analysis.iter_outcomes(snapshot_id, paths):
            yield outcome.model_dump_json().encode() + b"\n"
    except CodeMuseError as error:
        yield ErrorBody(error=error.public_code, message=error.message).model_dump_json().encode() + b"\n"


@router.post("/{snapshot_id}/chunks")
async def get_chunks(snapshot_id: Identifier, body: PathsRequest, analysis: Analysis) -> ChunksReply:
    """Chunks of analysed files, in path and line order."""
    return await analysis.chunks(snapshot_id, body.paths)
