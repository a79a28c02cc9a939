"""Settings of docgen-server."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from codemuse.settings import ServiceSettings


class DocgenSettings(ServiceSettings):
    """Where sources come from and lie, and how much of them is read."""

    database_url: SecretStr
    """Postgres, e.g. ``postgresql://user:password@host/name``; a unix socket is named by ``?host=/folder``."""
    git_allowed_hosts: Annotated[frozenset[str], NoDecode] = frozenset()
    """Hosts with private addresses that may be fetched from, also by plain http; separated by commas."""
    git_allow_local: bool = False
    """Whether ``file://`` URLs are mirrored."""
    git_timeout_seconds: float = Field(default=600, gt=0)
    git_max_bytes: int = Field(default=2 * 2**30, gt=0)
    """How much one fetch may bring."""
    git_history_depth: int = Field(default=500, ge=1, le=1_000_000)
    """How many commits back the history is fetched for hot spots and the age of notes; 1 fetches none."""
    archive_max_bytes: int = Field(default=512 * 2**20, gt=0)
    """Largest upload."""
    archive_max_unpacked_bytes: int = Field(default=2 * 2**30, gt=0)
    max_files: int = Field(default=100_000, gt=0)
    """Most files of a snapshot."""
    max_file_bytes: int = Field(default=1_000_000, gt=0)
    """Larger files are listed but not analysed."""
    parser_workers: int = Field(default=2, ge=1, le=64)
    parser_timeout_seconds: float = Field(default=10, gt=0)
    parser_memory_bytes: int = Field(default=2 * 2**30, ge=2**28)

    mermaid_script: Path | None = None
    """``mermaid.min.js``, which exported sites take along; without it they fetch it from the theme's CDN."""
    llm_server_url: str = "http://127.0.0.1:8002"
    document_summaries: Literal["off", "asked", "on"] = "asked"
    """Whether a language model writes the opening of pages: never, where a repository's ``.codemuse.toml`` asks for it, or
    where it does not decline."""
    summary_tokens_a_day: int = Field(default=500_000, ge=0)
    """Most tokens that such openings of one repository may take within 24 hours."""

    @field_validator("git_allowed_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(part.strip().lower() for part in value.split(",") if part.strip())
        return value

    @property
    def site_script(self) -> Path | None:
        """The script for diagrams of exported sites, if it is there."""
        return self.mermaid_script if self.mermaid_script is not None and self.mermaid_script.is_file() else None

    @property
    def mirrors(self) -> Path:
        """Folder of the bare repositories."""
        return self.data / "repos"
