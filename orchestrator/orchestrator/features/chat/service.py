"""Asking, following and stopping."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.accounts import ApiKeyScope
from codemuse.contracts.chat import MessageAccepted, MessageCreate, MessageRead
from codemuse.contracts.runs import RunEvent
from codemuse.database import Sessions
from codemuse.errors import Conflict, DeadlineExceeded, InvalidInput, NotFound
from codemuse.request_context import current_request_id
from orchestrator.core.principal import Principal
from orchestrator.core.runs.events import EventReader
from orchestrator.core.runs.outbox import OutboxRelay
from orchestrator.core.runs.reading import read_run
from orchestrator.core.runs.store import NewRun, RunStore
from orchestrator.core.runs.workflow import ASK
from orchestrator.db.models import ChatSession, Run
from orchestrator.db.repositories import RepositoryLookup
from orchestrator.features.chat.repository import ChatRepository
from orchestrator.features.chat.sessions import read_message

_TITLE_CHARACTERS = 80
_WAIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Question:
    """A question in a session; the same ``key`` twice is the same question."""

    session_id: str
    body: MessageCreate
    key: str | None = None


class ChatService:
    """Questions of the caller."""

    def __init__(self, sessions: Sessions, events: EventReader, relay: OutboxRelay) -> None:
        self._sessions = sessions
        self._events = events
        self._relay = relay

    async def ask(self, principal: Principal, question: Question) -> MessageAccepted:
        """Store a question and the run that answers it, in one transaction.

        Raises:
            InvalidInput: The question is blank, or its key was used for another one.
            Conflict: An answer is still being written in this conversation.
        """
        principal.require(ApiKeyScope.CHAT)
        body = question.body
        if not body.content.strip():
            raise InvalidInput("The question is empty.", code="empty_question")
        key = f"ask:{principal.user_id}:{question.key}" if question.key else None
        async with self._sessions.begin() as session:
            chat = ChatRepository(session, principal)
            conversation = await chat.get_session(question.session_id, lock=True)
            request_hash = hashlib.sha256(f"{conversation.id}\0{body.model_dump_json()}".encode()).hexdigest()
            if key is not None and (earlier := await chat.find_run_by_key(key)) is not None:
                return await self._repeat(session, chat, earlier, request_hash)
            if await chat.list_active_runs(conversation.id):
                message = "An answer is still being written in this conversation; wait for it or stop it."
                raise Conflict(message, code="answer_in_progress")
            run = await self._start(session, principal, conversation, body, (key, request_hash))
            asked, _ = await chat.add_exchange(conversation, body.content, run.id)
            if not conversation.title:
                conversation.title = _title(body.content)
            accepted = MessageAccepted(message=read_message(asked), run=await read_run(session, run))
        self._relay.kick()
        return accepted

    async def follow(self, principal: Principal, run_id: str, after: int) -> AsyncIterator[RunEvent]:
        """Events of an answer after a number; ownership is checked before the first.

        Raises:
            NotFound: The caller asked no such question.
        """
        await self._get_run(principal, run_id)
        return self._events.follow(run_id, after)

    async def wait(self, principal: Principal, run_id: str) -> MessageRead:
        """The finished answer.

        Raises:
            DeadlineExceeded: It takes too long; the run goes on all the same.
        """
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                async for _ in self._events.follow(run_id):
                    pass
        except TimeoutError:
            message = "The answer takes longer than this request may wait; follow its run."
            raise DeadlineExceeded(message, run_id=run_id) from None
        async with self._sessions() as session:
            answer = await ChatRepository(session, principal).find_answer(run_id)
        if answer is None:
            raise NotFound("The conversation was deleted.", code="session_not_found")
        return read_message(answer)

    async def stop(self, principal: Principal, run_id: str) -> None:
        """Ask an answer to stop; what was said so far is kept."""
        async with self._sessions.begin() as session:
            run = await self._owned(session, principal, run_id)
            await RunStore(session).request_cancel(run)
        self._relay.kick()

    async def _get_run(self, principal: Principal, run_id: str) -> Run:
        async with self._sessions() as session:
            return await self._owned(session, principal, run_id)

    @staticmethod
    async def _owned(session: AsyncSession, principal: Principal, run_id: str) -> Run:
        run = await RunStore(session).find(run_id)
        if run is None or run.user_id != principal.user_id or run.kind != ASK.name:
            raise NotFound("There is no such run.", code="run_not_found")
        return run

    @staticmethod
    async def _repeat(session: AsyncSession, chat: ChatRepository, run: Run, request_hash: str) -> MessageAccepted:
        if run.request_hash != request_hash:
            raise InvalidInput("This request id was used for another question.", code="idempotency_key_reused")
        return MessageAccepted(message=read_message(await chat.get_question(run.id)), run=await read_run(session, run))

    @staticmethod
    async def _start(
        session: AsyncSession,
        principal: Principal,
        conversation: ChatSession,
        body: MessageCreate,
        identity: tuple[str | None, str],
    ) -> Run:
        chosen = body.repository_ids if body.repository_ids is not None else (conversation.repository_ids or None)
        if chosen is not None:
            await RepositoryLookup(session, principal.organisation_id).list_indexed(chosen)
        new = NewRun(
            organisation_id=principal.organisation_id,
            user_id=principal.user_id,
            title=_title(body.content),
            input={
                "question": body.content,
                "repository_ids": chosen,
                "workflow": body.workflow,
                "model": body.model,
                "prompt": body.prompt,
            },
            session_id=conversation.id,
            idempotency_key=identity[0],
            request_hash=identity[1],
            request_id=current_request_id(),
        )
        return await RunStore(session).create(new, ASK)


def _title(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= _TITLE_CHARACTERS else line[: _TITLE_CHARACTERS - 1].rstrip() + "…"
