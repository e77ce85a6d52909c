"""Intervals for differences between models: a paired bootstrap over documents.

Sentences of one document are alike, so whole documents are drawn. All models are weighed by the same draws: what makes
a document hard for every model then leaves their difference (Koehn 2004; Berg-Kirkpatrick et al. 2012).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.results import DocumentSums

AVERAGE = "average"
DRAWS, CHUNK = 2_000, 200
LOW, HIGH = 2.5, 97.5  # per cent: a 95 % interval


@dataclass(frozen=True, slots=True)
class Difference:
    """A model's figure less the baseline's, with a 95 % interval."""

    value: float
    low: float
    high: float

    def text(self, digits: int) -> str:
        """`+1.20 [+0.80, +1.60]`."""
        return f"{self.value:+.{digits}f} [{self.low:+.{digits}f}, {self.high:+.{digits}f}]"


@dataclass(frozen=True, slots=True)
class Differences:
    """On one set, or as the average of sets: log-perplexity in nats, accuracy in per cent."""

    log_perplexity: Difference
    accuracy: Difference


def paired_differences(
    baseline: Mapping[str, DocumentSums], models: Sequence[Mapping[str, DocumentSums]], *, seed: int = 0
) -> list[dict[str, Differences]]:
    """For each of `models`, by set: its difference from `baseline`; with several sets also that of the average, last.

    A mapping holds the sums of one model by the set's name; all have the same sets with the same documents. Sets are
    drawn independently of each other.
    """
    differences: list[dict[str, Differences]] = [{} for _ in models]
    every = []
    for number, name in enumerate(baseline):
        drawn = _figures([baseline[name], *(model[name] for model in models)], (seed, number))
        every.append(drawn)
        for found, difference in zip(differences, _against_first(drawn), strict=True):
            found[name] = difference
    if len(every) > 1:
        for found, difference in zip(differences, _against_first(np.mean(every, axis=0)), strict=True):
            found[AVERAGE] = difference
    return differences


def _figures(sums: Sequence[DocumentSums], seed: tuple[int, int]) -> npt.NDArray[np.float64]:
    """(models, 1 + DRAWS, 2) log-perplexities and accuracies: of the documents as they are, then of each draw."""
    table = np.array([[one.nll, one.correct, one.targets] for one in sums], dtype=np.float64)
    documents = table.shape[2]
    random = np.random.default_rng(seed)
    weights = [np.ones((1, documents))]
    weights += [
        random.multinomial(documents, np.full(documents, 1 / documents), size=CHUNK).astype(np.float64)
        for _ in range(DRAWS // CHUNK)
    ]
    drawn = np.concatenate([table @ each.T for each in weights], axis=2)  # (models, 3, 1 + DRAWS)
    nll, correct, targets = drawn[:, 0], drawn[:, 1], drawn[:, 2]
    return np.stack((nll / targets, 100 * correct / targets), axis=2)


def _against_first(figures: npt.NDArray[np.float64]) -> list[Differences]:
    """What `_figures` gave, the baseline first, to each other model's differences."""
    differences = figures[1:] - figures[:1]
    low, high = np.nanpercentile(differences[:, 1:], (LOW, HIGH), axis=1)
    return [
        Differences(
            *(
                Difference(float(value), float(least), float(most))
                for value, least, most in zip(values, lows, highs, strict=True)
            )
        )
        for values, lows, highs in zip(differences[:, 0], low, high, strict=True)
    ]
