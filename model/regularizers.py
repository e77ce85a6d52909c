"""Regularisers: terms beside the masked-LM loss that keep the new model near the old one, loss = MLM + λ·R.

One class a regulariser. Each is called once a batch with the states that the trained network handed out, and returns a
*sum*; `per` says what the loop divides it by, over all micro-batches and processes of a step at once.
"""

from __future__ import annotations

from typing import Literal, Protocol

import torch
from transformers import PreTrainedModel

from model.batches import Batch
from model.errors import ModelError
from model.network import FrozenEncoder
from model.recipes import REGULARIZERS, Reduction


class Regularizer(Protocol):
    """What the training loop asks of a regulariser."""

    layer: int | None  # the hidden states that the trained network must hand out
    per: Literal["tokens", "sentences"]

    def __call__(self, batch: Batch, states: torch.Tensor | None) -> torch.Tensor: ...


class RepresentationDistance:
    """The paper's cross-lingual regulariser: how far the tokens' representations moved from the initial model's.

    For token i of a sentence, with states h_i now and h⁰_i in the frozen initial model on the same masked input:

    * `mean` (the published code): R = mean over all tokens of ‖h_i − h⁰_i‖₂;
    * `sum` (the published formula): R = mean over sentences of the sum over their tokens of ‖h_i − h⁰_i‖₂.

    With sentences of 40 tokens the second is 40 times the first, so λ is not comparable between them. Only real tokens
    count: the published code averages over padding too, which makes R depend on how sentences were batched. The frozen
    model runs without dropout; with dropout in the trained model R is not zero even where nothing has moved.
    """

    def __init__(self, initial: PreTrainedModel, *, layer: int = -2, reduction: Reduction = "mean") -> None:
        self.layer: int | None = layer
        self.per: Literal["tokens", "sentences"] = "tokens" if reduction == "mean" else "sentences"
        self.frozen = FrozenEncoder(initial, layer)

    def __call__(self, batch: Batch, states: torch.Tensor | None) -> torch.Tensor:
        """states: (rows, length, width) of the trained model at `layer`; returns the sum of the distances, shape ()."""
        assert states is not None, "the network was not asked for the regularised layer's states"
        initial = self.frozen.to(states.device)(batch.input_ids, batch.attention_mask)
        return token_distances(states, initial, batch.attention_mask).sum()


def token_distances(
    states: torch.Tensor, initial: torch.Tensor, attention_mask: torch.Tensor
) -> torch.Tensor:
    """‖h_i − h⁰_i‖₂ of every real token, shape (tokens,). Its gradient at zero distance is zero, not NaN."""
    real = attention_mask.bool()
    return torch.linalg.vector_norm(states[real].float() - initial[real].float(), dim=-1)


def build_regularizer(
    name: str, initial: PreTrainedModel, *, layer: int = -2, reduction: Reduction = "mean"
) -> Regularizer:
    """The regulariser called `name`, around a frozen copy of `initial`."""
    if name == "representations":
        return RepresentationDistance(initial, layer=layer, reduction=reduction)
    raise ModelError(f"there is no regulariser {name!r}; known: {', '.join(REGULARIZERS)}")
