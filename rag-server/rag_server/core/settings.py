"""Settings of the service."""

from pydantic import Field, SecretStr

from codemuse.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read once from the environment, where the program is put together."""

    embedding_server_url: str = "http://127.0.0.1:8001"
    qdrant_url: str = ""
    """A Qdrant server; empty means the embedded engine in ``DATA/qdrant``."""
    qdrant_api_key: SecretStr | None = None
    max_body_bytes: int = Field(default=64 * 2**20, ge=1024)
    """Batches of files carry their chunks' texts."""
    query_cache_entries: int = Field(default=4_096, ge=0)
    """Questions whose vectors are remembered."""
