"""What was found out about code beyond its definitions: problems, packages, history and reports of tests."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from codemuse.contracts.common import Reply


class ProblemRead(
    Reply,
    json_schema_extra={
        "examples": [
            {
                "id": "0c3a1f2e9d-4",
                "rule": "mutable-default",
                "severity": "warning",
                "path": "shop/cart.py",
                "start_line": 12,
                "end_line": 12,
                "symbol": "Cart.buy",
                "message": "Do not use mutable data structures for argument defaults.",
                "advice": "Use None as the default and make the object inside the function.",
            }
        ]
    },
):
    """Something in the code that a person should look at."""

    id: str
    rule: str
    severity: str
    """``error``, ``warning`` or ``note``."""
    path: str
    start_line: int
    end_line: int
    symbol: str | None = None
    message: str
    advice: str | None = None
    """How to mend it."""
    explanation: str | None = None
    """Why it matters."""
    since: datetime | None = None
    """When the line was last changed, of notes like TODO, where history is known."""
    author: str | None = None


class ProblemPage(Reply):
    """Reply of ``GET /api/v1/snapshots/{id}/problems?rule=&path=&severity=&cursor=&limit=``."""

    items: list[ProblemRead]
    next_cursor: str | None = None
    counts: dict[str, int] = Field(default_factory=dict)
    """Findings per rule over the whole snapshot."""
    settings_mistake: str | None = None
    """Why the repository's ``.codemuse.toml`` was not understood."""


class RuleRead(Reply):
    """A rule that problems are found by."""

    id: str
    severity: str
    title: str
    explanation: str
    advice: str


class RuleList(Reply):
    """Reply of ``GET /api/v1/rules``."""

    items: list[RuleRead]


class Sarif(Reply):
    """Reply of ``GET /api/v1/snapshots/{id}/problems.sarif``: a SARIF 2.1.0 log."""

    schema_uri: str = Field(alias="$schema")
    version: str
    runs: list[dict[str, Any]]


class PackageRead(Reply):
    """Something from outside that a manifest asks for."""

    ecosystem: str
    """``pypi``, ``npm``, ``go``, ``cargo``, ``maven``, ``gem`` or ``composer``."""
    name: str
    version: str
    """As written; empty when none is asked for."""
    scope: str
    """``runtime``, ``development`` or ``optional``."""
    path: str
    line: int


class PackageList(Reply):
    """Reply of ``GET /api/v1/snapshots/{id}/packages``, in manifest and line order."""

    items: list[PackageRead]


class FileHistoryRead(Reply):
    """How a file changed."""

    path: str
    commit_count: int
    added: int
    deleted: int
    authors: list[str]
    """The most active first, at most five."""
    author_count: int
    last_commit: str
    last_author: str
    last_changed_at: datetime
    line_count: int
    score: int
    """Commits times lines: the larger, the more a change here costs."""
    kind: Literal["code", "test", "other"] = "code"
    """Whether it is part of the product, tests it, or is prose, configuration and the like."""


class SymbolHistoryRead(Reply):
    """When a definition was last touched."""

    qualified_name: str
    start_line: int
    end_line: int
    last_commit: str
    last_author: str
    last_changed_at: datetime
    authors: list[str]
    """Of the lines as they are now, the one with most lines first."""


class HistoryRead(Reply):
    """Reply of ``GET /api/v1/snapshots/{id}/history?path=&limit=``: files by score; of one file its definitions too."""

    items: list[FileHistoryRead]
    symbols: list[SymbolHistoryRead] = Field(default_factory=list)
    commit_count: int
    """Commits that were counted; 0 when the snapshot has no history, as that of an archive."""
    since: datetime | None = None
    is_complete: bool
    """Whether the history reaches back to the first commit."""


class FileCoverageRead(
    Reply, json_schema_extra={"examples": [{"path": "shop/cart.py", "covered": 30, "missed": 10, "rate": 0.75}]}
):
    """How much of a file tests run."""

    path: str
    covered: int
    missed: int
    rate: float
    """Share of covered lines, 0 to 1."""


class SymbolCoverageRead(Reply):
    """How much of a definition tests run."""

    qualified_name: str
    start_line: int
    end_line: int
    covered: int
    missed: int
    rate: float


class CoverageRead(Reply):
    """Reply of ``GET /api/v1/snapshots/{id}/coverage?path=``."""

    commit: str | None = None
    """That it was uploaded for; nothing when none was uploaded."""
    is_current: bool = False
    """Whether that is the snapshot's commit."""
    rate: float | None = None
    items: list[FileCoverageRead] = Field(default_factory=list)
    """The least covered first."""
    symbols: list[SymbolCoverageRead] = Field(default_factory=list)
    """Of the one file that was asked for."""


class TestCaseRead(Reply):
    """One test as it ended."""

    name: str
    suite: str
    status: str
    """``passed``, ``failed``, ``error`` or ``skipped``."""
    seconds: float
    message: str | None = None
    path: str | None = None
    symbol: str | None = None
    """Qualified name of the test's definition in the snapshot."""


class TestReportRead(Reply):
    """Reply of ``GET /api/v1/snapshots/{id}/tests``: failures first, then the slowest."""

    commit: str | None = None
    is_current: bool = False
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    items: list[TestCaseRead] = Field(default_factory=list)


class ReportAccepted(Reply):
    """Reply of ``POST /api/v1/repositories/{id}/coverage`` and ``.../tests``: what was understood of the upload."""

    commit: str
    format: str
    """``cobertura``, ``lcov``, ``coverage.py`` or ``junit``."""
    file_count: int = 0
    line_count: int = 0
    test_count: int = 0
