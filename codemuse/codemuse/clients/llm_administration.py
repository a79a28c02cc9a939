"""Client of the parts of llm-server that administrators use."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from codemuse.contracts.common import Reply
from codemuse.contracts.gateway import CircuitBreakerList
from codemuse.contracts.prompt_log import (
    LoggedCallList,
    PromptLogCleared,
    PromptLogPolicyRead,
    PromptLogPolicyWrite,
)
from codemuse.contracts.prompts import (
    PromptRender,
    PromptTemplateList,
    PromptTemplateRead,
    PromptTemplateWrite,
    RenderedPrompt,
)
from codemuse.contracts.providers import ConnectionTest, ConnectionTestResult, ProvidersRead, ProvidersWrite
from codemuse.contracts.usage import BudgetList, BudgetWrite, CachePurged, UsageQuery, UsageRead
from codemuse.http import ServiceClient

Headers = Mapping[str, str]
_TEST_SECONDS = 45.0
_PROMPT_LOG = "/api/v1/prompt-log"


class LlmAdministrationClient:
    """Models, roles, usage, budgets, prompts and breakers; ``caller`` as for ``LlmClient``."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def read_providers(self, *, caller: Headers) -> ProvidersRead:
        """Models and roles."""
        return await self._service.call("GET", "/api/v1/providers", ProvidersRead, headers=caller)

    async def write_providers(self, body: ProvidersWrite, *, caller: Headers) -> ProvidersRead:
        """Declare models and set roles."""
        content = body.model_dump_json(exclude_unset=True, context={"reveal": True}).encode()
        return await self._service.call(
            "PUT",
            "/api/v1/providers",
            ProvidersRead,
            content=content,
            headers={**caller, "Content-Type": "application/json"},
        )

    async def delete_provider(self, name: str, *, caller: Headers) -> None:
        """Take a model back."""
        await self._service.call("DELETE", f"/api/v1/providers/{quote(name, safe='')}", Reply, headers=caller)

    async def test_provider(self, body: ConnectionTest, *, caller: Headers) -> ConnectionTestResult:
        """Ask a model for a few words."""
        content = body.model_dump_json(exclude_unset=True, context={"reveal": True}).encode()
        return await self._service.call(
            "POST",
            "/api/v1/providers/test",
            ConnectionTestResult,
            content=content,
            headers={**caller, "Content-Type": "application/json"},
            idempotent=False,
            timeout_seconds=_TEST_SECONDS,
        )

    async def list_breakers(self, *, caller: Headers) -> CircuitBreakerList:
        """The breakers of the models."""
        return await self._service.call("GET", "/api/v1/circuit-breakers", CircuitBreakerList, headers=caller)

    async def read_usage(self, query: UsageQuery, *, caller: Headers) -> UsageRead:
        """What was used."""
        return await self._service.call("GET", "/api/v1/usage", UsageRead, params=_query(query), headers=caller)

    async def export_usage(self, query: UsageQuery, *, caller: Headers) -> bytes:
        """Every row of what was used, as CSV."""
        path = "/api/v1/usage/export"
        async with self._service.stream("GET", path, params=_query(query), headers=caller) as response:
            return await response.aread()

    async def list_budgets(self, *, caller: Headers) -> BudgetList:
        """Budgets."""
        return await self._service.call("GET", "/api/v1/budgets", BudgetList, headers=caller)

    async def write_budget(self, body: BudgetWrite, *, caller: Headers) -> BudgetList:
        """Set or take away a budget."""
        content = body.model_dump_json().encode()  # a limit of null is what takes a budget away
        headers = {**caller, "Content-Type": "application/json"}
        return await self._service.call("PUT", "/api/v1/budgets", BudgetList, content=content, headers=headers)

    async def purge_cache(self, *, caller: Headers) -> CachePurged:
        """Forget kept answers."""
        return await self._service.call("DELETE", "/api/v1/cache", CachePurged, headers=caller)

    async def read_prompt_log_policy(self, *, caller: Headers) -> PromptLogPolicyRead:
        """Whether prompts and answers are written down."""
        return await self._service.call("GET", f"{_PROMPT_LOG}/policy", PromptLogPolicyRead, headers=caller)

    async def write_prompt_log_policy(self, body: PromptLogPolicyWrite, *, caller: Headers) -> PromptLogPolicyRead:
        """Have them written down, or no longer."""
        return await self._service.call("PUT", f"{_PROMPT_LOG}/policy", PromptLogPolicyRead, body=body, headers=caller)

    async def list_logged_calls(
        self, before: datetime | None, limit: int, run_id: str | None, *, caller: Headers
    ) -> LoggedCallList:
        """What was asked and answered."""
        params = {"before": before.isoformat() if before else None, "limit": str(limit), "run_id": run_id}
        return await self._service.call("GET", _PROMPT_LOG, LoggedCallList, params=params, headers=caller)

    async def clear_prompt_log(self, *, caller: Headers) -> PromptLogCleared:
        """Delete all of it."""
        return await self._service.call("DELETE", _PROMPT_LOG, PromptLogCleared, headers=caller)

    async def list_prompts(self, name: str | None, *, caller: Headers) -> PromptTemplateList:
        """Prompt templates."""
        params = {"name": name}
        return await self._service.call(
            "GET", "/api/v1/prompt-templates", PromptTemplateList, params=params, headers=caller
        )

    async def create_prompt(self, body: PromptTemplateWrite, *, caller: Headers) -> PromptTemplateRead:
        """Store the next version of a template."""
        return await self._service.call(
            "POST", "/api/v1/prompt-templates", PromptTemplateRead, body=body, headers=caller, idempotent=False
        )

    async def render_prompt(self, name: str, body: PromptRender, *, caller: Headers) -> RenderedPrompt:
        """Fill a template in."""
        path = f"/api/v1/prompt-templates/{name}/render"
        return await self._service.call("POST", path, RenderedPrompt, body=body, headers=caller)


def _query(query: UsageQuery) -> dict[str, str]:
    given = query.model_dump(mode="json", exclude_none=True)
    return {**given, "group_by": ",".join(query.group_by)}
