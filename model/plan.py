"""Which sentences each step reads."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from model.batches import Order, random_batches, token_batches
from model.data import Sentences
from model.recipes import Recipe


@dataclass(frozen=True, slots=True)
class StepPlan:
    """A pure function of the seed, the same for any number of processes."""

    sentences: Sentences
    recipe: Recipe
    seed: int
    accumulate: int = 1
    processes: int = 1

    @property
    def steps_an_epoch(self) -> int:
        return max(1, len(self._order(0)) // (self.accumulate * self.processes))

    def steps(self, process: int = 0, *, after: int = 0) -> Iterator[tuple[int, Order]]:
        """(epoch, the step's micro-batches for this process) of the steps after step `after`, without end.

        Every process gets equally many.
        """
        return itertools.islice(self._steps(process), after, None)

    def _steps(self, process: int) -> Iterator[tuple[int, Order]]:
        wanted = self.accumulate * self.processes
        epoch, waiting = 0, Order()
        while True:
            # What does not fill a step is carried into the next epoch, so that no sentence is left out.
            waiting += self._order(epoch)
            while len(waiting) >= wanted:
                step, waiting = waiting[:wanted], waiting[wanted:]
                yield epoch, step[process :: self.processes]
            epoch += 1

    def _order(self, epoch: int) -> Order:
        if self.recipe.batch_tokens is not None:
            return token_batches(
                self.sentences.lengths, self.recipe.batch_tokens, seed=self.seed, epoch=epoch
            )
        assert self.recipe.batch_sentences is not None, "a recipe sets batch_tokens or batch_sentences"
        return random_batches(len(self.sentences), self.recipe.batch_sentences, seed=self.seed, epoch=epoch)


def smaller_batches(recipe: Recipe, rate: float) -> Recipe:
    """The recipe with batches of `rate` times the size: one of the corpus to retain beside each of the new corpus."""
    tokens, sentences = recipe.batch_tokens, recipe.batch_sentences
    return replace(
        recipe,
        batch_tokens=None if tokens is None else max(1, round(rate * tokens)),
        batch_sentences=None if sentences is None else max(1, round(rate * sentences)),
    )
