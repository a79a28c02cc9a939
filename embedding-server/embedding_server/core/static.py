"""The static model: one vector a token, distilled from the transformer; thousands of texts a second on a CPU."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from model2vec import StaticModel

from embedding_server.core.backend import ModelCard, TokenIds, Vectors
from embedding_server.core.distilling import DIMENSIONS
from embedding_server.core.loading import STATIC_MODEL
from embedding_server.core.words import WordTokens

MAX_TOKENS = 512
BATCH_TOKENS = 65_536
INLINE_TOKENS = 128
"""A question, some 50 microseconds of work."""
CHARACTERS_PER_TOKEN = 20


class StaticBackend:
    """Mean of token vectors."""

    def __init__(self, folder: Path, teacher_fingerprint: str) -> None:
        model = StaticModel.from_pretrained(folder, force_download=False)
        self._vectors = np.asarray(model.embedding, dtype=np.float32)
        self._tokenizer = model.tokenizer
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._words = WordTokens(self._tokenizer) if WordTokens.fits(self._tokenizer) else None
        self._unknown = model.unk_token_id or 0
        recipe = f"{teacher_fingerprint}:model2vec:{DIMENSIONS}"
        self._card = ModelCard(
            id=STATIC_MODEL,
            kind="static",
            fingerprint=hashlib.sha256(recipe.encode()).hexdigest(),
            dimensions=self._vectors.shape[1],
            max_tokens=MAX_TOKENS,
            precision="fp32",
            device="cpu",
            batch_tokens=BATCH_TOKENS,
            workers=1,
            memory_bytes=self._vectors.nbytes,
            inline_tokens=INLINE_TOKENS,
        )

    @property
    def card(self) -> ModelCard:
        """What is known of the model."""
        return self._card

    def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        """Token ids without special and unknown tokens; a text of nothing else is one unknown token."""
        limit = MAX_TOKENS * CHARACTERS_PER_TOKEN
        cut = [text[:limit] for text in texts]
        rows = self._words.encode(cut, MAX_TOKENS) if self._words else self._encode(cut)
        unknown = self._unknown
        return [[token for token in row if token != unknown] or [unknown] for row in rows]

    def embed(self, batch: Sequence[TokenIds]) -> Vectors:
        """Average each text's token vectors and bring them to length one."""
        means = np.stack([self._vectors[tokens].mean(axis=0) for tokens in batch])
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        unit: Vectors = means / np.maximum(lengths, np.float32(1e-12))
        return unit

    def _encode(self, texts: Sequence[str]) -> list[TokenIds]:
        encodings = self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        return [encoding.ids for encoding in encodings]
