"""Sums over usage rows."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from llm_server.core.accounts.book import Cap, Scope, period_start
from llm_server.db.models import UsageRow


async def sum_spent(session: AsyncSession, scope: Scope, cap: Cap, now: datetime) -> int:
    """What a scope has spent in the present period of a cap, in the cap's unit."""
    amount = UsageRow.cost if cap.unit == "cost" else UsageRow.prompt_tokens + UsageRow.completion_tokens
    query = select(func.coalesce(func.sum(amount), 0)).where(
        UsageRow.organisation_id == scope.organisation, UsageRow.at >= period_start(cap.period, now)
    )
    if scope.kind == "user":
        query = query.where(UsageRow.user_id == scope.subject)
    elif scope.kind == "key":
        query = query.where(UsageRow.key_id == scope.subject)
    return int(await session.scalar(query) or 0)
