"""Prompt templates."""

from fastapi import APIRouter

from codemuse.contracts.prompts import (
    PromptRender,
    PromptTemplateList,
    PromptTemplateRead,
    PromptTemplateWrite,
    RenderedPrompt,
    TemplateName,
)
from llm_server.core.access import Administrator, Calling
from llm_server.features.prompts.dependencies import Service

router = APIRouter(prefix="/api/v1/prompt-templates", tags=["prompts"])


@router.get("")
async def list_prompt_templates(
    caller: Calling, service: Service, name: TemplateName | None = None
) -> PromptTemplateList:
    """All versions, or those of one template."""
    return await service.list_all(caller, name)


@router.post("", status_code=201)
async def create_prompt_template(
    body: PromptTemplateWrite, caller: Administrator, service: Service
) -> PromptTemplateRead:
    """Store the next version of a template."""
    return await service.create(body, caller)


@router.post("/{name}/render")
async def render_prompt_template(
    name: TemplateName, body: PromptRender, caller: Calling, service: Service
) -> RenderedPrompt:
    """Fill a template in."""
    return await service.render(name, body, caller)
