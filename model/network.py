"""The network as training and evaluation see it: hidden tokens in, their logits and the chosen layers' states out.

A masked-LM loss needs logits at the hidden tokens only, about one in seven. The usual `model(input_ids, labels=...)`
computes them at every position, padding included: with a small body most of the step. Here the encoder runs once and
the output head reads the hidden positions alone, where the architecture's head is known; where it is not, the usual
way gives the same numbers.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import torch
from torch import nn
from transformers import PreTrainedModel

from model.errors import ModelError

States = tuple[torch.Tensor, ...]


class MaskedLanguageModel(nn.Module):
    """Encoder and output head of a BERT-like checkpoint; `layers` names the hidden states to hand out as well.

    Layers count as in `hidden_states` of transformers: 0 is the embeddings' output, -1 the last layer's.
    """

    def __init__(self, model: PreTrainedModel, layers: Sequence[int] = ()) -> None:
        super().__init__()
        self.model = model
        self.layers = tuple(layers)
        for layer in self.layers:
            check_layer(model, layer)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, target_index: torch.Tensor
    ) -> tuple[torch.Tensor, States]:
        """The fields of a `Batch` to (logits (targets, vocabulary), for each layer its states (rows, length, width)).

        Plain tensors in and out, because wrappers for several processes look inside.
        """
        head = output_head(self.model)
        output = (self.model if head is None else self.model.base_model)(
            input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=bool(self.layers)
        )
        if head is None:
            logits = output.logits.flatten(0, 1)[target_index]
        else:
            logits = head(output.last_hidden_state.flatten(0, 1)[target_index])
        return logits, tuple(output.hidden_states[layer] for layer in self.layers)


def output_head(model: PreTrainedModel) -> Callable[[torch.Tensor], torch.Tensor] | None:
    """The module(s) between the last hidden states and the logits; None where the architecture keeps them elsewhere."""
    parts = dict(model.named_children())
    for name in ("cls", "lm_head"):  # BERT and most of its kin; RoBERTa, XLM-R, CamemBERT
        if name in parts:
            return parts[name]
    if {"head", "decoder"} <= parts.keys():  # ModernBERT
        return nn.Sequential(parts["head"], parts["decoder"])
    return None


class FrozenModel(nn.Module):
    """The initial model as it was: no gradient, no dropout, and without `logits` no layer above the wanted ones.

    With `precision` "bf16" its linear layers are kept in bf16: autocast would cast them anew in every step, to the same
    numbers.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        layers: Sequence[int] = (),
        *,
        logits: bool = False,
        precision: str = "fp32",
    ) -> None:
        super().__init__()
        for layer in layers:
            check_layer(model, layer)
        depth = model.config.num_hidden_layers
        numbers = [layer % (depth + 1) for layer in layers]
        frozen = copy.deepcopy(model)
        if not logits:
            _cut_above(frozen, max(numbers))
        if precision == "bf16":
            embeddings = frozen.get_input_embeddings().weight  # tied to the output head, and never cast
            for module in frozen.modules():
                if isinstance(module, nn.Linear) and module.weight is not embeddings:
                    module.to(torch.bfloat16)
        self.network = MaskedLanguageModel(frozen, numbers)
        self.logits = logits
        self.eval().requires_grad_(False)

    @torch.no_grad()
    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, target_index: torch.Tensor
    ) -> tuple[torch.Tensor, States]:
        """As the trained network's; the logits are empty unless they were asked for."""
        return self.network(input_ids, attention_mask, target_index if self.logits else target_index[:0])

    def train(self, mode: bool = True) -> FrozenModel:
        """Stay in evaluation mode, whatever the model around does."""
        return super().train(False)


def _cut_above(model: PreTrainedModel, layer: int) -> None:
    """Drop the layers above `layer`, which cannot change its states, where the stack has BERT's form.

    One stays even for the embeddings' output: the states are collected as the inputs and outputs of layers.
    """
    body = dict(model.base_model.named_children()).get("encoder")
    stack = dict(body.named_children()).get("layer") if body is not None else None
    if body is not None and isinstance(stack, nn.ModuleList):
        body.layer = stack[: max(1, layer)]


def check_layer(model: PreTrainedModel, layer: int) -> None:
    """Raise `ModelError` unless `layer` is one of the model's hidden states."""
    depth = model.config.num_hidden_layers
    if not -(depth + 1) <= layer <= depth:
        raise ModelError(
            f"there is no layer {layer}: the model has {depth} (0 is the embeddings' output, -1 the last layer)"
        )
