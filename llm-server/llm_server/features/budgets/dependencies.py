"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from llm_server.core.access import Opened
from llm_server.features.budgets.service import BudgetService


async def get_service(resources: Opened) -> BudgetService:
    """The service of this request."""
    return BudgetService(resources.sessions, resources.refresher, resources.ledger)


Service = Annotated[BudgetService, Depends(get_service)]
