"""Settings of the service."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from codemuse.settings import ServiceSettings
from embedding_server.core.weights import BUNDLED_MODEL


class Settings(ServiceSettings):
    """Read once from the environment, where the program is put together."""

    embedding_model: str = BUNDLED_MODEL
    """The bundled model, a local folder, or a name in the hub."""
    embedding_models: Path | None = None
    """Folder for what is made from the model (the distilled one, the probe's result), where installations share it;
    ``DATA/models`` when not given."""
    embedding_device: Literal["auto", "cpu", "cuda"] = "auto"
    embedding_threads: int = Field(default=0, ge=0, le=256)
    """Batches that are computed side by side; 0 leaves it to the probe: one a core where that is fastest."""
    embedding_queue_tokens: int = Field(default=1_000_000, ge=1)
    """Tokens that may wait per model before callers are told to come back."""
    embedding_more_models: str = ""
    """Further models, separated by commas: local folders or names in the hub. Each is loaded when first asked for."""
    embedding_idle_unload_seconds: float = Field(default=0, ge=0)
    """A model that nobody used for so long is unloaded until somebody asks for it; 0 keeps all."""
    embedding_reranker: str = ""
    """A cross-encoder for ``/v1/rerank``: a local folder or a name in the hub."""
    embedding_cache_entries: int = Field(default=20_000, ge=0)
    """Vectors a model that Redis remembers for callers that name their scope; 0 for none."""
    redis_url: SecretStr | None = None
    """Where they are remembered; without it nothing is."""
    embedding_loading_wait_seconds: float = Field(default=5.0, ge=0)
    """How long a request waits for a model that is still being loaded."""
