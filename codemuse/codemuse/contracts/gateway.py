"""The rest of the public API: health, configuration, search and documents (DESIGN section 4)."""

from pydantic import Field

from codemuse.contracts.common import (
    BreakerRead,
    CheckRead,
    HealthState,
    Identifier,
    Reply,
    RepositoryPath,
    Request,
    SearchText,
)
from codemuse.contracts.documents import DocumentLanguage
from codemuse.contracts.rag import SearchFilters, SearchMode, Signal
from codemuse.contracts.versions import VersionName


class SystemHealth(Reply):
    """Reply of ``GET /api/v1/health``."""

    status: HealthState
    version: str
    services: dict[str, CheckRead]


class ConfigRead(Reply):
    """Reply of ``GET /api/v1/config``: what the web app needs before anybody signs in."""

    version: str
    languages: list[str]
    sign_in_methods: list[str]
    features: dict[str, bool]
    default_model: str
    language_model_configured: bool
    maximum_archive_bytes: int
    maximum_question_characters: int


class PublicSearchRequest(Request):
    """Body of ``POST /api/v1/search``. Without ``repository_ids`` all of the organisation; an empty list finds nothing."""

    query: SearchText
    """Words, and the operators of docs/retrieval.md; ``repo:`` takes names of repositories."""
    repository_ids: list[Identifier] | None = Field(default=None, max_length=200)
    limit: int = Field(default=10, ge=1, le=100)
    mode: SearchMode = SearchMode.HYBRID
    filters: SearchFilters = Field(default_factory=SearchFilters)
    as_of: VersionName | None = None
    """Search the repositories as they stood in this version, those that have it."""
    explain: bool = False
    """Say of each result why it stands where it stands, and of the search what it took."""
    without: list[Signal] = Field(default_factory=list, max_length=len(Signal))
    """Retrievers and rules that are switched off, to see what they are worth."""


class PublicDocumentsGenerate(
    Request,
    json_schema_extra={
        "examples": [{"repository_id": "f1604cc39eb84f57a520d25c26f214a3", "paths": ["shop/cart.py"], "language": "ko"}]
    },
):
    """Body of ``POST /api/v1/documents/generate``."""

    repository_id: Identifier
    paths: list[RepositoryPath] | None = None
    language: DocumentLanguage | None = None
    """Without it, every language that the repository has pages in."""


class CircuitBreakerList(Reply):
    """Reply of ``GET /api/v1/circuit-breakers``: the breakers of the gateway and its workers."""

    items: list[BreakerRead]
