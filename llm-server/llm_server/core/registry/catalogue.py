"""What is declared at one moment: models by organisation, and chains by role. Never changed, only replaced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from codemuse.contracts.providers import ROLES, ModelWrite
from llm_server.core.calls import Caller
from llm_server.core.model import EVERYTHING, Kind, Model, Patience, Price, Rates
from llm_server.core.providers.extractive import EXTRACTIVE
from llm_server.core.settings import Settings

DEFAULT = "default"
"""Another name of the role ``chat``."""
EVERYBODY = ""
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Declared:
    """A model, and where it was declared."""

    model: Model
    organisation: str = EVERYBODY
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Models and roles.

    Attributes:
        from_settings: In order of preference; every organisation has them.
        registered: Declared by administrators, for their organisation.
        roles: Chains by organisation, user, session and role; user and session are empty for the organisation's own.
    """

    from_settings: Sequence[Model] = ()
    registered: Sequence[Declared] = ()
    roles: Mapping[tuple[str, str, str, str], Sequence[str]] = field(default_factory=dict)

    def models_of(self, organisation: str) -> dict[str, Declared]:
        """Every model that an organisation may ask for, by name; its own stand before those of the settings."""
        own = {one.model.name: one for one in self.registered if one.organisation == organisation}
        common = {model.name: Declared(model) for model in (*self.from_settings, EXTRACTIVE)}
        return {**own, **{name: one for name, one in common.items() if name not in own}}

    def chain(self, role: str, caller: Caller) -> list[str]:
        """Names of the models that play a role for a caller, the preferred one first."""
        common = self.roles.get((caller.organisation, EVERYBODY, EVERYBODY, role))
        if chain := self.session_chain(role, caller) or common:
            return list(chain)
        known = self.models_of(caller.organisation)
        talking = [name for name, one in known.items() if "embeddings" not in one.model.capabilities]
        return [*(name for name in talking if name != EXTRACTIVE.name), EXTRACTIVE.name]

    def session_chain(self, role: str, caller: Caller) -> list[str]:
        """Who plays a role in the caller's chat session by a setting of its own; nobody if it has none."""
        return (
            list(self.roles.get((caller.organisation, caller.user, caller.session, role), ())) if caller.session else []
        )

    def resolve(self, name: str, caller: Caller) -> list[Model] | None:
        """The models that answer to a name; ``None`` if nobody does."""
        known = self.models_of(caller.organisation)
        role = "chat" if name == DEFAULT else name
        if role in ROLES and name not in known:
            return [known[member].model for member in self.chain(role, caller) if member in known] or [EXTRACTIVE]
        return [known[name].model] if name in known else None


def model_from(declaration: ModelWrite) -> Model:
    """The model that a declaration describes."""
    price = declaration.price
    return Model(
        name=declaration.name,
        kind=Kind(declaration.kind),
        base_url=str(declaration.base_url).rstrip("/"),
        upstream_name=declaration.upstream_name or declaration.name,
        api_key=declaration.api_key,
        title=declaration.title,
        context_tokens=declaration.context_tokens,
        max_output_tokens=declaration.max_output_tokens,
        price=Price(
            round(price.prompt * _MILLION),
            round(price.completion * _MILLION),
            None if price.cached is None else round(price.cached * _MILLION),
        ),
        rates=Rates(
            declaration.limits.requests_per_minute,
            declaration.limits.tokens_per_minute,
            declaration.limits.parallel_requests,
        ),
        capabilities=frozenset(declaration.capabilities),
        patience=Patience(declaration.first_token_seconds, declaration.stall_seconds),
        api_version=declaration.api_version,
    )


def embedding_model(settings: Settings) -> Model:
    """The model of embedding-server."""
    return Model(
        name=settings.embedding_model,
        kind=Kind.OPENAI,
        base_url=f"{settings.embedding_server_url.rstrip('/')}/v1",
        upstream_name=settings.embedding_model,
        api_key=settings.service_token,
        title="embedding-server",
        capabilities=frozenset({"embeddings"}),
    )


def models_from_settings(settings: Settings) -> list[Model]:
    """The models that the settings name, the most specific setting first.

    Raises:
        SystemExit: A base URL is given without the name of its model.
    """
    patience = Patience(settings.first_token_seconds, settings.stall_seconds)
    models = [model_from(declaration) for declaration in settings.llm_models]
    models.append(embedding_model(settings))
    if settings.llm_base_url:
        if not settings.llm_model:
            raise SystemExit("LLM_BASE_URL is set; LLM_MODEL must name the model that is served there.")
        models.append(
            Model(
                name=settings.llm_model,
                kind=Kind.OPENAI,
                base_url=settings.llm_base_url,
                upstream_name=settings.llm_model,
                api_key=settings.llm_api_key,
                title=f"The model server at {httpx.URL(settings.llm_base_url).host}",
                context_tokens=settings.llm_context_tokens,
                patience=patience,
            )
        )
    if settings.openai_api_key:
        models.append(
            Model(
                name=settings.openai_model,
                kind=Kind.OPENAI,
                base_url=settings.openai_base_url,
                upstream_name=settings.openai_model,
                api_key=settings.openai_api_key,
                title="OpenAI",
                patience=patience,
            )
        )
    if settings.anthropic_api_key:
        models.append(
            Model(
                name=settings.anthropic_model,
                kind=Kind.ANTHROPIC,
                base_url=settings.anthropic_base_url,
                upstream_name=settings.anthropic_model,
                api_key=settings.anthropic_api_key,
                title="Anthropic",
                capabilities=EVERYTHING | {"prefill"},
                patience=patience,
            )
        )
    return list({model.name: model for model in reversed(models)}.values())[::-1]
