"""The network as training and evaluation see it: hidden tokens in, their logits and the chosen layer's states out.

A masked-LM loss needs logits at the hidden tokens only, about one in seven. The usual `model(input_ids, labels=...)`
computes them at every position, padding included: with a small body most of the step. Here the encoder runs once and
the output head reads the hidden positions alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import nn
from transformers import PreTrainedModel

from model.errors import ModelError


class MaskedLanguageModel(nn.Module):
    """Encoder and output head of a BERT-like checkpoint; `layer` names the hidden states to hand out as well.

    Layers count as in `hidden_states` of transformers: 0 is the embeddings' output, -1 the last layer's.
    """

    def __init__(self, model: PreTrainedModel, layer: int | None = None) -> None:
        super().__init__()
        self.model = model
        self.layer = layer
        output_head(model)  # found now, or refused now
        if layer is not None:
            check_layer(model, layer)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, target_index: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """The fields of a `Batch` to (logits (targets, vocabulary), states (rows, length, width) or None).

        Plain tensors in and out, because wrappers for several processes look inside.
        """
        output = self.model.base_model(
            input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=self.layer is not None
        )
        logits = output_head(self.model)(output.last_hidden_state.flatten(0, 1)[target_index])
        return logits, None if self.layer is None else output.hidden_states[self.layer]


def output_head(model: PreTrainedModel) -> Callable[[torch.Tensor], torch.Tensor]:
    """The module(s) between the last hidden states and the logits.

    Raises `ModelError` for an architecture whose head is none of the three known forms.
    """
    parts = dict(model.named_children())
    for name in ("cls", "lm_head"):  # BERT and most of its kin; RoBERTa, XLM-R, CamemBERT
        if name in parts:
            return parts[name]
    if {"head", "decoder"} <= parts.keys():  # ModernBERT
        return nn.Sequential(parts["head"], parts["decoder"])
    raise ModelError(
        f"the output head of a {model.config.model_type!r} model is not known here; use a BERT, RoBERTa or ModernBERT"
    )


class FrozenEncoder(nn.Module):
    """The initial model's hidden states at one layer: no gradient, no dropout, no output head, no layer above."""

    def __init__(self, model: PreTrainedModel, layer: int) -> None:
        super().__init__()
        check_layer(model, layer)
        encoder = copy.deepcopy(model.base_model)
        depth = model.config.num_hidden_layers
        self.layer = layer % (depth + 1)
        body = dict(encoder.named_children()).get("encoder")
        stack = dict(body.named_children()).get("layer") if body is not None else None
        if body is not None and isinstance(stack, nn.ModuleList):
            # Layers above the wanted one cannot change its states. One stays even for the embeddings' output: the
            # states are collected as the inputs and outputs of layers.
            body.layer = stack[: max(1, self.layer)]
        self.encoder = encoder.eval().requires_grad_(False)

    @torch.no_grad()
    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """(rows, length) ids and mask to (rows, length, width) states."""
        output = self.encoder(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
        return output.hidden_states[self.layer]

    def train(self, mode: bool = True) -> FrozenEncoder:
        """Stay in evaluation mode, whatever the model around does."""
        return super().train(False)


def check_layer(model: PreTrainedModel, layer: int) -> None:
    """Raise `ModelError` unless `layer` is one of the model's hidden states."""
    depth = model.config.num_hidden_layers
    if not -(depth + 1) <= layer <= depth:
        raise ModelError(
            f"there is no layer {layer}: the model has {depth} (0 is the embeddings' output, -1 the last layer)"
        )
