"""docgen-server: source in, facts out (its documents have a module of their own).

A *snapshot* is one commit of one repository. Git URLs and uploaded archives both end as commits of a bare mirror, so
everything after that reads one kind of store.
"""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from codemuse.contracts.chunks import Chunk
from codemuse.contracts.common import Identifier, Reply, RepositoryPath, Request


class ArchiveRead(Reply):
    """Reply of ``POST /api/v1/repositories/{repository_id}/archives`` (multipart field ``archive``)."""

    archive_id: str
    """Name of the imported tree; equal content has an equal name."""
    file_count: int
    byte_count: int
    skipped: dict[str, str] = Field(default_factory=dict)
    """Members that were left out (links, unreadable names), with the reason."""


class GitSource(Request):
    """A repository to mirror by URL; also the body of ``POST /api/v1/sources/check``, which only judges it."""

    url: str = Field(max_length=2048)
    ref: str | None = Field(default=None, max_length=255)


class ArchiveSource(Request):
    """An archive that was uploaded before."""

    archive_id: str = Field(max_length=64)
    commit: str | None = Field(default=None, max_length=64)
    """The commit the archive was made from, as its sender names it; shown, never trusted."""


class SnapshotCreate(Request):
    """Body of ``POST /api/v1/snapshots``: exactly one of the two sources. Repeating it gives the same snapshot."""

    repository_id: Identifier
    git: GitSource | None = None
    archive: ArchiveSource | None = None


class SnapshotRead(Reply):
    """One commit of one repository, ready to be read."""

    id: str
    repository_id: str
    commit: str
    ref: str | None = None
    file_count: int
    byte_count: int
    created_at: datetime


class ManifestFile(Reply):
    """One file of a snapshot before it is parsed."""

    path: str
    blob: str
    """Git object id of the content: equal content, equal blob."""
    size: int
    language: str | None = None
    skip_reason: str | None = None
    """Stable code of why the file is not analysed (``binary``, ``too_large``, ``vendored``, ``generated``, ``ignored``,
    ``lfs_pointer``, ``symlink``, ``submodule``, ``unsupported``), or nothing."""
    is_analysed: bool = True
    """Whether its facts are known; those of an older analyser do not count."""


class ManifestPage(Reply):
    """Reply of ``GET /api/v1/snapshots/{id}/manifest?cursor=&limit=``, in path order."""

    items: list[ManifestFile]
    next_cursor: str | None = None


class PathsRequest(Request):
    """Body of ``POST /api/v1/snapshots/{id}/analyse`` and ``.../chunks``."""

    paths: list[RepositoryPath] = Field(min_length=1, max_length=512)


class FileStatus(StrEnum):
    """How the analysis of one file ended."""

    ANALYSED = "analysed"
    QUARANTINED = "quarantined"


class FileOutcome(Reply):
    """One file after analysis. A syntax error is a warning, not a quarantine: what could be read is kept."""

    path: str
    status: FileStatus
    language: str | None = None
    line_count: int = 0
    symbol_count: int = 0
    chunk_count: int = 0
    reason: str | None = None
    """Stable code when quarantined: ``undecodable``, ``parser_timeout``, ``parser_crashed``, ``line_too_long``."""
    message: str | None = None
    warnings: list[str] = Field(default_factory=list)


class AnalyseReply(Reply):
    """Reply of ``POST /api/v1/snapshots/{id}/analyse``: one outcome per asked path, in the same order."""

    files: list[FileOutcome]


class ChunksReply(Reply):
    """Reply of ``POST /api/v1/snapshots/{id}/chunks``: chunks of the asked paths, in path and line order."""

    chunks: list[Chunk]


class SourceRead(Reply):
    """Reply of ``GET /api/v1/snapshots/{id}/source?path=&start=&end=``; lines count from 1, both ends included."""

    path: str
    commit: str
    language: str | None = None
    start_line: int
    end_line: int
    line_count: int
    text: str


class SymbolRead(Reply):
    """A definition."""

    id: str
    name: str
    qualified_name: str
    kind: str
    path: str
    start_line: int
    end_line: int
    language: str
    signature: str | None = None
    summary: str | None = None
    """First sentence of its doc comment."""
    visibility: str = "public"
    decorators: list[str] = Field(default_factory=list)
    """Decorators, annotations or attributes, without their arguments."""


class SymbolPage(Reply):
    """Reply of ``GET /api/v1/snapshots/{id}/symbols?query=&path=&kind=&cursor=&limit=``."""

    items: list[SymbolRead]
    next_cursor: str | None = None


class NamesRequest(Request):
    """Body of ``POST /api/v1/snapshots/{id}/names``: which of these identifiers stand in the code at all?"""

    names: list[str] = Field(max_length=500)


class NamesReply(Reply):
    """The asked names that are defined or mentioned in the snapshot, and those that are not."""

    known: list[str]
    unknown: list[str]


class GraphNode(
    Reply,
    json_schema_extra={
        "examples": [
            {
                "id": "shop/cart.py:Cart.buy",
                "label": "Cart.buy",
                "kind": "method",
                "path": "shop/cart.py",
                "language": "python",
                "line_count": 9,
                "start_line": 12,
                "end_line": 20,
                "distance": 1,
            }
        ]
    },
):
    """A definition, file, package or external dependency in the dependency graph."""

    id: str
    """May be given as the ``focus`` of another question."""
    label: str
    kind: str
    """``file``, ``package``, ``external``, or the kind of a definition (``function``, ``method``, ``class``, ...)."""
    path: str | None = None
    language: str | None = None
    line_count: int = 0
    start_line: int | None = None
    end_line: int | None = None
    distance: int | None = None
    """Steps from the focus, where the level is ``symbol``."""
    version: str | None = None
    """What a manifest asks for, of an external dependency."""


class GraphEdge(
    Reply,
    json_schema_extra={
        "examples": [
            {
                "source": "shop/main.py:run",
                "target": "shop/cart.py:Cart.buy",
                "kind": "calls",
                "weight": 1,
                "line": 8,
                "confidence": 1.0,
            }
        ]
    },
):
    """``source`` depends on ``target``; ``weight`` counts the imports."""

    source: str
    target: str
    kind: str = "imports"
    """``imports``, or for definitions ``calls``, ``inherits``, ``type``, ``decorates``, ``uses``."""
    weight: int = 1
    line: int | None = None
    """Where the source first mentions the target."""
    confidence: float = 1.0
    """1: the language's own rules lead there; below: a type was inferred (0.9), or only the name fits (0.4 to 0.5)."""


class GraphRead(Reply):
    """Reply of ``GET /api/v1/snapshots/{id}/graph?level=&focus=&depth=&direction=``."""

    nodes: list[GraphNode]
    edges: list[GraphEdge]
    truncated: bool = False


class LanguageShare(Reply):
    """How much of a repository is written in one language."""

    language: str
    file_count: int
    line_count: int


class SnapshotStats(Reply):
    """Reply of ``GET /api/v1/snapshots/{id}/stats``."""

    file_count: int
    line_count: int
    symbol_count: int
    document_count: int
    problem_count: int
    languages: list[LanguageShare]
