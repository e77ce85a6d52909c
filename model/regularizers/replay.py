"""Replay: the model goes on reading a little of the language that it must not forget."""

from __future__ import annotations

import torch
from torch.nn import functional

from model.batches import Batch
from model.recipes import Text
from model.regularizers.terms import Seen


class Replay:
    """R = mean cross-entropy over the hidden tokens of batches of the corpus to retain (rehearsal: Robins 1995).

    The mixing rate ρ says how many tokens of it are read for each token of the new corpus. With λ = ρ every hidden
    token of either corpus weighs the same: plain mixing. Ibrahim et al. 2024 advise 5 % for a weak shift of language
    and 25 % for a strong one.

    Cost: ρ times a step. No frozen model, no further memory.
    """

    text: Text = "retain"
    layers: tuple[int, ...] = ()

    def count(self, batch: Batch) -> int:
        return len(batch.target_ids)

    def __call__(self, seen: Seen) -> torch.Tensor:
        """The cross-entropy summed over the hidden tokens, shape ()."""
        return functional.cross_entropy(seen.logits.float(), seen.batch.target_ids, reduction="sum")
