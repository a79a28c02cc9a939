"""Declaring models and giving them roles, without a restart."""

import asyncio
import time
from collections.abc import Iterable

from codemuse.contracts.providers import (
    ROLES,
    ConnectionTest,
    ConnectionTestResult,
    ModelLimits,
    ModelSummary,
    ModelWrite,
    PriceFields,
    ProvidersRead,
    ProvidersWrite,
)
from codemuse.database import Sessions
from codemuse.errors import Forbidden, InvalidInput, NotFound
from llm_server.core.calls import Call, Caller, message_text
from llm_server.core.errors import ModelError
from llm_server.core.model import Kind, Model
from llm_server.core.registry.catalogue import Declared, model_from
from llm_server.core.registry.keys import KeyVault
from llm_server.core.registry.refresher import Refresher, key_place
from llm_server.core.registry.registry import Registry
from llm_server.db.declarations import DeclarationRepository
from llm_server.features.providers.repository import ProviderRepository

_MILLION = 1_000_000
_TEST_SECONDS = 20.0
_TEST_TOKENS = 16


class ProviderService:
    """Models and roles of the caller's organisation.

    Args:
        sessions: Where they are stored.
        vault: Encrypts keys.
        refresher: Makes changes take effect here at once; elsewhere they do within a second.
        registry: What is in effect.
    """

    def __init__(self, sessions: Sessions, vault: KeyVault, refresher: Refresher, registry: Registry) -> None:
        self._sessions = sessions
        self._vault = vault
        self._refresher = refresher
        self._registry = registry

    async def read(self, caller: Caller) -> ProvidersRead:
        """The models that the caller may ask for, and who plays which role for them."""
        catalogue = self._registry.catalogue
        known = catalogue.models_of(caller.organisation)
        breakers = await asyncio.gather(*(self._registry.breaker(one.model).read() for one in known.values()))
        models = [
            _summary(one, admin=caller.is_admin).model_copy(update={"is_answering": breaker.retry_after_seconds == 0})
            for one, breaker in zip(known.values(), breakers, strict=True)
        ]
        chosen = {role: chain for role in ROLES if (chain := catalogue.session_chain(role, caller))}
        roles = {role: catalogue.chain(role, caller) for role in ROLES}
        return ProvidersRead(models=models, roles=roles, session_roles=chosen)

    async def write(self, body: ProvidersWrite, caller: Caller) -> ProvidersRead:
        """Declare models and set roles; all of it or nothing.

        Raises:
            Forbidden: Only administrators change what everybody uses.
            InvalidInput: A role is given to a model that there is not.
        """
        if not caller.is_admin and (body.models or body.session_id is None):
            raise Forbidden("Only an administrator can do this.", code="admin_required")
        if body.session_id is not None and (body.models or not caller.user):
            raise InvalidInput("Models are declared for the organisation, not for a session.", param="session_id")
        self._check_chains(body, caller)
        async with self._sessions.begin() as session:
            repository = ProviderRepository(session, caller.organisation)
            for model in body.models:
                await self._save(repository, model, caller.organisation)
            owner = {"user_id": caller.user if body.session_id else "", "session_id": body.session_id or ""}
            changed = [await repository.set_chain(role, list(chain), **owner) for role, chain in body.roles.items()]
            if has_changed := bool(body.models) or any(changed):
                await DeclarationRepository(session).bump_revision()
        if has_changed:
            await self._refresher.load()
        return await self.read(caller)

    async def delete(self, name: str, caller: Caller) -> None:
        """Take a model back.

        Raises:
            NotFound: There is none of that name that an administrator declared.
        """
        async with self._sessions.begin() as session:
            if not await ProviderRepository(session, caller.organisation).delete(name):
                raise NotFound("There is no such model among those that administrators declared.")
            await DeclarationRepository(session).bump_revision()
        await self._refresher.load()

    async def test(self, body: ConnectionTest, caller: Caller) -> ConnectionTestResult:
        """Ask a model for a few words, past breakers and budgets, and tell what the provider really said.

        Raises:
            InvalidInput: Neither or both of name and model are given.
            NotFound: There is no model of that name.
        """
        model = self._model_to_test(body, caller)
        provider = self._registry.make_provider(model)
        question = {"role": "user", "content": "Say: ready"}
        call = Call(
            {"model": model.name, "messages": [question], "max_tokens": _TEST_TOKENS},
            caller,
            deadline=time.monotonic() + _TEST_SECONDS,
        )
        started = time.perf_counter()
        try:
            if "embeddings" in model.capabilities:
                await provider.embed(call.with_body(input="ready", messages=None, max_tokens=None))
                said = ""
            else:
                reply = await provider.complete(call)
                said = message_text(reply.fields["choices"][0].get("message") or {})
        except ModelError as error:
            return ConnectionTestResult(
                ok=False, error=error.message, code=error.public_code, latency_ms=_milliseconds(started)
            )
        latency = _milliseconds(started)
        try:
            served = list(await provider.models(call))
        except ModelError:
            served = []  # not every server lists its models; the answer is what counts
        return ConnectionTestResult(ok=True, latency_ms=latency, served_models=served, reply=said)

    def _model_to_test(self, body: ConnectionTest, caller: Caller) -> Model:
        known = self._registry.catalogue.models_of(caller.organisation)
        if body.model is not None and body.name is None:
            model = model_from(body.model)
            stored = known.get(model.name)
            same_place = stored is not None and stored.model.base_url == model.base_url
            if model.api_key is None and stored is not None and same_place:
                return model_from(body.model.model_copy(update={"api_key": stored.model.api_key}))
            return model
        if body.name is None or body.model is not None:
            raise InvalidInput("Give the name of a declared model, or a model to be declared.")
        if body.name not in known:
            raise NotFound(f"There is no model '{body.name}'.", code="model_not_found")
        return known[body.name].model

    def _check_chains(self, body: ProvidersWrite, caller: Caller) -> None:
        known = {*self._registry.catalogue.models_of(caller.organisation), *(model.name for model in body.models)}
        for role, chain in body.roles.items():
            for name in chain:
                if name not in known:
                    raise InvalidInput(f"roles.{role}: there is no model '{name}'.", code="model_not_found")

    async def _save(self, repository: ProviderRepository, model: ModelWrite, organisation: str) -> None:
        stored = await repository.find(model.name)
        moved = stored is not None and stored.declaration.get("base_url") != str(model.base_url)
        if moved and stored is not None and stored.encrypted_key is not None and model.api_key is None:
            # Or whoever may declare models could have a key sent to a server of their own.
            raise InvalidInput(f"models: enter the key of '{model.name}' again, its address has changed.")
        key = model.api_key
        encrypted = self._vault.encrypt(key, place=key_place(organisation, model.name)) if key is not None else None
        await repository.save(model.name, model.model_dump(mode="json", exclude={"api_key"}), encrypted)


def _summary(one: Declared, *, admin: bool) -> ModelSummary:
    model = one.model
    price = model.price
    return ModelSummary(
        name=model.name,
        kind=model.kind.value,
        base_url=model.base_url if admin else "",
        upstream_name=model.upstream_name if admin else "",
        title=model.title,
        context_tokens=model.context_tokens,
        max_output_tokens=model.max_output_tokens,
        price=PriceFields(
            prompt=price.prompt / _MILLION,
            completion=price.completion / _MILLION,
            cached=None if price.cached is None else price.cached / _MILLION,
        ),
        limits=ModelLimits(
            requests_per_minute=model.rates.requests,
            tokens_per_minute=model.rates.tokens,
            parallel_requests=model.rates.parallel,
        ),
        capabilities=_sorted(model.capabilities),
        first_token_seconds=model.patience.first_token,
        stall_seconds=model.patience.stall,
        api_version=model.api_version,
        has_key=model.api_key is not None,
        declared_in=_origin(one),
        updated_at=one.updated_at,
    )


def _origin(one: Declared) -> str:
    if one.model.kind is Kind.EXTRACTIVE:
        return "built_in"
    return "registry" if one.organisation else "settings"


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(names)


def _milliseconds(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
