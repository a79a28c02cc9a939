"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends, Request

from codemuse.auth import bearer_token
from orchestrator.core.access import Resources, identify
from orchestrator.core.principal import Principal
from orchestrator.features.model_api.service import ModelApiService


async def get_service(resources: Resources) -> ModelApiService:
    """The service of this request."""
    return ModelApiService(resources.platform.services.llm.service)


async def get_client(request: Request, resources: Resources) -> Principal:
    """Who is calling; Anthropic's clients show their key in a header of its own.

    Raises:
        Unauthenticated: Nobody we know.
    """
    key = request.headers.get("x-api-key")
    return await identify(key or bearer_token(request.headers.get("authorization")), resources)


Service = Annotated[ModelApiService, Depends(get_service)]
Client = Annotated[Principal, Depends(get_client)]
