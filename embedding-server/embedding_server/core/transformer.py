"""The transformer, computed by sentence-transformers in a precision of choice."""

import copy
import os
from collections.abc import Sequence

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer  # type: ignore[import-untyped]
from torch.nn import functional
from transformers.utils import logging as transformers_logging

from embedding_server.core.backend import ModelCard, TokenIds, Vectors
from embedding_server.core.fused import FusedEncoder
from embedding_server.core.weights import Weights

BATCH_TOKENS = {"cpu": 1_024, "cuda": 65_536}
"""Padded tokens a batch: on a CPU no slower than larger ones and short enough for queries to slip in between; on a GPU
enough to fill it."""

GPU_WORKERS = 1

PRECISIONS = {"cpu": ("fp32", "bf16", "bf16-fused"), "cuda": ("fp32", "bf16", "fp16")}
"""What the probe tries; ``fused`` is computed by ``FusedEncoder`` instead of by sentence-transformers."""

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "bf16-fused": torch.bfloat16, "fp16": torch.float16}

CHARACTERS_PER_TOKEN = 40
"""Texts are cut to so many characters a token before the tokenizer reads them, so that a huge one costs nothing."""


def choose_device(wanted: str) -> str:
    """The device to compute on; ``auto`` takes the GPU where there is one."""
    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"


def count_cores(device: str) -> int:
    """Most batches that could pay to compute side by side: one on a GPU, one a core on a CPU."""
    return len(os.sched_getaffinity(0)) if device == "cpu" else GPU_WORKERS


def load_model(weights: Weights, device: str) -> SentenceTransformer:
    """Load a model in fp32 without touching the network.

    A computation stays in its thread; parallel are the batches. Threads of one computation would wait for each other
    at every step, and on cores that other processes use too that makes a query twenty times slower.
    """
    torch.set_num_threads(1)
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return SentenceTransformer(str(weights.folder), device=device, local_files_only=True).eval()


class TransformerBackend:
    """One model in one precision on one device."""

    def __init__(self, model: SentenceTransformer, weights: Weights, precision: str, *, workers: int) -> None:
        device = model.device.type
        self._model = copy.deepcopy(model).to(_DTYPES[precision]) if precision != "fp32" else model
        self._encode = FusedEncoder(self._model) if precision.endswith("-fused") else self._encode_plainly
        self._card = ModelCard(
            id=weights.model_id,
            kind="transformer",
            fingerprint=weights.fingerprint,
            dimensions=int(model.get_embedding_dimension() or 0),
            max_tokens=int(model.max_seq_length or 512),
            precision=precision,
            device=device,
            batch_tokens=BATCH_TOKENS[device],
            workers=workers,
            memory_bytes=sum(weight.nbytes for weight in self._model.parameters()),
        )
        self._tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self._card.max_tokens)

    @property
    def card(self) -> ModelCard:
        """What is known of the model."""
        return self._card

    def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        """Token ids with the model's special tokens, cut to its maximum length."""
        limit = self._card.max_tokens * CHARACTERS_PER_TOKEN
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast([text[:limit] for text in texts])]

    def embed(self, batch: Sequence[TokenIds]) -> Vectors:
        """One forward pass over the padded batch."""
        ids = np.zeros((len(batch), max(map(len, batch))), dtype=np.int64)
        attended = np.zeros(ids.shape, dtype=np.bool_)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            attended[row, : len(tokens)] = True
        device = self._model.device
        with torch.inference_mode():
            unit: Vectors = (
                self._encode(torch.from_numpy(ids).to(device), torch.from_numpy(attended).to(device)).cpu().numpy()
            )
        return unit

    def _encode_plainly(self, ids: torch.Tensor, attended: torch.Tensor) -> torch.Tensor:
        features = {"input_ids": ids, "attention_mask": attended.long()}
        return functional.normalize(self._model(features)["sentence_embedding"].float(), dim=-1)
