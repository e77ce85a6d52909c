"""What the training loop asks of the terms of its loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import torch

from model.batches import Batch
from model.network import States
from model.recipes import Text

if TYPE_CHECKING:
    from model.regularizers.weights import WeightDistance


@dataclass(frozen=True, slots=True)
class Seen:
    """One forward pass of the trained network: the batch, logits (targets, vocabulary), and states by layer."""

    batch: Batch
    logits: torch.Tensor
    states: dict[int, torch.Tensor]

    @classmethod
    def of(cls, batch: Batch, layers: tuple[int, ...], output: tuple[torch.Tensor, States]) -> Seen:
        logits, states = output
        return cls(batch, logits, dict(zip(layers, states, strict=True)))


class BatchRegularizer(Protocol):
    """A term that is a mean over tokens, sentences or targets of the batches of `text`.

    It returns a batch's *sum*, and says by `count` how many things it summed over; the loop divides by the count over
    all micro-batches and processes of a step at once.
    """

    text: Text  # the batches it looks at: the new corpus's, or those of the corpus to retain
    layers: tuple[int, ...]  # the hidden states that the trained network must hand out

    def count(self, batch: Batch) -> int: ...

    def __call__(self, seen: Seen) -> torch.Tensor: ...


@dataclass(frozen=True, slots=True)
class Term:
    """One term of the loss: `weight` is its λ."""

    name: str
    weight: float
    regularizer: BatchRegularizer | WeightDistance
