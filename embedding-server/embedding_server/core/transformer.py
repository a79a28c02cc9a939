"""The transformer, computed by sentence-transformers in a precision of choice."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer  # type: ignore[import-untyped]
from torch.nn import functional
from transformers.utils import logging as transformers_logging

from embedding_server.core.backend import ModelCard, TokenIds, Vectors
from embedding_server.core.weights import Weights

BATCH_TOKENS = {"cpu": 2_048, "cuda": 65_536}
"""Padded tokens a batch: measured optimum on two CPU cores, and enough to fill a data-centre GPU."""

PRECISIONS = {"cpu": ("fp32", "bf16"), "cuda": ("fp32", "bf16", "fp16")}
_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

CHARACTERS_PER_TOKEN = 40
"""Texts are cut to so many characters a token before the tokenizer reads them, so that a huge one costs nothing."""


def choose_device(wanted: str) -> str:
    """The device to compute on; ``auto`` takes the GPU where there is one."""
    if wanted != "auto":
        return wanted
    return "cuda" if torch.cuda.is_available() else "cpu"


def load_model(weights: Weights, device: str, threads: int) -> SentenceTransformer:
    """Load a model in fp32 without touching the network.

    Args:
        weights: The folder to load from.
        device: ``cpu`` or ``cuda``.
        threads: CPU threads for one computation; 0 leaves the choice to torch.
    """
    if threads:
        torch.set_num_threads(threads)
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return SentenceTransformer(str(weights.folder), device=device, local_files_only=True).eval()


class TransformerBackend:
    """One model in one precision on one device."""

    def __init__(self, model: SentenceTransformer, weights: Weights, precision: str) -> None:
        device = model.device.type
        self._model = copy.deepcopy(model).to(_DTYPES[precision]) if precision != "fp32" else model
        self._card = ModelCard(
            id=weights.model_id,
            kind="transformer",
            fingerprint=weights.fingerprint,
            dimensions=int(model.get_embedding_dimension() or 0),
            max_tokens=int(model.max_seq_length or 512),
            precision=precision,
            device=device,
            batch_tokens=BATCH_TOKENS[device],
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
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        device = self._model.device
        with torch.inference_mode():
            features = {
                "input_ids": torch.from_numpy(ids).to(device),
                "attention_mask": torch.from_numpy(mask).to(device),
            }
            vectors = self._model(features)["sentence_embedding"].float()
            unit: Vectors = functional.normalize(vectors, dim=-1).cpu().numpy()
        return unit
