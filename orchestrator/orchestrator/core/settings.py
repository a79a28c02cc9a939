"""Settings of the gateway and of the worker: one set, so that both see the same world."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr

from codemuse.settings import ServiceSettings, StrongSecret


class Settings(ServiceSettings):
    """What the orchestrator reads from the environment."""

    database_url: SecretStr
    redis_url: SecretStr
    jwt_secret: StrongSecret
    """Signs access tokens."""
    docgen_server_url: str = "http://127.0.0.1:8003"
    rag_server_url: str = "http://127.0.0.1:8000"
    embedding_server_url: str = "http://127.0.0.1:8001"
    llm_server_url: str = "http://127.0.0.1:8002"

    admin_email: str | None = None
    """First administrator, created when there is no user yet."""
    admin_password: SecretStr | None = None
    organisation_name: str = "Home"
    public_origins: list[str] = Field(default_factory=list)
    """Origins besides our own that may open WebSockets, e.g. ``https://codemuse.example``."""
    web_dist: Path | None = None
    """Folder of the built web app; served at ``/`` when given."""

    access_token_minutes: int = Field(default=15, ge=1, le=1440)
    refresh_token_days: int = Field(default=30, ge=1, le=365)
    login_attempts_per_minute: int = Field(default=10, ge=1)
    maximum_archive_bytes: int = Field(default=512 * 2**20, ge=1024)
    maximum_active_runs: int = Field(default=200, ge=1)
    """Runs an organisation may have under way; more are answered 429."""

    backup_every_hours: float = Field(default=0.0, ge=0)
    """How often the index is backed up by itself; 0: never."""
    backups_kept: int = Field(default=7, ge=1)
    """Of those that were made by themselves; others stay until somebody deletes them."""
    upkeep_seconds: float = Field(default=15.0, gt=0)
    """How often is looked whether a backup is due or the index has to be built for other models."""

    lease_seconds: float = Field(default=10.0, gt=0)
    heartbeat_seconds: float = Field(default=0.5, gt=0)
    """How often a worker renews its lease and looks whether it shall stop."""
    reaper_seconds: float = Field(default=5.0, gt=0)
    queued_patience_seconds: float = Field(default=60.0, gt=0)
    """A run that waits longer than this without a lease is dispatched again."""
    worker_host: str = "127.0.0.1"
    worker_port: int = 0
    """Port for the worker's health and metrics; 0 for none."""
    worker_threads: int = Field(default=16, ge=2)

    @property
    def access_token_lifetime(self) -> timedelta:
        """How long an access token is good."""
        return timedelta(minutes=self.access_token_minutes)

    @property
    def refresh_token_lifetime(self) -> timedelta:
        """How long nobody has to sign in again."""
        return timedelta(days=self.refresh_token_days)
