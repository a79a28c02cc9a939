"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from codemuse.clients.llm_administration import LlmAdministrationClient
from orchestrator.core.access import Resources
from orchestrator.core.resources import GatewayResources
from orchestrator.features.chat.service import ChatService
from orchestrator.features.chat.sessions import SessionService
from orchestrator.features.chat.tickets import TicketOffice


async def get_session_service(resources: Resources) -> SessionService:
    """The service for conversations."""
    platform = resources.platform
    return SessionService(platform.sessions, LlmAdministrationClient(platform.services.llm.service))


async def get_chat_service(resources: Resources) -> ChatService:
    """The service for questions."""
    return make_chat_service(resources)


def make_chat_service(resources: GatewayResources) -> ChatService:
    """The same for sockets, which have no request."""
    return ChatService(resources.platform.sessions, resources.events, resources.platform.relay)


async def get_ticket_office(resources: Resources) -> TicketOffice:
    """The ticket office."""
    return TicketOffice(resources.platform.redis)


Conversations = Annotated[SessionService, Depends(get_session_service)]
Service = Annotated[ChatService, Depends(get_chat_service)]
Tickets = Annotated[TicketOffice, Depends(get_ticket_office)]
