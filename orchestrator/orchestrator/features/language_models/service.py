"""Hands requests on to llm-server, with who is calling."""

from codemuse.clients.llm_administration import LlmAdministrationClient
from codemuse.contracts.prompts import (
    VARIABLE,
    PromptRender,
    PromptTemplateList,
    PromptTemplateRead,
    PromptTemplateWrite,
    RenderedPrompt,
)
from codemuse.contracts.providers import (
    ConnectionTest,
    ConnectionTestResult,
    ProvidersRead,
    ProvidersWrite,
    caller_headers,
)
from codemuse.contracts.usage import (
    BudgetList,
    BudgetWrite,
    CachePurged,
    UsageQuery,
    UsageRead,
    UsageSubject,
    UsageSubjects,
)
from codemuse.database import Sessions
from orchestrator.core.built_in_prompts import BUILT_IN_PROMPTS, BUILT_IN_VERSION
from orchestrator.core.principal import Principal
from orchestrator.features.language_models.repository import SubjectRepository


class LanguageModelService:
    """What an organisation does with its language models; llm-server decides what members may see."""

    def __init__(self, llm: LlmAdministrationClient, sessions: Sessions) -> None:
        self._llm = llm
        self._sessions = sessions

    async def read_providers(self, principal: Principal, session_id: str | None) -> ProvidersRead:
        """Models and roles, in a chat session if one is given."""
        return await self._llm.read_providers(caller=_caller(principal, session_id))

    async def write_providers(self, principal: Principal, body: ProvidersWrite) -> ProvidersRead:
        """Declare models and set roles.

        Raises:
            Forbidden: Only administrators change what everybody uses.
        """
        if body.session_id is None or body.models:
            principal.require_admin()
        principal.require_person()
        return await self._llm.write_providers(body, caller=_caller(principal, body.session_id))

    async def delete_provider(self, principal: Principal, name: str) -> None:
        """Take a model back."""
        principal.require_admin()
        await self._llm.delete_provider(name, caller=_caller(principal))

    async def test_provider(self, principal: Principal, body: ConnectionTest) -> ConnectionTestResult:
        """Ask a model for a few words and tell what its provider said."""
        principal.require_admin()
        return await self._llm.test_provider(body, caller=_caller(principal))

    async def read_usage(self, principal: Principal, query: UsageQuery) -> UsageRead:
        """What was used; who is no administrator sees their own."""
        return await self._llm.read_usage(query, caller=_caller(principal))

    async def export_usage(self, principal: Principal, query: UsageQuery) -> bytes:
        """The same, row by row, as CSV."""
        return await self._llm.export_usage(query, caller=_caller(principal))

    async def list_usage_subjects(self, principal: Principal) -> UsageSubjects:
        """The people and keys that usage names by their ids."""
        async with self._sessions() as session:
            repository = SubjectRepository(session, principal)
            users, keys = await repository.list_users(), await repository.list_keys()
        return UsageSubjects(
            users=[
                UsageSubject(id=user.id, name=user.name, detail=user.email, is_gone=user.disabled_at is not None)
                for user in users
            ],
            keys=[
                UsageSubject(id=key.id, name=key.name, detail=key.prefix, is_gone=key.revoked_at is not None)
                for key in keys
            ],
        )

    async def list_budgets(self, principal: Principal) -> BudgetList:
        """Budgets and what is spent of them."""
        principal.require_admin()
        return await self._llm.list_budgets(caller=_caller(principal))

    async def write_budget(self, principal: Principal, body: BudgetWrite) -> BudgetList:
        """Set or take away a budget."""
        principal.require_admin()
        return await self._llm.write_budget(body, caller=_caller(principal))

    async def purge_cache(self, principal: Principal) -> CachePurged:
        """Forget kept answers."""
        principal.require_admin()
        return await self._llm.purge_cache(caller=_caller(principal))

    async def list_prompts(self, principal: Principal, name: str | None) -> PromptTemplateList:
        """Prompt templates, the built-in ones last."""
        own = await self._llm.list_prompts(name, caller=_caller(principal))
        built_in = [_read_built_in(known) for known in BUILT_IN_PROMPTS if name in {None, known}]
        return PromptTemplateList(items=[*own.items, *built_in])

    async def create_prompt(self, principal: Principal, body: PromptTemplateWrite) -> PromptTemplateRead:
        """Store the next version of a template."""
        principal.require_admin()
        return await self._llm.create_prompt(body, caller=_caller(principal))

    async def render_prompt(self, principal: Principal, name: str, body: PromptRender) -> RenderedPrompt:
        """Fill a template in."""
        return await self._llm.render_prompt(name, body, caller=_caller(principal))


def _read_built_in(name: str) -> PromptTemplateRead:
    prompt = BUILT_IN_PROMPTS[name]
    return PromptTemplateRead(
        id=f"built-in-{name}",
        name=name,
        version=BUILT_IN_VERSION,
        description=prompt.description,
        system=prompt.system,
        user=prompt.user,
        variables=sorted({*VARIABLE.findall(prompt.system), *VARIABLE.findall(prompt.user)}),
        share=0.0,
        created_by="",
        created_at=None,
    )


def _caller(principal: Principal, session_id: str | None = None) -> dict[str, str]:
    return caller_headers(
        organisation=principal.organisation_id,
        user=principal.user_id,
        role="admin" if principal.is_admin else "member",
        key=principal.api_key_id,
        session=session_id,
    )
