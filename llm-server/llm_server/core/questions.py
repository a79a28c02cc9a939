"""Vectors of questions, from embedding-server, for finding similar ones."""

import time
from collections.abc import Callable

import numpy as np

from codemuse.errors import CodeMuseError
from llm_server.core.calls import Call
from llm_server.core.providers.provider import Provider
from llm_server.core.wrappers.caching import Vector

_LONGEST = 4000
_PAUSE_SECONDS = 10.0
"""So long nobody waits for embedding-server after it could not serve."""


class QuestionEmbedder:
    """Embeds questions; answers ``None`` while embedding-server cannot.

    Args:
        provider: Makes the vectors.
        clock: Monotonic, in seconds.
    """

    def __init__(self, provider: Provider, clock: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
        self._clock = clock
        self._resume_at = 0.0

    async def __call__(self, question: str, seconds: float) -> Vector | None:
        """A vector of length one, if there is one within seconds."""
        if not question.strip() or self._clock() < self._resume_at:
            return None
        body = {"input": question[:_LONGEST], "encoding_format": "float"}
        try:
            reply = await self._provider.embed(Call(body, deadline=time.monotonic() + seconds))
            vector: Vector = np.asarray(reply.fields["data"][0]["embedding"], np.float32)
        except (CodeMuseError, KeyError, TypeError, ValueError):
            self._resume_at = self._clock() + _PAUSE_SECONDS
            return None
        length = float(np.linalg.norm(vector))
        return vector / length if length else None
