"""Queries on sessions and messages."""

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.chat import MessageStatus
from codemuse.errors import NotFound
from orchestrator.core.pages import Key
from orchestrator.core.principal import Principal
from orchestrator.db.models import ChatSession, Message, Run

_NOW = func.clock_timestamp()


class ChatRepository:
    """Conversations of one person, within one transaction."""

    def __init__(self, session: AsyncSession, principal: Principal) -> None:
        self._session = session
        self._principal = principal

    async def add_session(self, title: str, repository_ids: Sequence[str]) -> ChatSession:
        """Begin a conversation."""
        row = ChatSession(
            organisation_id=self._principal.organisation_id,
            user_id=self._principal.user_id,
            title=title,
            repository_ids=list(repository_ids),
        )
        self._session.add(row)
        await self._session.flush()
        await self._session.refresh(row)
        return row

    async def get_session(self, session_id: str, *, lock: bool = False) -> ChatSession:
        """A conversation.

        Raises:
            NotFound: The person has no such conversation.
        """
        query = select(ChatSession).where(ChatSession.id == session_id, ChatSession.user_id == self._principal.user_id)
        row = await self._session.scalar(query.with_for_update() if lock else query)
        if row is None:
            raise NotFound("There is no such conversation.", code="session_not_found")
        return row

    async def list_sessions(self, after: Key | None, limit: int) -> Sequence[ChatSession]:
        """The most recently used first; one row more than the limit when there is another page."""
        query = select(ChatSession).where(ChatSession.user_id == self._principal.user_id)
        if after is not None:
            moment, row_id = after
            query = query.where(
                or_(
                    ChatSession.updated_at < moment,
                    and_(ChatSession.updated_at == moment, ChatSession.id < row_id),
                )
            )
        query = query.order_by(ChatSession.updated_at.desc(), ChatSession.id.desc()).limit(limit + 1)
        return (await self._session.scalars(query)).all()

    async def delete_session(self, row: ChatSession) -> None:
        """Remove a conversation with all its messages."""
        await self._session.delete(row)

    async def list_messages(self, session_id: str, after: int, limit: int) -> Sequence[Message]:
        """Messages after a position, oldest first; one more than the limit when there is another page."""
        query = select(Message).where(Message.session_id == session_id, Message.position > after)
        return (await self._session.scalars(query.order_by(Message.position).limit(limit + 1))).all()

    async def find_answer(self, run_id: str) -> Message | None:
        """The answer that a run writes."""
        found: Message | None = await self._session.scalar(
            select(Message)
            .where(Message.run_id == run_id, Message.role == "assistant")
            .execution_options(populate_existing=True)
        )
        return found

    async def get_question(self, run_id: str) -> Message:
        """The question that began a run."""
        query = select(Message).where(Message.run_id == run_id, Message.role == "user")
        return (await self._session.scalars(query)).one()

    async def find_run_by_key(self, key: str) -> Run | None:
        """The run that was asked for under this key."""
        found: Run | None = await self._session.scalar(
            select(Run).where(Run.organisation_id == self._principal.organisation_id, Run.idempotency_key == key)
        )
        return found

    async def list_active_runs(self, session_id: str) -> Sequence[Run]:
        """Answers in the making."""
        return (
            await self._session.scalars(select(Run).where(Run.session_id == session_id, Run.finished_at.is_(None)))
        ).all()

    async def add_exchange(self, session: ChatSession, question: str, run_id: str) -> tuple[Message, Message]:
        """Append a question and the place where its answer will stand."""
        last = await self._session.scalar(select(func.max(Message.position)).where(Message.session_id == session.id))
        first = (last or 0) + 1
        asked = Message(
            session_id=session.id,
            position=first,
            role="user",
            status=MessageStatus.COMPLETE,
            content=question,
            run_id=run_id,
        )
        answer = Message(
            session_id=session.id,
            position=first + 1,
            role="assistant",
            status=MessageStatus.STREAMING,
            content="",
            run_id=run_id,
        )
        self._session.add_all([asked, answer])
        session.updated_at = _NOW
        await self._session.flush()
        await self._session.refresh(asked)
        await self._session.refresh(answer)
        return asked, answer
