"""Bases and value types shared by all contracts."""

import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{1,64}$")]
"""An opaque id made by one of our services: letters, digits, ``_`` and ``-``."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""What people call a thing of theirs."""

RepositoryPath = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
"""A ``/``-separated path relative to the root of a repository."""


def composed(text: str) -> str:
    """The text with whole letters: macOS hands out Hangul and accents in parts, which look the same and are not."""
    return unicodedata.normalize("NFC", text)


SearchText = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(composed)]
"""What somebody looks for."""


class Request(BaseModel):
    """A body that a caller sends; unknown fields are refused so that typing errors are heard."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)

    @field_validator("*", mode="after")
    @classmethod
    def refuse_nul(cls, value: Any) -> Any:
        """NUL is no character of any text of ours, and Postgres cannot store it."""
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and "\x00" in text for text in texts):
            raise ValueError("NUL characters are not allowed")
        return value


class Reply(BaseModel):
    """A body that a service answers with; readers ignore fields they do not know yet."""

    model_config = ConfigDict(extra="ignore")


class ErrorBody(Reply):
    """The one envelope of every error (DESIGN section 4)."""

    error: str
    message: str
    request_id: str = ""
    details: dict[str, Any] = Field(default_factory=dict)


class HealthState(StrEnum):
    """How a service or one of its dependencies feels."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


class CheckRead(Reply):
    """The outcome of one named readiness check."""

    status: HealthState
    detail: str = ""


class HealthRead(Reply):
    """Readiness of a service: the worst of its named checks."""

    status: HealthState
    version: str = ""
    checks: dict[str, CheckRead] = Field(default_factory=dict)


class BreakerRead(Reply):
    """A circuit breaker as operators see it."""

    name: str
    state: str
    failures: int = 0
    since: datetime | None = None
    retry_after_seconds: float = 0.0


class Language(StrEnum):
    """Languages and text formats that docgen-server tells apart."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"
    TYPESCRIPT = "typescript"
    TSX = "tsx"
    GO = "go"
    JAVA = "java"
    RUST = "rust"
    C = "c"
    CPP = "cpp"
    RUBY = "ruby"
    PHP = "php"
    CSHARP = "csharp"
    KOTLIN = "kotlin"
    SWIFT = "swift"
    SCALA = "scala"
    ELIXIR = "elixir"
    LUA = "lua"
    BASH = "bash"
    ZIG = "zig"
    HASKELL = "haskell"
    VUE = "vue"
    HTML = "html"
    CSS = "css"
    SQL = "sql"
    MARKDOWN = "markdown"
    RST = "rst"
    TEXT = "text"
    JSON = "json"
    YAML = "yaml"
    TOML = "toml"
