"""Everything that is opened at start and closed at the end."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from redis.asyncio import Redis

from codemuse.contracts.common import CheckRead, HealthState
from codemuse.health import Check
from embedding_server.core.loading import ModelLoader
from embedding_server.core.registry import ModelPlan, ModelRegistry, RegistryPolicy
from embedding_server.core.reranking import CrossEncoderModel, CrossEncoderReranker, Reranker
from embedding_server.core.settings import Settings
from embedding_server.core.vector_cache import VectorCache
from embedding_server.core.weights import model_id_of

REDIS_SECONDS = 0.5
"""Longer than that nobody waits for a vector that could be computed."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What the features work with."""

    registry: ModelRegistry
    cache: VectorCache | None = None
    rerankers: Mapping[str, Reranker] = field(default_factory=dict)
    """Cross-encoders by model id."""


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Start to load the models and serve them until the context is left."""
    policy = RegistryPolicy(
        settings.embedding_queue_tokens,
        settings.embedding_loading_wait_seconds,
        settings.embedding_idle_unload_seconds,
    )
    async with AsyncExitStack() as stack:
        registry = await stack.enter_async_context(ModelRegistry(_plans(settings), policy).running())
        yield Resources(registry, _open_cache(stack, settings), _open_rerankers(stack, settings))


def readiness_checks(resources: Resources) -> Mapping[str, Check]:
    """One check a model that is wanted at start: without the first the service is down, without another degraded."""
    registry = resources.registry

    def check_of(model_id: str, missing: HealthState) -> Check:
        async def check() -> CheckRead | None:
            reason = registry.describe_missing(model_id)
            return CheckRead(status=missing, detail=reason) if reason else None

        return check

    first, *others = [model.id for model in registry.models if model.plan.at_start]
    return {
        f"model:{first}": check_of(first, HealthState.DOWN),
        **{f"model:{other}": check_of(other, HealthState.DEGRADED) for other in others},
    }


def _plans(settings: Settings) -> dict[str, ModelPlan]:
    def loader(name: str) -> ModelLoader:
        return ModelLoader(
            name,
            device=settings.embedding_device,
            threads=settings.embedding_threads,
            models_folder=settings.embedding_models or settings.data / "models",
        )

    plans = loader(settings.embedding_model).plans()
    for name in filter(None, map(str.strip, settings.embedding_more_models.split(","))):
        plans |= loader(name).plan_of_another()
    return plans


def _open_cache(stack: AsyncExitStack, settings: Settings) -> VectorCache | None:
    if settings.redis_url is None or not settings.embedding_cache_entries:
        return None
    redis = Redis.from_url(
        settings.redis_url.get_secret_value(), socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    stack.push_async_callback(redis.aclose)
    return VectorCache(redis, settings.embedding_cache_entries)


def _open_rerankers(stack: AsyncExitStack, settings: Settings) -> Mapping[str, Reranker]:
    name = settings.embedding_reranker
    if not name:
        return {}
    reranker = CrossEncoderReranker(lambda: CrossEncoderModel(name, settings.embedding_device))
    stack.callback(reranker.close)
    return {model_id_of(name): reranker}
