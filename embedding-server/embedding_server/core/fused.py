"""A BERT encoder for the CPU that computes what sentence-transformers computes, in half the time for a question.

Of the time that a dozen tokens take, most goes into preparing multiplications and little into multiplying. So queries,
keys and values are one multiplication instead of three, weights are laid out for oneDNN once instead of at every call,
and there is no mask where nothing is padded. TorchInductor does the same when it freezes a model (see
``torch/_inductor/fx_passes/mkldnn_fusion.py``), but needs a C++ compiler at run time. The two operators are not public,
so this is one of the variants that the start-up probe has to prove: where it fails, is slower or differs, it is not used.
"""

from dataclasses import dataclass
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling
from torch import Tensor
from torch.nn import LayerNorm, Linear, functional
from transformers import BertModel


class NotFusible(RuntimeError):
    """The model is of another kind than this encoder computes."""


@dataclass(frozen=True, slots=True)
class _Packed:
    """A linear layer whose weights are laid out for oneDNN."""

    weight: Tensor
    bias: Tensor

    @classmethod
    def of(cls, *layers: Linear) -> "_Packed":
        """One layer from several that read the same input: their outputs come one after the other."""
        weight = torch.cat([layer.weight for layer in layers]).contiguous()
        bias = torch.cat([layer.bias for layer in layers]).contiguous()
        return cls(torch.ops.mkldnn._reorder_linear_weight(weight, None), bias)  # noqa: SLF001 - see above

    def __call__(self, values: Tensor) -> Tensor:
        linear = torch.ops.mkldnn._linear_pointwise  # noqa: SLF001 - see above
        result: Tensor = linear(values, self.weight, self.bias, "none", [], "")
        return result


@dataclass(frozen=True, slots=True)
class _Layer:
    """One of the encoder's layers."""

    heads: int
    projections: _Packed
    attention: _Packed
    attention_norm: LayerNorm
    widen: _Packed
    narrow: _Packed
    norm: LayerNorm

    @classmethod
    def of(cls, layer: Any, heads: int) -> "_Layer":
        inner, outer = layer.attention.self, layer.attention.output
        return cls(
            heads=heads,
            projections=_Packed.of(inner.query, inner.key, inner.value),
            attention=_Packed.of(outer.dense),
            attention_norm=outer.LayerNorm,
            widen=_Packed.of(layer.intermediate.dense),
            narrow=_Packed.of(layer.output.dense),
            norm=layer.output.LayerNorm,
        )

    def __call__(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        texts, length, width = hidden.shape
        parts = self.projections(hidden).view(texts, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        seen = self.attention(seen.transpose(1, 2).reshape(texts, length, width))
        hidden = self.attention_norm(seen + hidden)
        return self.norm(self.narrow(functional.gelu(self.widen(hidden))) + hidden)  # type: ignore[no-any-return]


class FusedEncoder:
    """Token ids to unit vectors: embeddings, layers, mean over the tokens."""

    def __init__(self, model: SentenceTransformer) -> None:
        """Take over the weights of a model, in the precision they have.

        Raises:
            NotFusible: It is not a BERT whose token vectors are averaged.
            RuntimeError: This build of torch cannot pack weights of that precision.
            AttributeError: This build of torch has no such operators.
        """
        reader, pooling, *_ = [*model, None]
        bert = getattr(reader, "auto_model", None)
        averages = isinstance(pooling, Pooling) and pooling.get_config_dict()["pooling_mode"] == "mean"
        if not averages or not isinstance(bert, BertModel) or bert.config.hidden_act != "gelu":
            raise NotFusible("not a BERT with mean pooling")
        self._embeddings = bert.embeddings
        with torch.inference_mode():
            self._positions = (
                self._embeddings.position_embeddings.weight + self._embeddings.token_type_embeddings.weight[0]
            )
            self._layers = [_Layer.of(layer, bert.config.num_attention_heads) for layer in bert.encoder.layer]

    def __call__(self, ids: Tensor, attended: Tensor) -> Tensor:
        """Vectors of length one.

        Args:
            ids: Token ids, shape ``(texts, tokens)``, padded at the end.
            attended: Which of them are no padding, bool, of the same shape.

        Returns:
            Shape ``(texts, dimensions)``, float32.
        """
        mask = None if bool(attended.all()) else attended[:, None, None, :]
        hidden = self._embeddings.LayerNorm(self._embeddings.word_embeddings(ids) + self._positions[: ids.shape[1]])
        for layer in self._layers:
            hidden = layer(hidden, mask)
        sums = (hidden.float() * attended[:, :, None]).sum(dim=1)
        return functional.normalize(sums, dim=-1)
