"""Vectors of questions, from embedding-server, for finding similar ones."""

import numpy as np

from codemuse.errors import CodeMuseError
from llm_server.core.calls import Call
from llm_server.core.providers.provider import Provider
from llm_server.core.wrappers.caching import Vector

_LONGEST = 4000


class QuestionEmbedder:
    """Embeds questions; answers ``None`` while embedding-server cannot."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def __call__(self, question: str) -> Vector | None:
        """A vector of length one."""
        if not question.strip():
            return None
        try:
            reply = await self._provider.embed(Call({"input": question[:_LONGEST], "encoding_format": "float"}))
            vector: Vector = np.asarray(reply.fields["data"][0]["embedding"], np.float32)
        except (CodeMuseError, KeyError, ValueError):
            return None
        length = float(np.linalg.norm(vector))
        return vector / length if length else None
