"""The paper's cross-lingual regulariser: how far the tokens' representations moved from the initial model's."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from model.batches import Batch
from model.data import Sentences
from model.network import FrozenModel
from model.recipes import Reduction, Text, Tokens
from model.regularizers.terms import Seen


class RepresentationDistance:
    """For token i of a sentence, with states h_i now and h⁰_i in the frozen initial model:

    * `mean` (the published code): R = mean over the chosen tokens of ‖h_i − h⁰_i‖₂;
    * `sum` (the published formula): R = mean over sentences of the sum over their chosen tokens of ‖h_i − h⁰_i‖₂.

    With sentences of 40 tokens the second is 40 times the first, so λ is not comparable between them. `squared` takes
    ‖h_i − h⁰_i‖² instead: a pull that grows with the distance, where the norm's is the same at any distance. Several
    `layers` are averaged.

    Chosen are real tokens only (the published code averages over padding too, which makes R depend on how sentences
    were batched), and of them `tokens`: all, those that are hidden from the model, those that are visible to it, or
    those that occur in the corpus to retain (`retained`): the old language's words are held, the new one's are free.

    `masked`: the frozen model reads the masked sentence as the trained one does (the published code), or else the whole
    sentence. It runs without dropout; with dropout in the trained model R is not zero even where nothing has moved.

    Cost: a forward pass of the frozen model up to the highest of the layers.
    """

    def __init__(
        self,
        frozen: FrozenModel,
        *,
        layers: Sequence[int] = (-2,),
        reduction: Reduction = "mean",
        squared: bool = False,
        masked: bool = True,
        tokens: Tokens = "all",
        retained: Sentences | None = None,
        text: Text = "corpus",
    ) -> None:
        self.frozen = frozen
        self.layers = tuple(layers)
        self.reduction = reduction
        self.squared = squared
        self.masked = masked
        self.tokens = tokens
        self.text = text
        self._known: torch.Tensor | None = None
        if tokens == "retained":
            assert retained is not None, "the tokens of the corpus to retain were not given"
            self._known = torch.zeros(frozen.network.model.config.vocab_size, dtype=torch.bool)
            self._known[torch.from_numpy(retained.ids).long()] = True

    def count(self, batch: Batch) -> int:
        if self.reduction == "sum":
            return batch.rows
        return batch.tokens if self.tokens == "all" else int(self._chosen(batch).sum())

    def __call__(self, seen: Seen) -> torch.Tensor:
        """The sum of the distances, shape ()."""
        batch = seen.batch
        ids = batch.input_ids if self.masked else batch.unmasked()
        _, initial = self.frozen(ids, batch.attention_mask, batch.target_index)
        chosen = self._chosen(batch)
        total = sum(
            (self._distances(seen.states[layer], before, chosen).sum())
            for layer, before in zip(self.layers, initial, strict=True)
        )
        assert isinstance(total, torch.Tensor)
        return total / len(self.layers)

    def _distances(self, states: torch.Tensor, initial: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        if self.squared:
            return (states[chosen].float() - initial[chosen].float()).square().sum(dim=-1)
        return token_distances(states, initial, chosen)

    def _chosen(self, batch: Batch) -> torch.Tensor:
        """Which tokens count, (rows, length)."""
        real = batch.attention_mask.bool()
        if self.tokens == "all":
            return real
        if self._known is not None:
            self._known = self._known.to(real.device)
            return real & self._known[batch.unmasked()]
        hidden = torch.zeros_like(real)
        hidden.view(-1)[batch.target_index] = True
        return hidden if self.tokens == "hidden" else real & ~hidden


def token_distances(states: torch.Tensor, initial: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
    """‖h_i − h⁰_i‖₂ of every token that `chosen` (rows, length) marks, shape (tokens,).

    Its gradient at zero distance is zero, not NaN.
    """
    real = chosen.bool()
    return torch.linalg.vector_norm(states[real].float() - initial[real].float(), dim=-1)
