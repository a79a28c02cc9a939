"""Routes below ``/chat``."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Header, Query, Request, Response, WebSocket

from codemuse.contracts.chat import (
    MessageAccepted,
    MessageCreate,
    MessagePage,
    SessionCreate,
    SessionPage,
    SessionRead,
    SessionUpdate,
    WebSocketTicket,
)
from codemuse.errors import Unauthenticated
from orchestrator.core.access import Caller
from orchestrator.core.pages import MAXIMUM_PAGE
from orchestrator.core.principal import Principal
from orchestrator.core.resources import GatewayResources
from orchestrator.core.sse import event_stream
from orchestrator.db.identities import Identities
from orchestrator.features.chat.dependencies import Conversations, Service, Tickets, make_chat_service
from orchestrator.features.chat.service import Question
from orchestrator.features.chat.socket import CLOSE_UNAUTHENTICATED, ChatSocket
from orchestrator.features.chat.tickets import TicketOffice

router = APIRouter(prefix="/api/v1/chat", tags=["chat"])

Cursor = Annotated[str | None, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=MAXIMUM_PAGE)]
_CLOSE_FOREIGN_ORIGIN = 4403


@router.post("/sessions", status_code=201)
async def create_session(body: SessionCreate, caller: Caller, service: Conversations) -> SessionRead:
    """Begin a conversation."""
    return await service.create(caller, body)


@router.get("/sessions")
async def list_sessions(
    caller: Caller, service: Conversations, cursor: Cursor = None, limit: Limit = 50
) -> SessionPage:
    """Conversations of the caller, the most recent first."""
    return await service.list_page(caller, cursor, limit)


@router.get("/sessions/{session_id}")
async def get_session(session_id: str, caller: Caller, service: Conversations) -> SessionRead:
    """One conversation."""
    return await service.get(caller, session_id)


@router.patch("/sessions/{session_id}")
async def update_session(session_id: str, body: SessionUpdate, caller: Caller, service: Conversations) -> SessionRead:
    """Rename a conversation or change which repositories it is about."""
    return await service.update(caller, session_id, body)


@router.delete("/sessions/{session_id}", status_code=204)
async def delete_session(session_id: str, caller: Caller, service: Conversations) -> None:
    """Remove a conversation."""
    await service.delete(caller, session_id)


@router.get("/sessions/{session_id}/messages")
async def list_messages(
    session_id: str, caller: Caller, service: Conversations, cursor: Cursor = None, limit: Limit = 100
) -> MessagePage:
    """What was said, oldest first."""
    return await service.list_messages(caller, session_id, cursor, limit)


@router.post("/sessions/{session_id}/messages", status_code=202, response_model=MessageAccepted)
async def create_message(
    session_id: str,
    body: MessageCreate,
    request: Request,
    caller: Caller,
    service: Service,
    wait: bool = False,
    key: Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)] = None,
) -> MessageAccepted | Response:
    """Ask. With ``Accept: text/event-stream`` the events follow at once; ``?wait=true`` answers with the finished message."""
    accepted = await service.ask(caller, Question(session_id, body, key))
    if "text/event-stream" in request.headers.get("accept", ""):
        return event_stream(await service.follow(caller, accepted.run.id, 0))
    if wait:
        accepted.answer = await service.wait(caller, accepted.run.id)
    return accepted


@router.post("/ws-tickets", status_code=201)
async def create_websocket_ticket(caller: Caller, tickets: Tickets) -> WebSocketTicket:
    """A ticket that opens one WebSocket within half a minute."""
    return await tickets.issue(caller)


@router.websocket("/ws")
async def chat_socket(socket: WebSocket, ticket: str = "") -> None:
    """Ask, resume and stop over one socket; the ticket says who it is."""
    resources: GatewayResources = socket.app.state.resources
    if not _same_origin(socket, resources.platform.settings.public_origins):
        await socket.close(_CLOSE_FOREIGN_ORIGIN)
        return
    try:
        holder = await TicketOffice(resources.platform.redis).redeem(ticket)
    except Unauthenticated:
        await socket.close(CLOSE_UNAUTHENTICATED)
        return

    async def identify() -> Principal:
        async with resources.platform.sessions() as session:
            return await Identities(session).get_by_session(holder["user_id"], holder["sid"])

    await socket.accept()
    await ChatSocket(socket, await identify(), make_chat_service(resources), identify).serve()


def _same_origin(socket: WebSocket, allowed: list[str]) -> bool:
    """Browsers always say where a page came from; a page from elsewhere must not use this person's connection."""
    origin = socket.headers.get("origin")
    return origin is None or origin in allowed or urlsplit(origin).netloc == socket.headers.get("host")
