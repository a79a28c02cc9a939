"""Health of the whole, configuration for the web app, breakers."""

import asyncio

from codemuse import __version__
from codemuse.clients.llm_administration import LlmAdministrationClient
from codemuse.contracts.chat import MAXIMUM_QUESTION_CHARACTERS
from codemuse.contracts.common import CheckRead, HealthRead, HealthState
from codemuse.contracts.gateway import CircuitBreakerList, ConfigRead, SystemHealth
from codemuse.contracts.providers import caller_headers
from codemuse.errors import CodeMuseError, Unavailable
from codemuse.health import Readiness, worst
from codemuse.http import ServiceClient
from orchestrator.core.resources import Platform

EXTRACTIVE = "extractive"
_PROBE_SECONDS = 2.0
_ESSENTIAL = frozenset({"postgres", "redis"})


class SystemService:
    """What operators and the web app ask first."""

    def __init__(self, platform: Platform, readiness: Readiness) -> None:
        self._platform = platform
        self._readiness = readiness

    async def get_health(self) -> SystemHealth:
        """Our own parts and each service; without a service we are degraded, without Postgres or Redis down."""
        own = (await self._readiness.read()).checks
        known = self._platform.services
        clients = (known.rag.service, known.embedding.service, known.llm.service, known.docgen.service)
        others = await asyncio.gather(*(_probe(client) for client in clients))
        services = {**own, **{client.name: check for client, check in zip(clients, others, strict=True)}}
        states = [
            check.status if name in _ESSENTIAL else min(check.status, HealthState.DEGRADED, key=_severity)
            for name, check in services.items()
        ]
        return SystemHealth(status=worst(states), version=__version__, services=services)

    async def get_config(self) -> ConfigRead:
        """What the web app needs before anybody signs in."""
        try:
            listed = await self._platform.services.llm.list_models()
            models = [model.id for model in listed.data if model.kind == "chat"]
        except CodeMuseError:
            models = []  # the app works without knowing the models
        return ConfigRead(
            version=__version__,
            languages=["en", "ko"],
            sign_in_methods=["password"],
            features={"documents": True, "search": True, "chat": True},
            default_model=models[0] if models else EXTRACTIVE,
            language_model_configured=any(model != EXTRACTIVE for model in models),
            maximum_archive_bytes=self._platform.settings.maximum_archive_bytes,
            maximum_question_characters=MAXIMUM_QUESTION_CHARACTERS,
        )

    async def list_breakers(self, organisation_id: str) -> CircuitBreakerList:
        """The breakers that gateway and workers share, and those of the organisation's language models."""
        services = self._platform.services
        own = await asyncio.gather(*(breaker.read() for breaker in services.breakers))
        caller = caller_headers(organisation=organisation_id, role="member")
        try:
            models = (await LlmAdministrationClient(services.llm.service).list_breakers(caller=caller)).items
        except CodeMuseError:
            models = []  # llm-server's own breaker says why
        return CircuitBreakerList(items=[*own, *models])


async def _probe(service: ServiceClient) -> CheckRead:
    try:
        health = await service.probe(HealthRead, seconds=_PROBE_SECONDS)
    except Unavailable as error:
        return CheckRead(status=HealthState.DOWN, detail=error.message)
    troubles = [f"{name}: {check.detail}" for name, check in health.checks.items() if check.status != HealthState.OK]
    return CheckRead(status=health.status, detail="; ".join(troubles))


def _severity(state: HealthState) -> int:
    return [HealthState.OK, HealthState.DEGRADED, HealthState.DOWN].index(state)
