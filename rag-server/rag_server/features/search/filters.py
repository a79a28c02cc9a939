"""Turns a caller's filters and a query's operators into conditions of the store and, where it cannot decide, on its results."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from codemuse.contracts.chunks import ChunkKind
from codemuse.contracts.rag import SearchFilters
from codemuse.contracts.search_query import Field, Filters, SearchQuery
from rag_server.core.store import Where
from rag_server.features.search.conditions import (
    Condition,
    all_of,
    any_of,
    defines,
    fits_glob,
    language_named,
    lies_in,
    none_of,
    operator_conditions,
)
from rag_server.features.search.errors import InvalidQuery

_WILDCARD = re.compile(r"[*?]")
_ON_RESULTS: dict[Field, Callable[[str], Condition]] = {Field.PATH: lies_in, Field.SYMBOL: defines}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the store can decide, and what is left to decide on its results."""

    where: Where
    accepts: Condition | None

    def within(self, generations: Where) -> "Narrowing":
        """The same among chunks of certain generations."""
        return replace(self, where=replace(self.where, at_most=generations.at_most, at_least=generations.at_least))


def narrow(filters: SearchFilters, query: SearchQuery, *, operators: bool = True) -> Narrowing:
    """Read filters and operators; all of them must hold.

    Args:
        filters: Those beside the query.
        query: Its filters, and its operators.
        operators: Whether phrases, excluded words and patterns count, or are words like others.

    Raises:
        InvalidQuery: An operator cannot be worked with.
    """
    equal: dict[str, str | int] = {}
    if filters.language:
        equal["language"] = filters.language
    if filters.kind:
        equal["kind"] = filters.kind
    conditions = operator_conditions(query) if operators else []
    if glob := _narrow_path(filters.path, equal):
        conditions.append(glob)
    among: dict[str, list[str]] = {}
    if languages := query.filters.get(Field.LANGUAGE):
        among["language"] = [language_named(name) for name in languages]
    if kinds := query.filters.get(Field.KIND):
        among["kind"] = [_kind_named(name) for name in kinds]
    for field, condition in _ON_RESULTS.items():
        if values := query.filters.get(field):
            conditions.append(any_of([condition(value) for value in values]))
    conditions += none_of(_refused(query.refused))
    return Narrowing(Where(equal=equal, among=among), all_of(conditions))


def _narrow_path(given: str | None, equal: dict[str, str | int]) -> Condition | None:
    """A prefix is decided by the store; of a glob, the folder before its first wildcard."""
    path = (given or "").removeprefix("./").strip("/")
    if not path:
        return None
    if not _WILDCARD.search(path):
        equal["folders"] = path
        return None
    folder = _WILDCARD.split(path, maxsplit=1)[0].rpartition("/")[0]
    if folder:
        equal["folders"] = folder
    return fits_glob(path)


def _refused(refused: Filters) -> list[Condition]:
    conditions = [condition(value) for field, condition in _ON_RESULTS.items() for value in refused.get(field, ())]
    languages = {language_named(name) for name in refused.get(Field.LANGUAGE, ())}
    kinds = {_kind_named(name) for name in refused.get(Field.KIND, ())}
    if languages:
        conditions.append(lambda chunk: chunk.language in languages)
    if kinds:
        conditions.append(lambda chunk: chunk.kind in kinds)
    return conditions


def _kind_named(name: str) -> str:
    if name.lower() not in set(ChunkKind):
        raise InvalidQuery(f"There is no kind '{name}'.", kinds=[kind.value for kind in ChunkKind])
    return name.lower()
