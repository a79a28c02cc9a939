"""Setting budgets, and seeing what is left of them."""

from datetime import UTC, datetime

from codemuse.contracts.usage import BudgetList, BudgetRead, BudgetWrite, Limits, Spent
from codemuse.database import Sessions
from codemuse.errors import InvalidInput
from llm_server.core.accounts.book import Scope, make_scope
from llm_server.core.accounts.ledger import Ledger
from llm_server.core.calls import Caller
from llm_server.core.registry.refresher import Refresher
from llm_server.db.declarations import DeclarationRepository
from llm_server.db.models import Budget
from llm_server.db.usage import sum_spent
from llm_server.features.budgets.repository import BudgetRepository

_MILLION = 1_000_000


class BudgetService:
    """Budgets of the caller's organisation.

    Args:
        sessions: Where they are stored.
        refresher: Makes changes take effect here at once; elsewhere they do within a second.
        ledger: Brings what was spent up to date before it is summed.
    """

    def __init__(self, sessions: Sessions, refresher: Refresher, ledger: Ledger) -> None:
        self._sessions = sessions
        self._refresher = refresher
        self._ledger = ledger

    async def list_all(self, caller: Caller) -> BudgetList:
        """Every budget, and what was spent of those that name somebody."""
        await self._ledger.bring_up_to_date()
        now = datetime.now(UTC)
        async with self._sessions() as session:
            budgets = await BudgetRepository(session, caller.organisation).list_all()
            items = []
            for budget in budgets:
                scope = _scope(budget)
                named = bool(scope.subject) or scope.kind == "organisation"
                spent = [
                    _spent(cap.unit, cap.period, cap.limit, await sum_spent(session, scope, cap, now), scope.limits)
                    for cap in (scope.caps if named else ())
                ]
                items.append(BudgetRead(scope=budget.scope, subject_id=scope.subject, limits=scope.limits, spent=spent))
        return BudgetList(items=items)

    async def write(self, body: BudgetWrite, caller: Caller) -> BudgetList:
        """Set or take away a budget.

        Raises:
            InvalidInput: The organisation's budget names somebody.
        """
        if body.scope == "organisation" and body.subject_id:
            raise InvalidInput("The budget of the organisation names nobody; leave 'subject_id' empty.")
        async with self._sessions.begin() as session:
            repository = BudgetRepository(session, caller.organisation)
            if body.limits is None:
                await repository.delete(body.scope, body.subject_id)
            else:
                await repository.save(body.scope, body.subject_id, body.limits.model_dump(mode="json"))
            await DeclarationRepository(session).bump_revision()
        await self._refresher.load()
        return await self.list_all(caller)


def _scope(budget: Budget) -> Scope:
    limits = Limits.model_validate(budget.limits)
    return make_scope(budget.organisation_id, budget.scope, budget.subject_id, limits)


def _spent(unit: str, period: str, limit: int, spent: int, limits: Limits) -> Spent:
    divisor = _MILLION if unit == "cost" else 1
    return Spent.model_validate(
        {
            "unit": unit,
            "period": period,
            "spent": spent / divisor,
            "limit": limit / divisor,
            "is_alert": spent >= limit * limits.alert_share,
        }
    )
