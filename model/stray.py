"""Representation stray: how far a model's representations are from those of the model it started from.

The paper's Figure 1 follows it over training. It is measured here on fixed, unmasked sentences with dropout off,
the same for every run, so that curves with and without the regulariser can be laid over each other.
"""

from __future__ import annotations

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.batches import Masker, sorted_batches
from model.data import Sentences
from model.device import autocast
from model.network import MaskedLanguageModel
from model.regularizers.representations import token_distances

PROBE_SENTENCES, PROBE_BUDGET = 128, 4_096


class StrayProbe:
    """Measures the mean distance of some sentences' representations from those at the first measurement."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, sentences: Sentences, *, layer: int = -2) -> None:
        self.layer = layer
        sample = sentences.subset(PROBE_SENTENCES)
        masker = Masker.of(sample, tokenizer, seed=0, probability=0.0, mask_unknown=False)
        self._batches = [
            masker.batch(chosen, epoch=0, hide=False)
            for chosen in sorted_batches(sample.lengths, PROBE_BUDGET)
        ]
        self._initial: list[torch.Tensor] | None = None

    def measure(self, model: PreTrainedModel, precision: str) -> float:
        """Mean L2 distance of a token's states at the layer since the first call; 0 there.

        The model is left in evaluation mode.
        """
        states = self._states(model, precision)
        if self._initial is None:
            self._initial = states
        masks = (batch.attention_mask.to(model.device) for batch in self._batches)
        distances = map(token_distances, states, self._initial, masks)
        return float(torch.cat(list(distances)).mean())

    @torch.inference_mode()
    def _states(self, model: PreTrainedModel, precision: str) -> list[torch.Tensor]:
        network = MaskedLanguageModel(model.eval(), [self.layer])
        found = []
        for batch in (batch.to(model.device) for batch in self._batches):
            with autocast(model.device, precision):
                _, (states,) = network(batch.input_ids, batch.attention_mask, batch.target_index)
            found.append(states.float())
        return found
