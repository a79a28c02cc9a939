"""From a name to a provider: builds what stands around each model, once, and keeps it while the catalogue stands."""

from collections.abc import Callable, Sequence

from codemuse.breaker import BreakerPolicy, BreakerStore, CircuitBreaker
from codemuse.errors import NotFound
from llm_server.core.calls import Caller
from llm_server.core.model import Kind, Model
from llm_server.core.providers.build import ProviderFactory
from llm_server.core.providers.provider import Provider
from llm_server.core.registry.catalogue import Catalogue
from llm_server.core.summarising import Summariser
from llm_server.core.wrappers.breaking import BreakingProvider
from llm_server.core.wrappers.fallback import FallbackProvider, Target
from llm_server.core.wrappers.fitting import FittingProvider
from llm_server.core.wrappers.measure import MeasuringProvider
from llm_server.core.wrappers.retrying import RetryingProvider

_SLOW_SECONDS = 30.0
Around = Callable[[Provider, Sequence[Model]], Provider]
"""Puts something around a chain, given its models."""
Limit = Callable[[Provider, Model], Provider]
"""Puts something around the provider of a model."""


def _nothing(provider: Provider, _models: object) -> Provider:
    return provider


class Registry:
    """Providers by name and caller.

    Args:
        build: Makes the provider of a model.
        breakers: Where the breakers' records live.
        around: Puts what holds for a chain as a whole around it, given its models.
        limit: Puts the limits of a model around it.
        refused_content_elsewhere: Whether content that one model refuses is shown to the next.
    """

    def __init__(
        self,
        build: ProviderFactory,
        breakers: BreakerStore,
        around: Around = _nothing,
        *,
        limit: Limit = _nothing,
        refused_content_elsewhere: bool = False,
    ) -> None:
        self._build = build
        self._breakers = breakers
        self._around = around
        self._limit = limit
        self._refused_content_elsewhere = refused_content_elsewhere
        self._summarise = Summariser(self)
        self._targets: dict[Model, Target] = {}
        self._chains: dict[tuple[str, str, str, str], Provider] = {}
        self.catalogue = Catalogue()

    def use(self, catalogue: Catalogue) -> None:
        """Answer by another catalogue from now on; answers that are under way go on as they began."""
        self.catalogue = catalogue
        self._chains = {}
        kept = {*catalogue.from_settings, *(one.model for one in catalogue.registered)}
        self._targets = {model: target for model, target in self._targets.items() if model in kept}

    def get(self, name: str, caller: Caller) -> Provider:
        """Who answers to a name for a caller.

        Raises:
            NotFound: Nobody.
        """
        key = (name, caller.organisation, caller.user if caller.session else "", caller.session)
        chain = self._chains.get(key)
        if chain is None:
            models = self.catalogue.resolve(name, caller)
            if models is None:
                known = ", ".join(self.catalogue.models_of(caller.organisation))
                raise NotFound(
                    f"There is no model '{name[:100]}'; there are: {known}.", code="model_not_found", param="model"
                )
            fallback = FallbackProvider(
                [self.target(model) for model in models], refused_content_elsewhere=self._refused_content_elsewhere
            )
            chain = self._around(fallback, models)
            if not caller.session:  # sessions come and go; their chains are not worth keeping
                self._chains[key] = chain
        return chain

    def models(self, name: str, caller: Caller) -> Sequence[Model]:
        """The models behind a name, the preferred one first; none if nobody answers to it."""
        return self.catalogue.resolve(name, caller) or []

    def target(self, model: Model) -> Target:
        """A model with everything that stands around it."""
        target = self._targets.get(model)
        if target is None:
            target = self._targets[model] = Target(model, self._wrap(model, self._build(model)))
        return target

    def make_provider(self, model: Model) -> Provider:
        """A bare provider with nothing around it, to try a model out."""
        return self._build(model)

    def breaker(self, model: Model) -> CircuitBreaker:
        """What keeps calls from a model while it does not answer."""
        return CircuitBreaker(f"llm:{model.address}", self._breakers, BreakerPolicy(slow_seconds=_SLOW_SECONDS))

    def list_breakers(self, organisation: str) -> list[CircuitBreaker]:
        """The breaker of each model that an organisation may ask."""
        known = self.catalogue.models_of(organisation).values()
        return [self.breaker(one.model) for one in known if one.model.kind is not Kind.EXTRACTIVE]

    def _wrap(self, model: Model, provider: Provider) -> Provider:
        measured = MeasuringProvider(provider, model)
        if model.kind is Kind.EXTRACTIVE:
            return FittingProvider(measured, model, self._summarise)
        guarded: Provider = BreakingProvider(measured, self.breaker(model))
        if model.is_limited:
            guarded = self._limit(guarded, model)
        return FittingProvider(RetryingProvider(guarded), model, self._summarise)
