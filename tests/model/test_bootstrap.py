"""Intervals of differences between models that were asked for the same words of the same documents."""

from __future__ import annotations

import numpy as np
import pytest

from model.bootstrap import paired_differences
from model.results import DocumentSums

WORDS = 20


def sums(accuracies: np.ndarray) -> DocumentSums:
    correct = np.round(accuracies * WORDS).astype(int)
    return DocumentSums(tuple((WORDS - correct) * 1.0), tuple(correct.tolist()), (WORDS,) * len(correct))


def documents(seed: int, count: int = 150) -> np.ndarray:
    """Documents differ much in how hard they are."""
    return np.random.default_rng(seed).uniform(0.2, 0.8, count)


def test_pairing_takes_the_difficulty_of_documents_out_of_the_difference() -> None:
    hard = documents(0)
    difference = paired_differences({"north": sums(hard)}, [{"north": sums(hard + 0.1)}])[0]["north"].accuracy
    assert difference.value == pytest.approx(10.0)
    # Unpaired, the standard error of one mean alone would be 100 · 0.17 / √150, 1.4 points.
    assert difference.high - difference.low < 0.01


def test_the_interval_covers_the_true_difference_about_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(200):
        random = np.random.default_rng(1_000 + seed)
        base = documents(seed)
        gain = np.round(random.normal(0.1, 0.1, len(base)) * WORDS) / WORDS  # whole words, mean 0.1
        base = np.round(base * WORDS) / WORDS
        found = paired_differences({"north": sums(base)}, [{"north": sums(base + gain)}])[0]["north"].accuracy
        covered += found.low <= 10.0 <= found.high
    assert 180 <= covered <= 198


def test_the_average_of_sets_has_a_difference_of_its_own() -> None:
    base = {"north": sums(documents(1)), "south": sums(documents(2))}
    other = {"north": sums(documents(1) + 0.1), "south": sums(documents(2) - 0.2)}
    found = paired_differences(base, [other])[0]
    assert list(found) == ["north", "south", "average"]
    assert found["average"].accuracy.value == pytest.approx(-5.0)
    assert found["average"].log_perplexity.value == pytest.approx(0.05)


def test_the_same_sums_give_the_same_interval() -> None:
    base, other = {"north": sums(documents(3))}, {"north": sums(documents(4))}
    assert paired_differences(base, [other]) == paired_differences(base, [other])


def test_a_model_does_not_differ_from_itself() -> None:
    base = {"north": sums(documents(5))}
    accuracy = paired_differences(base, [base])[0]["north"].accuracy
    assert (accuracy.value, accuracy.low, accuracy.high) == (0.0, 0.0, 0.0)
