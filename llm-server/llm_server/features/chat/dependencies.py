"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends, Request

from llm_server.features.chat.service import ChatService


async def get_service(request: Request) -> ChatService:
    """The service of this request."""
    return ChatService(request.app.state.resources.registry)


Service = Annotated[ChatService, Depends(get_service)]
