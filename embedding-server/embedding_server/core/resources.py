"""Everything that is opened at start and closed at the end."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from codemuse.contracts.common import CheckRead, HealthState
from codemuse.health import Check
from embedding_server.core.loading import ModelLoader
from embedding_server.core.registry import ModelRegistry
from embedding_server.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Resources:
    """What the features work with."""

    registry: ModelRegistry


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Start to load the models and serve them until the context is left."""
    loader = ModelLoader(
        settings.embedding_model,
        device=settings.embedding_device,
        threads=settings.embedding_threads,
        models_folder=settings.embedding_models or settings.data / "models",
    )
    registry = ModelRegistry(
        loader.loaders(),
        queue_tokens=settings.embedding_queue_tokens,
        loading_wait_seconds=settings.embedding_loading_wait_seconds,
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(registry.running())
        yield Resources(registry=registry)


def readiness_checks(resources: Resources) -> Mapping[str, Check]:
    """One check a model: without the first the service is down, without another it is degraded."""
    registry = resources.registry

    def check_of(model_id: str, missing: HealthState) -> Check:
        async def check() -> CheckRead | None:
            reason = registry.describe_missing(model_id)
            return CheckRead(status=missing, detail=reason) if reason else None

        return check

    first, *others = registry.model_ids
    return {
        f"model:{first}": check_of(first, HealthState.DOWN),
        **{f"model:{other}": check_of(other, HealthState.DEGRADED) for other in others},
    }
