"""Budgets."""

from fastapi import APIRouter

from codemuse.contracts.usage import BudgetList, BudgetWrite
from llm_server.core.access import Administrator
from llm_server.features.budgets.dependencies import Service

router = APIRouter(prefix="/api/v1/budgets", tags=["budgets"])


@router.get("")
async def list_budgets(caller: Administrator, service: Service) -> BudgetList:
    """Every budget, and what was spent of it."""
    return await service.list_all(caller)


@router.put("")
async def write_budget(body: BudgetWrite, caller: Administrator, service: Service) -> BudgetList:
    """Set or take away a budget."""
    return await service.write(body, caller)
