"""What was found out about code beyond its definitions: problems, packages, history and reports of tests."""

from datetime import datetime
from typing import Any

from pydantic import Field

from codemuse.contracts.common import Reply


class ProblemRead(Reply):
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
