"""Routes of analysis."""

from fastapi import APIRouter

from codemuse.contracts.common import Identifier
from codemuse.contracts.docgen import AnalyseReply, ChunksReply, PathsRequest
from docgen_server.features.analysis.dependencies import Analysis

router = APIRouter(prefix="/api/v1/snapshots", tags=["analysis"])


@router.post("/{snapshot_id}/analyse")
async def analyse(snapshot_id: Identifier, body: PathsRequest, analysis: Analysis) -> AnalyseReply:
    """Parse files and keep their facts; files whose content is known already cost nothing."""
    return await analysis.analyse(snapshot_id, body.paths)


@router.post("/{snapshot_id}/chunks")
async def get_chunks(snapshot_id: Identifier, body: PathsRequest, analysis: Analysis) -> ChunksReply:
    """Chunks of analysed files, in path and line order."""
    return await analysis.chunks(snapshot_id, body.paths)
