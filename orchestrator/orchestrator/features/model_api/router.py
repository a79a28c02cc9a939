"""``/v1``: chat completions, completions, responses, embeddings, models, and Anthropic's messages."""

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from orchestrator.features.model_api.dependencies import Client, Service

router = APIRouter(prefix="/v1", tags=["models for stock clients"])


@router.post("/chat/completions", name="forward_chat_completion")
@router.post("/completions", name="forward_completion")
@router.post("/responses", name="forward_response")
@router.post("/embeddings", name="forward_embeddings")
@router.post("/messages", name="forward_message")
@router.post("/messages/count_tokens", name="forward_token_count")
async def forward_request(request: Request, client: Client, service: Service) -> StreamingResponse:
    """Answered by the language models of your organisation, in the dialect of the address."""
    answer = await service.forward(client, "POST", request.scope["path"], await request.body())
    return StreamingResponse(answer.chunks, headers=dict(answer.headers))


@router.get("/models", name="list_models")
@router.get("/models/{model_name:path}", name="read_model")
async def read_models(request: Request, client: Client, service: Service) -> StreamingResponse:
    """The models that you may ask for, or one of them."""
    answer = await service.forward(client, "GET", request.scope["path"], None)
    return StreamingResponse(answer.chunks, headers=dict(answer.headers))
