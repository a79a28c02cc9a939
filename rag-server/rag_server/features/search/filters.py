"""Turns a caller's filters and a query's operators into conditions of the store and, where it cannot decide, on its results."""

from dataclasses import dataclass, field, replace

from codemuse.contracts.chunks import ChunkKind
from codemuse.contracts.rag import SearchFilters
from codemuse.contracts.search_query import Field, SearchQuery
from rag_server.core.store import Where
from rag_server.features.search.conditions import (
    Condition,
    PathCondition,
    all_of,
    any_of,
    defines,
    fits_glob,
    is_glob,
    language_named,
    lies_in,
    negated,
    operator_conditions,
)
from rag_server.features.search.errors import InvalidQuery


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What is wanted of what a reader may see."""

    where: Where
    """What the store can decide."""
    accepts: Condition | None = None
    """What is left to decide on its results."""
    has_path: PathCondition | None = None
    """What is left to decide on paths, of which there are fewer than chunks."""

    def within(self, generations: Where) -> "Narrowing":
        """The same among chunks of certain generations."""
        return replace(self, where=replace(self.where, at_most=generations.at_most, at_least=generations.at_least))


@dataclass(slots=True)
class _Parts:
    """A narrowing in the making."""

    equal: dict[str, str | int] = field(default_factory=dict)
    among: dict[str, list[str]] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)
    paths: list[PathCondition] = field(default_factory=list)

    def narrowing(self) -> Narrowing:
        """What was gathered."""
        return Narrowing(Where(equal=self.equal, among=self.among), all_of(self.conditions), all_of(self.paths))


def narrow(filters: SearchFilters, query: SearchQuery, *, operators: bool = True) -> Narrowing:
    """Read filters and operators; all of them must hold.

    Args:
        filters: Those beside the query.
        query: Its filters, and its operators.
        operators: Whether phrases, excluded words and patterns count, or are words like others.

    Raises:
        InvalidQuery: An operator cannot be worked with.
    """
    parts = _Parts()
    _add_filters(parts, filters)
    if query.has_operators:
        parts.conditions += operator_conditions(query) if operators else []
        _add_wanted(parts, query)
        _add_refused(parts, query)
    return parts.narrowing()


def _add_filters(parts: _Parts, filters: SearchFilters) -> None:
    if filters.language:
        parts.equal["language"] = language_named(filters.language)
    if filters.kind:
        parts.equal["kind"] = _kind_named(filters.kind)
    path = (filters.path or "").removeprefix("./").strip("/")
    if is_glob(path):
        parts.paths.append(fits_glob(path))
    elif path:
        parts.equal["folders"] = path


def _add_wanted(parts: _Parts, query: SearchQuery) -> None:
    wanted = query.filters
    if languages := wanted.get(Field.LANGUAGE):
        parts.among["language"] = [language_named(name) for name in languages]
    if kinds := wanted.get(Field.KIND):
        parts.among["kind"] = [_kind_named(name) for name in kinds]
    if paths := wanted.get(Field.PATH):
        parts.paths.append(any_of([lies_in(path) for path in paths]))
    if symbols := wanted.get(Field.SYMBOL):
        parts.conditions.append(any_of([defines(symbol) for symbol in symbols]))


def _add_refused(parts: _Parts, query: SearchQuery) -> None:
    refused = query.refused
    parts.paths += [negated(lies_in(path)) for path in refused.get(Field.PATH, ())]
    parts.conditions += [negated(defines(symbol)) for symbol in refused.get(Field.SYMBOL, ())]
    languages = {language_named(name) for name in refused.get(Field.LANGUAGE, ())}
    kinds = {_kind_named(name) for name in refused.get(Field.KIND, ())}
    if languages:
        parts.conditions.append(lambda chunk: chunk.language not in languages)
    if kinds:
        parts.conditions.append(lambda chunk: chunk.kind not in kinds)


def _kind_named(name: str) -> str:
    if name.lower() not in set(ChunkKind):
        kinds = ", ".join(ChunkKind)
        raise InvalidQuery(f"There is no kind '{name}'; kinds are: {kinds}.", problem="kind", value=name, kinds=kinds)
    return name.lower()
