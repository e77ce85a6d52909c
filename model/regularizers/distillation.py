"""Learning without forgetting: the trained model's guesses stay near the frozen model's."""

from __future__ import annotations

import torch
from torch.nn import functional

from model.batches import Batch
from model.network import FrozenModel
from model.recipes import Text
from model.regularizers.terms import Seen


class Distillation:
    """Li and Hoiem 2017, equation 3, at the hidden tokens of a masked language model.

    With the distributions p⁰ of the frozen initial model and p of the trained one over the vocabulary, both from logits
    divided by the temperature T: R = mean over hidden tokens of T²·KL(p⁰ ‖ p). The source writes the cross-entropy,
    which differs from the divergence by a constant; the divergence is zero where nothing has moved. T² keeps the
    gradient's size (Hinton et al. 2015, section 2). T above 1 lets the unlikely words speak; Li and Hoiem take 2.

    `text`: on the new corpus's batches (what the source does, for lack of old data), or on those of the corpus to
    retain.

    Cost: a forward pass of the whole frozen model, its output head at the hidden tokens only; on the corpus to retain
    also the passes over its batches.
    """

    layers: tuple[int, ...] = ()

    def __init__(self, frozen: FrozenModel, *, temperature: float = 2.0, text: Text = "corpus") -> None:
        self.frozen = frozen
        self.temperature = temperature
        self.text = text

    def count(self, batch: Batch) -> int:
        return len(batch.target_ids)

    def __call__(self, seen: Seen) -> torch.Tensor:
        """T²·KL summed over the hidden tokens, shape ()."""
        batch = seen.batch
        initial, _ = self.frozen(batch.input_ids, batch.attention_mask, batch.target_index)
        before, now = (
            functional.log_softmax(logits.float() / self.temperature, dim=-1)
            for logits in (initial, seen.logits)
        )
        return self.temperature**2 * functional.kl_div(now, before, reduction="sum", log_target=True)
