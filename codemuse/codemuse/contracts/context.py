"""Context: the evidence for an answer, packed into a budget of tokens."""

from enum import StrEnum

from pydantic import Field

from codemuse.contracts.common import Identifier, Reply, Request, SearchText
from codemuse.contracts.rag import MOST_RELATED, RelatedPlace, SearchFilters, SearchScope, Signal
from codemuse.contracts.versions import VersionName

SMALLEST_BUDGET = 200
LARGEST_BUDGET = 200_000


class ContextQueries(Request):
    """What to look for, and how much of it there is room for."""

    queries: list[SearchText] = Field(min_length=1, max_length=8)
    """The question first; what else is worth looking up counts less. Plain text: nothing in it is an operator."""
    token_budget: int = Field(default=6_000, ge=SMALLEST_BUDGET, le=LARGEST_BUDGET)
    """Estimated at 3.5 bytes a token, on the safe side for code."""
    maximum_sources: int = Field(default=12, ge=1, le=100)
    filters: SearchFilters = Field(default_factory=SearchFilters)


class ContextRequest(ContextQueries):
    """Body of ``POST /api/v1/context`` of rag-server. The scope is not optional, and an empty one finds nothing."""

    organisation_id: Identifier
    scopes: list[SearchScope] = Field(max_length=200)
    weights: dict[Signal, float] = Field(default_factory=dict)
    related: list[RelatedPlace] = Field(default_factory=list, max_length=MOST_RELATED)
    """As in a search; they belong to the first query."""


class PublicContextRequest(ContextQueries):
    """Body of ``POST /api/v1/context`` of the gateway. Without ``repository_ids`` all of the organisation."""

    repository_ids: list[Identifier] | None = Field(default=None, max_length=200)
    as_of: VersionName | None = None
    """Look at the repositories as they stood in this version, those that have it."""


class SourceReason(StrEnum):
    """Why a source is there."""

    EVIDENCE = "evidence"
    """It answers a query."""
    DEFINITION = "definition"
    """It defines what the evidence uses."""


class ContextSource(Reply):
    """A numbered source: consecutive lines of one file."""

    number: int
    reason: SourceReason
    repository_id: str
    commit: str
    path: str
    start_line: int
    end_line: int
    language: str
    kind: str
    symbol: str | None = None
    text: str
    tokens: int
    score: float
    """Of the search; 0 for a definition."""
    is_whole: bool
    """Whether nothing of its definition is missing."""


class ContextReply(Reply):
    """Sources in the order of their numbers. The same question about the same index has the same answer."""

    sources: list[ContextSource]
    tokens: int
    token_budget: int
    left_out: int
    """Passages that were found and had no room."""
    took_ms: float
    degraded: list[str] = Field(default_factory=list)
