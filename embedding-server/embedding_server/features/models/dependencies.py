"""How routes get their service."""

from typing import Annotated

from fastapi import Depends, Request

from embedding_server.features.models.service import ModelService


async def get_model_service(request: Request) -> ModelService:
    """The service over the opened resources."""
    return ModelService(request.app.state.resources.registry)


ModelServiceDep = Annotated[ModelService, Depends(get_model_service)]
