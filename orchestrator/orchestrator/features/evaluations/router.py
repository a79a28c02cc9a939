"""Routes below ``/evaluations``."""

from typing import Annotated

from fastapi import APIRouter, Query

from codemuse.contracts.evaluations import (
    EvaluationAccepted,
    EvaluationComparison,
    EvaluationCreate,
    EvaluationPage,
    EvaluationRead,
)
from orchestrator.core.access import Caller
from orchestrator.features.evaluations.dependencies import Limit, Service

router = APIRouter(prefix="/api/v1/evaluations", tags=["evaluations"])

Text = Annotated[str | None, Query(max_length=500)]


@router.post("", status_code=202)
async def create_evaluation(body: EvaluationCreate, caller: Caller, service: Service) -> EvaluationAccepted:
    """Ask an annotation set, or questions made from the repository itself, and score what search finds."""
    return await service.create(caller, body)


@router.get("")
async def list_evaluations(
    caller: Caller, service: Service, repository_id: Text = None, cursor: Text = None, limit: Limit = 50
) -> EvaluationPage:
    """The history, the newest first."""
    return await service.list_page(caller, repository_id, cursor, limit)


@router.get("/{evaluation_id}")
async def get_evaluation(evaluation_id: str, caller: Caller, service: Service) -> EvaluationRead:
    """One evaluation with its questions, the worst answered first."""
    return await service.get(caller, evaluation_id)


@router.get("/{evaluation_id}/compare")
async def compare_evaluations(
    evaluation_id: str, before: Annotated[str, Query(max_length=64)], caller: Caller, service: Service
) -> EvaluationComparison:
    """What became better and worse since another evaluation."""
    return await service.compare(caller, evaluation_id, before)
