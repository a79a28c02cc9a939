"""Providers, usage, budgets and prompt templates."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from codemuse.contracts.common import Identifier
from codemuse.contracts.prompts import (
    PromptRender,
    PromptTemplateList,
    PromptTemplateRead,
    PromptTemplateWrite,
    RenderedPrompt,
    TemplateName,
)
from codemuse.contracts.providers import (
    ConnectionTest,
    ConnectionTestResult,
    ModelName,
    ProvidersRead,
    ProvidersWrite,
)
from codemuse.contracts.usage import BudgetList, BudgetWrite, CachePurged, UsageQuery, UsageRead, UsageSubjects
from orchestrator.core.access import Caller
from orchestrator.features.language_models.dependencies import Service

router = APIRouter(prefix="/api/v1", tags=["language models"])
Asked = Annotated[UsageQuery, Query()]


@router.get("/providers")
async def read_providers(caller: Caller, service: Service, session_id: Identifier | None = None) -> ProvidersRead:
    """The models that you may ask for, and who plays which role, in a chat session if one is given."""
    return await service.read_providers(caller, session_id)


@router.put("/providers")
async def write_providers(body: ProvidersWrite, caller: Caller, service: Service) -> ProvidersRead:
    """Declare models and set roles; members may set the roles of their own chat sessions."""
    return await service.write_providers(caller, body)


@router.post("/providers/test")
async def test_provider(body: ConnectionTest, caller: Caller, service: Service) -> ConnectionTestResult:
    """Ask a model for a few words and tell what its provider really said."""
    return await service.test_provider(caller, body)


@router.delete("/providers/{model_name:path}", status_code=204)
async def delete_provider(model_name: Annotated[ModelName, Path()], caller: Caller, service: Service) -> None:
    """Take a model back that an administrator declared."""
    await service.delete_provider(caller, model_name)


@router.get("/usage")
async def read_usage(query: Asked, caller: Caller, service: Service) -> UsageRead:
    """Tokens, cost and times by group over time; who is no administrator sees their own."""
    return await service.read_usage(caller, query)


@router.get("/usage/subjects")
async def list_usage_subjects(caller: Caller, service: Service) -> UsageSubjects:
    """The people and API keys that usage names by their ids, also those that are gone; members see their own."""
    return await service.list_usage_subjects(caller)


@router.get("/usage/export")
async def export_usage(query: Asked, caller: Caller, service: Service) -> Response:
    """Every model call as CSV."""
    headers = {"Content-Disposition": 'attachment; filename="usage.csv"'}
    return Response(await service.export_usage(caller, query), media_type="text/csv", headers=headers)


@router.get("/budgets")
async def list_budgets(caller: Caller, service: Service) -> BudgetList:
    """Budgets and what is spent of them."""
    return await service.list_budgets(caller)


@router.put("/budgets")
async def write_budget(body: BudgetWrite, caller: Caller, service: Service) -> BudgetList:
    """Set or take away what the organisation, a user or a key may spend and how fast they may ask."""
    return await service.write_budget(caller, body)


@router.delete("/answer-cache")
async def purge_answer_cache(caller: Caller, service: Service) -> CachePurged:
    """Forget every kept answer of your organisation."""
    return await service.purge_cache(caller)


@router.get("/prompt-templates")
async def list_prompt_templates(
    caller: Caller, service: Service, name: TemplateName | None = None
) -> PromptTemplateList:
    """All versions of the prompt templates, or those of one."""
    return await service.list_prompts(caller, name)


@router.post("/prompt-templates", status_code=201)
async def create_prompt_template(body: PromptTemplateWrite, caller: Caller, service: Service) -> PromptTemplateRead:
    """Store the next version of a prompt template."""
    return await service.create_prompt(caller, body)


@router.post("/prompt-templates/{prompt_name}/render")
async def render_prompt_template(
    prompt_name: TemplateName, body: PromptRender, caller: Caller, service: Service
) -> RenderedPrompt:
    """Fill a prompt template in."""
    return await service.render_prompt(caller, prompt_name, body)
