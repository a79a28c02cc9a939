"""The lowest layer: what the scheduler needs from a model, whatever computes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape ``(texts, dimensions)``, every row of length one."""

TokenIds = list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What is known of a loaded model."""

    id: str
    kind: Literal["transformer", "static"]
    fingerprint: str
    """Equal for equal vectors: changes with the weights, not with precision or device."""
    dimensions: int
    max_tokens: int
    precision: str
    device: str
    batch_tokens: int
    """Padded tokens of a batch at which this model is fastest on this device."""
    workers: int
    """Threads that compute batches side by side."""
    memory_bytes: int = 0
    """What the weights take."""
    inline_tokens: int = 0
    """So few tokens are computed at once where they are asked for: that takes less time than handing them over."""


class Backend(Protocol):
    """A model in memory. Methods are synchronous; ``embed`` is called from ``card.workers`` threads side by side."""

    @property
    def card(self) -> ModelCard:
        """What is known of the model."""
        ...

    def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        """Turn texts into token ids, cut to what the model reads."""
        ...

    def embed(self, batch: Sequence[TokenIds]) -> Vectors:
        """Compute one batch; the caller keeps it within ``card.batch_tokens``."""
        ...
