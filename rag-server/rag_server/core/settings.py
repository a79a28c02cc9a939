"""Settings of the service."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from codemuse.settings import ServiceSettings


class Settings(ServiceSettings):
    """Read once from the environment, where the program is put together."""

    embedding_server_url: str = "http://127.0.0.1:8001"
    qdrant_url: str = ""
    """A Qdrant server; empty means the embedded engine in ``DATA/qdrant``."""
    qdrant_api_key: SecretStr | None = None
    qdrant_ca_file: Path | None = None
    """Certificates to trust where the server's address is ``https`` and its certificate is not from a public authority."""
    qdrant_grpc_port: int = Field(default=0, ge=0, le=65_535)
    """Port of the server's gRPC interface; 0 speaks HTTP."""
    qdrant_shards: int = Field(default=1, ge=1, le=256)
    """Parts that a new collection is cut into: at least one a node of a cluster."""
    qdrant_replicas: int = Field(default=1, ge=1, le=16)
    """Nodes that hold each part of a new collection."""
    qdrant_write_consistency: int = Field(default=1, ge=1, le=16)
    """Replicas of a part that must have written before a write is done; at most ``qdrant_replicas``."""
    index_quantisation: Literal["none", "int8"] = "int8"
    """``int8`` keeps a quarter of each vector in memory and compares the best again with the whole ones: it finds no less."""
    backup_folder: Path | None = None
    """Where backups of the index lie; ``DATA/backups`` when not given. Better on another disk."""
    index_look_seconds: float = Field(default=5.0, gt=0)
    """How often is looked which models are served, and whether another replica changed the index."""
    index_grace_seconds: float = Field(default=15.0, ge=0)
    """So long a replaced index stays open for searches that began before, and for replicas that have not looked yet."""
    search_reranker: str = ""
    """A model of embedding-server that orders the best results anew: its cross-encoder, by its id; empty for none."""
    search_rerank_depth: int = Field(default=20, ge=2, le=100)
    """How many results it reads."""
    max_body_bytes: int = Field(default=64 * 2**20, ge=1024)
    """Batches of files carry their chunks' texts."""
    query_cache_entries: int = Field(default=4_096, ge=0)
    """Questions whose vectors are remembered."""

    @model_validator(mode="after")
    def _writes_can_be_consistent(self) -> Self:
        if self.qdrant_write_consistency > self.qdrant_replicas:
            raise ValueError("QDRANT_WRITE_CONSISTENCY must not be larger than QDRANT_REPLICAS")
        return self
