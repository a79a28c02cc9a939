"""Where goes what neither Redis nor Postgres will take, so that nothing behind it waits."""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from codemuse.logging import get_logger
from llm_server.core.metrics import SET_ASIDE
from llm_server.db.models import SetAsideRow

_log = get_logger(__name__)
_LONGEST_REASON = 500


class SetAside:
    """Keeps it for a person to look at: logged, counted, and stored byte by byte."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def keep(self, kind: str, content: bytes, reason: object) -> None:
        """Keep something.

        Args:
            kind: ``operation`` of the limiter, usage ``row``, or ``lost`` call.
            content: As it was.
            reason: Why it was not taken.
        """
        said = f"{type(reason).__name__}: {reason}" if isinstance(reason, Exception) else str(reason)
        said = said.replace("\0", "")[:_LONGEST_REASON]
        SET_ASIDE.labels(kind).inc()
        _log.error("a part of the accounts is set aside", kind=kind, size=len(content), reason=said)
        async with self._engine.begin() as connection:
            await connection.execute(insert(SetAsideRow).values(kind=kind, content=content, reason=said))
