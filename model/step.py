"""One step of training: passes forward and backward, terms of the loss, update; and what the optimiser is told."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from accelerate import Accelerator
from torch import nn
from torch.nn import functional

from model.batches import Batch
from model.network import MaskedLanguageModel
from model.recipes import Recipe, Text
from model.regularizers import Seen, Term, WeightDistance


@dataclass(frozen=True, slots=True)
class StepSums:
    """One step over all micro-batches and processes: the loss's parts (0-dimensional), real tokens read."""

    mlm: torch.Tensor | float = float("nan")
    terms: dict[str, torch.Tensor] = field(default_factory=dict)  # each term's R, before its weight
    tokens: int = 0

    def loss(self, terms: Sequence[Term]) -> float:
        total = self.mlm
        for term in terms:
            total = total + term.weight * self.terms[term.name]
        return float(total)

    def parts(self, terms: Sequence[Term]) -> dict[str, dict[str, float]]:
        """Each term's raw value and what it adds to the loss."""
        values = {term.name: float(self.terms[term.name]) for term in terms}
        return {
            term.name: {"value": values[term.name], "weighted": term.weight * values[term.name]}
            for term in terms
        }


def take_step(
    accelerator: Accelerator,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Sequence[Batch],
    clip: float | None,
    terms: Sequence[Term] = (),
    retained: Sequence[Batch] = (),
) -> StepSums:
    """Forward, backward and update on `batches` as if they, and those of the other processes, were one batch.

    `retained` are the step's batches of the corpus to retain, for the terms that look at them. Every sum is divided by
    its count over the whole step, so a hidden token weighs the same wherever it stands. (A mean of micro-batch means,
    the usual way, weighs it by its batch.)
    """
    # The new corpus comes last: its loss reaches every weight, which several processes wait for in the last pass.
    passes: list[tuple[Batch, Text]] = [
        *((batch, "retain") for batch in retained),
        *((batch, "corpus") for batch in batches),
    ]
    looking = {
        number: term.regularizer
        for number, term in enumerate(terms)
        if not isinstance(term.regularizer, WeightDistance)
    }
    counts = torch.tensor(
        [
            sum(len(batch.target_ids) for batch in batches),
            sum(batch.tokens for batch, _ in passes),
            *(
                sum(regularizer.count(batch) for batch, text in passes if text == regularizer.text)
                for regularizer in looking.values()
            ),
        ],
        device=accelerator.device,
    )
    targets, tokens, *shares = (int(count) for count in accelerator.reduce(counts, reduction="sum"))
    share = dict(zip(looking, shares, strict=True))
    layers = _layers(accelerator, network)
    parts = torch.zeros(1 + len(terms), device=accelerator.device)
    for place, (batch, text) in enumerate(passes):
        last = place + 1 == len(passes)
        with contextlib.nullcontext() if last else accelerator.no_sync(network):
            with accelerator.autocast():
                output = network(batch.input_ids, batch.attention_mask, batch.target_index)
            seen = Seen.of(batch, layers, output)
            loss = torch.zeros((), device=accelerator.device)
            if text == "corpus":
                mlm = functional.cross_entropy(seen.logits.float(), batch.target_ids, reduction="sum")
                loss = mlm / max(1, targets)
                parts[0] += loss.detach()
            for number, regularizer in looking.items():
                if regularizer.text == text:
                    with accelerator.autocast():
                        distance = regularizer(seen) / max(1, share[number])
                    loss = loss + terms[number].weight * distance
                    parts[1 + number] += distance.detach()
            # Several processes average their gradients; ours are shares of a sum.
            accelerator.backward(loss * accelerator.num_processes)
    sums = accelerator.reduce(parts, reduction="sum")
    for number, term in enumerate(terms):
        if isinstance(term.regularizer, WeightDistance):
            sums[1 + number] = term.regularizer.add_gradient(term.weight)
    if clip is not None:
        accelerator.clip_grad_norm_(network.parameters(), clip)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    mlm_sum, *term_sums = sums
    return StepSums(mlm_sum, dict(zip((term.name for term in terms), term_sums, strict=True)), tokens)


def _layers(accelerator: Accelerator, network: nn.Module) -> tuple[int, ...]:
    """The layers whose states the network hands out."""
    unwrapped = accelerator.unwrap_model(network)
    assert isinstance(unwrapped, MaskedLanguageModel)
    return unwrapped.layers


def learning_rate(step: int, total: int, recipe: Recipe) -> float:
    """Linear warm-up over the first share of the steps; then the recipe's schedule, which would be at its end after the
    last step: linear or half a cosine to zero, or constant."""
    warm = round(recipe.warmup * total)
    if step <= warm:
        factor = step / warm
    elif recipe.schedule == "linear":
        factor = (total - step + 1) / (total - warm)
    elif recipe.schedule == "cosine":
        factor = (1 + math.cos(math.pi * (step - 1 - warm) / (total - warm))) / 2
    else:
        factor = 1.0
    return recipe.learning_rate * factor


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices only; biases and LayerNorm weights are vectors."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {"params": [parameter for parameter in trained if parameter.ndim >= 2], "weight_decay": weight_decay},
        {"params": [parameter for parameter in trained if parameter.ndim < 2], "weight_decay": 0.0},
    ]


def set_dropout(model: nn.Module, probability: float) -> None:
    """Set every dropout of the model, the attention's too; the configuration that is saved keeps its own values."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = probability
