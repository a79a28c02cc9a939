"""Conversations and what was said in them."""

from codemuse.clients.llm_administration import LlmAdministrationClient
from codemuse.contracts.accounts import ApiKeyScope
from codemuse.contracts.chat import MessagePage, MessageRead, SessionCreate, SessionPage, SessionRead, SessionUpdate
from codemuse.contracts.providers import ROLES, ProvidersWrite, caller_headers
from codemuse.database import Sessions
from codemuse.errors import CodeMuseError, InvalidInput
from codemuse.logging import get_logger
from orchestrator.core.pages import decode_cursor, encode_cursor
from orchestrator.core.principal import Principal
from orchestrator.core.runs.store import RunStore
from orchestrator.db.models import ChatSession, Message
from orchestrator.db.repositories import RepositoryLookup
from orchestrator.features.chat.repository import ChatRepository

_log = get_logger(__name__)


class SessionService:
    """Conversations of the caller.

    Args:
        sessions: Where they are stored.
        llm: Knows which models were chosen for them.
    """

    def __init__(self, sessions: Sessions, llm: LlmAdministrationClient) -> None:
        self._sessions = sessions
        self._llm = llm

    async def create(self, principal: Principal, new: SessionCreate) -> SessionRead:
        """Begin a conversation."""
        principal.require(ApiKeyScope.CHAT)
        async with self._sessions.begin() as session:
            await RepositoryLookup(session, principal.organisation_id).list_indexed(new.repository_ids)
            row = await ChatRepository(session, principal).add_session(new.title or "", new.repository_ids)
            return read_session(row)

    async def list_page(self, principal: Principal, cursor: str | None, limit: int) -> SessionPage:
        """Conversations, the most recent first."""
        principal.require(ApiKeyScope.CHAT)
        async with self._sessions() as session:
            rows = await ChatRepository(session, principal).list_sessions(decode_cursor(cursor), limit)
        last = rows[limit - 1] if len(rows) > limit else None
        following = encode_cursor((last.updated_at, last.id)) if last else None
        return SessionPage(items=[read_session(row) for row in rows[:limit]], next_cursor=following)

    async def get(self, principal: Principal, session_id: str) -> SessionRead:
        """One conversation."""
        principal.require(ApiKeyScope.CHAT)
        async with self._sessions() as session:
            return read_session(await ChatRepository(session, principal).get_session(session_id))

    async def update(self, principal: Principal, session_id: str, change: SessionUpdate) -> SessionRead:
        """Rename a conversation, or change which repositories it is about."""
        principal.require(ApiKeyScope.CHAT)
        async with self._sessions.begin() as session:
            row = await ChatRepository(session, principal).get_session(session_id, lock=True)
            if change.title is not None:
                row.title = change.title
            if change.repository_ids is not None:
                await RepositoryLookup(session, principal.organisation_id).list_indexed(change.repository_ids)
                row.repository_ids = list(change.repository_ids)
            return read_session(row)

    async def delete(self, principal: Principal, session_id: str) -> None:
        """Stop its answers in the making and remove a conversation."""
        principal.require(ApiKeyScope.CHAT)
        async with self._sessions.begin() as session:
            repository = ChatRepository(session, principal)
            row = await repository.get_session(session_id, lock=True)
            for run in await repository.list_active_runs(row.id):
                await RunStore(session).request_cancel(run)
            await repository.delete_session(row)
        await self._forget_models(principal, session_id)

    async def list_messages(self, principal: Principal, session_id: str, cursor: str | None, limit: int) -> MessagePage:
        """What was said, oldest first; the cursor is the position of the last message seen."""
        principal.require(ApiKeyScope.CHAT)
        if cursor is not None and not cursor.isdecimal():
            raise InvalidInput("The cursor is not one that this API gave out.", code="invalid_cursor")
        async with self._sessions() as session:
            repository = ChatRepository(session, principal)
            row = await repository.get_session(session_id)
            messages = await repository.list_messages(row.id, int(cursor or 0), limit)
        following = str(messages[limit - 1].position) if len(messages) > limit else None
        return MessagePage(items=[read_message(message) for message in messages[:limit]], next_cursor=following)

    async def _forget_models(self, principal: Principal, session_id: str) -> None:
        """Take back which models were chosen for it; one that is left does no harm, so nobody is told."""
        nobody = ProvidersWrite(session_id=session_id, roles={role: [] for role in ROLES})
        caller = caller_headers(organisation=principal.organisation_id, user=principal.user_id, role="member")
        try:
            await self._llm.write_providers(nobody, caller=caller)
        except CodeMuseError as error:
            _log.warning("a deleted conversation's models stay chosen", session_id=session_id, code=error.public_code)


def read_session(row: ChatSession) -> SessionRead:
    """The wire shape of a conversation."""
    return SessionRead.model_validate(row, from_attributes=True)


def read_message(row: Message) -> MessageRead:
    """The wire shape of a message."""
    return MessageRead.model_validate(row, from_attributes=True)
