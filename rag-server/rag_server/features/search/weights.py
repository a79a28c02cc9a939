"""How much each retriever and each rule of the ranking counts.

Measured by ``python -m benchmarks.retrieval``; what each is worth stands in docs/retrieval.md.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from codemuse.contracts.rag import Signal
from codemuse.contracts.search_settings import MOST_WEIGHT, SignalWeight
from rag_server.core.store import VectorName


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Shares are added, factors multiply. A share of 0, or a factor of 1, switches a rule off."""

    keyword: float = 1.0
    fast: float = 0.3
    dense: float = 0.55
    symbol: float = 0.7
    symbol_alone: float = 1.05
    """Instead of ``symbol``, where the name is the whole question."""
    related: float = 4.0
    verbatim: float = 1.0
    file_name: float = 1.3
    folder: float = 0.2
    file_evidence: float = 1.2
    tests: float = 0.35
    examples: float = 0.6
    generated: float = 0.5
    legacy: float = 0.8
    doorway: float = 0.75
    documents: float = 0.5
    spread: float = 0.4
    """For each better chunk of the same file."""
    rerank: float = 1.0
    """A passage that the cross-encoder is sure of counts twice."""

    def of_retriever(self, name: VectorName) -> float:
        """What a retriever's best score counts."""
        if name is VectorName.CODE:
            return self.keyword
        return self.fast if name is VectorName.FAST else self.dense

    def changed(self, values: Mapping[Signal, float]) -> "Weights":
        """The same with some values of somebody's own, within bounds."""
        if not values:
            return self
        bounded = {signal: min(max(value, 0.0), most_of(signal)) for signal, value in values.items()}
        given = {signal.value: value for signal, value in bounded.items()}
        if Signal.SYMBOL in bounded:
            given["symbol_alone"] = bounded[Signal.SYMBOL] * DEFAULT.symbol_alone / DEFAULT.symbol
        return replace(self, **given)

    def without(self, signals: Collection[Signal]) -> "Weights":
        """The same with some retrievers or rules switched off."""
        if not signals:
            return self
        off = {name: 1.0 if name in _FACTORS else 0.0 for signal in signals for name in _NAMES[signal]}
        return replace(self, **off)


_FACTORS = frozenset({"tests", "examples", "generated", "legacy", "doorway", "documents", "spread"})
_NAMES = {signal: [signal.value] for signal in Signal} | {Signal.SYMBOL: ["symbol", "symbol_alone"]}

DEFAULT = Weights()
LIKENESS = Weights(symbol=0, symbol_alone=0, verbatim=0, file_name=0, folder=0, file_evidence=0, spread=1)
"""For a chunk as the question only likeness counts."""


def most_of(signal: Signal) -> float:
    """The largest value that a signal may have: a factor is there to make less of something."""
    return 1.0 if signal.value in _FACTORS else MOST_WEIGHT


def list_weights() -> list[SignalWeight]:
    """What every signal weighs as it comes."""
    return [
        SignalWeight(
            signal=signal,
            default=getattr(DEFAULT, signal.value),
            is_factor=signal.value in _FACTORS,
            maximum=most_of(signal),
        )
        for signal in Signal
    ]
