"""Distances of the weights from the initial ones: L2-SP, and weighted by what they matter, EWC."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import torch
from torch import nn
from torch.distributed.tensor import DTensor, distribute_tensor
from transformers import PreTrainedModel

from model.errors import ModelError


class WeightDistance:
    """R = ½ Σ_j F_j (θ_j − θ⁰_j)² over the chosen parameters.

    * Without `information` F = 1: L2-SP (Li et al. 2018, equation 2; there are no new parameters, so its second part is
      empty). It is weight decay towards the start instead of towards zero.
    * With the diagonal of the Fisher information: elastic weight consolidation (Kirkpatrick et al. 2017, equation 3).
      What the old language needs is held, the rest is free. See `fisher` for what the information is.

    The gradient λ·F·(θ − θ⁰) is added to the others once a step, after they were averaged over processes and before
    clipping: no graph is kept for it.

    Cost: a copy of the chosen weights, for EWC two, and a few passes over them a step, whatever the batch's size.
    """

    def __init__(self, names: Sequence[str], information: Mapping[str, torch.Tensor] | None = None) -> None:
        self._names = tuple(names)
        self._information = information
        self._parameters: list[torch.Tensor] = []
        self._initial: list[torch.Tensor] = []
        self._importance: list[torch.Tensor] | None = None

    def begin(self, model: nn.Module) -> None:
        """Take the weights that `model` has now for the initial ones; after it was put on its device, or sharded."""
        parameters = dict(model.named_parameters())
        self._parameters = [parameters[name] for name in self._names]
        self._initial = [parameter.detach().clone() for parameter in self._parameters]
        if self._information is not None:
            self._importance = [
                _placed_like(self._information[name], parameter)
                for name, parameter in zip(self._names, self._parameters, strict=True)
            ]

    @torch.no_grad()
    def add_gradient(self, weight: float) -> torch.Tensor:
        """Add `weight`·∂R/∂θ to the gradients; returns R, shape ()."""
        moved = torch._foreach_sub(self._parameters, self._initial)
        pull = moved if self._importance is None else torch._foreach_mul(moved, self._importance)
        halves = [(part * force).sum() for part, force in zip(moved, pull, strict=True)]
        value = (
            0.5
            * torch.stack(
                [half.full_tensor() if isinstance(half, DTensor) else half for half in halves]
            ).sum()
        )
        gradients = []
        for parameter in self._parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            gradients.append(parameter.grad)
        torch._foreach_add_(gradients, pull, alpha=weight)
        return value


def chosen_parameters(model: PreTrainedModel, pattern: str | None) -> list[str]:
    """Names of the trained parameters in which the regular expression `pattern` is found; all without one.

    Raises `ModelError` when it is no regular expression, or found nowhere.
    """
    names = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    try:
        found = [name for name in names if pattern is None or re.search(pattern, name)]
    except re.error as error:
        raise ModelError(f"--parameters {pattern!r} is no regular expression: {error}") from error
    if not found:
        raise ModelError(
            f"--parameters {pattern!r} is found in no parameter's name; one is called {names[0]}"
        )
    return found


def _placed_like(tensor: torch.Tensor, parameter: torch.Tensor) -> torch.Tensor:
    """`tensor` on the device of `parameter`, and sharded as it is."""
    placed = tensor.to(parameter.device)
    if isinstance(parameter, DTensor):
        return distribute_tensor(placed, parameter.device_mesh, parameter.placements)
    return placed
