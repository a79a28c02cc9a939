"""Summaries that a language model wrote, kept by the hash of what they were written from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Index, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from docgen_server.core.summaries.checking import Sentence
from docgen_server.db.models import Base

_KEPT = timedelta(days=90)
_BUDGET_SPAN = timedelta(days=1)


class Summary(Base):
    """What is left of one answer after its checks; nothing may be left."""

    __tablename__ = "summaries"

    key: Mapped[str] = mapped_column(primary_key=True)
    repository_id: Mapped[str]
    model: Mapped[str]
    sentences: Mapped[bytes]
    """JSON."""
    token_count: Mapped[int]
    written_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("summaries_repository", "repository_id", "written_at"),)


@dataclass(frozen=True, slots=True)
class Written:
    """A summary, and who wrote it."""

    model: str
    sentences: tuple[Sentence, ...]
    token_count: int = 0


class SummaryStore:
    """Reads and writes summaries of one repository within one session."""

    def __init__(self, session: AsyncSession, repository_id: str) -> None:
        self._session = session
        self._repository_id = repository_id

    async def find(self, keys: Sequence[str]) -> dict[str, Written]:
        """Those of the summaries that are kept, and note that they are in use."""
        query = update(Summary).where(Summary.key.in_(keys)).values(used_at=func.now())
        rows = await self._session.execute(query.returning(Summary.key, Summary.model, Summary.sentences))
        return {key: Written(model, _decode(sentences)) for key, model, sentences in rows}

    async def spent_tokens(self) -> int:
        """What summaries have taken in the last 24 hours."""
        query = select(func.coalesce(func.sum(Summary.token_count), 0)).where(
            Summary.repository_id == self._repository_id, Summary.written_at > func.now() - _BUDGET_SPAN
        )
        return int((await self._session.execute(query)).scalar_one())

    async def keep(self, key: str, written: Written) -> None:
        """Store a summary, and forget those that no page has asked for in a long time."""
        row = {
            "key": key,
            "repository_id": self._repository_id,
            "model": written.model,
            "sentences": orjson.dumps(list(written.sentences)),
            "token_count": written.token_count,
        }
        await self._session.execute(insert(Summary).values(row).on_conflict_do_nothing())
        await self._session.execute(
            delete(Summary).where(Summary.repository_id == self._repository_id, Summary.used_at < func.now() - _KEPT)
        )


def _decode(stored: bytes) -> tuple[Sentence, ...]:
    return tuple(Sentence(one["text"], tuple(one["places"])) for one in orjson.loads(stored))
