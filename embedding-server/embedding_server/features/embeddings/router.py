"""``POST /v1/embeddings`` and ``POST /api/v1/questions``."""

import asyncio
import base64
from collections.abc import Coroutine
from typing import Any, Literal, TypeVar

import orjson
from fastapi import APIRouter, Request, Response

from codemuse.contracts.embedding import EmbeddingReply, EmbeddingRequest, QuestionReply, QuestionRequest
from embedding_server.core.backend import Vectors
from embedding_server.core.schedule import Priority
from embedding_server.features.embeddings.dependencies import EmbeddingServiceDep, PriorityDep
from embedding_server.features.embeddings.service import Answer

router = APIRouter(tags=["embeddings"])

T = TypeVar("T")
CLIENT_CLOSED_REQUEST = 499
"""nginx's status for a caller that left; nobody reads it but the metrics."""


@router.post("/v1/embeddings", response_model=EmbeddingReply)
async def create_embeddings(
    body: EmbeddingRequest, request: Request, embeddings: EmbeddingServiceDep, priority: PriorityDep = Priority.BULK
) -> Response:
    """One vector for each text, in order."""
    answer = await _unless_disconnected(request, embeddings.embed(body, priority))
    if answer is None:
        return Response(status_code=CLIENT_CLOSED_REQUEST)
    return Response(render(answer, body.encoding_format), media_type="application/json")


@router.post("/api/v1/questions", response_model=QuestionReply)
async def embed_question(body: QuestionRequest, embeddings: EmbeddingServiceDep) -> Response:
    """One text by several models in one call: what a search needs before it can begin."""
    vectors = {model: _base64(vector) for model, vector in (await embeddings.embed_question(body)).items()}
    return Response(orjson.dumps({"vectors": vectors}), media_type="application/json")


def render(answer: Answer, encoding: Literal["float", "base64"]) -> bytes:
    """The reply as JSON; numpy rows are written without passing through Python floats."""
    vectors: list[Any] = list(answer.vectors)
    if encoding == "base64":
        vectors = [_base64(vector) for vector in vectors]
    reply = {
        "object": "list",
        "data": [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)],
        "model": answer.model,
        "usage": {"prompt_tokens": answer.tokens, "total_tokens": answer.tokens},
    }
    return orjson.dumps(reply, option=orjson.OPT_SERIALIZE_NUMPY)


def _base64(vector: Vectors) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


async def _unless_disconnected(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """The result of the work, or nothing if the caller left first; then the work is cancelled."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return await working if working.done() else None
    finally:
        working.cancel()
        leaving.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
