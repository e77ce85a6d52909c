"""What a run reads in which order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model.checkpoint import load_checkpoint
from model.data import Sentences, find_corpus, tokenize
from model.plan import StepPlan, smaller_batches
from model.recipes import RECIPES

RECIPE = RECIPES["default"]


@pytest.fixture(scope="module")
def sentences(base: Path, dprk: Path) -> Sentences:
    _, tokenizer = load_checkpoint(str(base))
    return tokenize([(find_corpus(dprk), "train")], tokenizer, 64, describe="")


@pytest.mark.parametrize(("accumulate", "processes"), [(1, 1), (3, 1), (1, 2), (2, 3)])
def test_every_process_gets_its_share_and_together_they_read_each_sentence_once(
    sentences: Sentences, accumulate: int, processes: int
) -> None:
    plan = StepPlan(sentences, RECIPE, seed=5, accumulate=accumulate, processes=processes)
    read = []
    for process in range(processes):
        steps = plan.steps(process)
        for _ in range(plan.steps_an_epoch):
            epoch, batches = next(steps)
            assert epoch == 0
            assert len(batches) == accumulate
            read += [int(sentence) for batch in batches for sentence in batch]
    assert len(set(read)) == len(read)
    waiting = (accumulate * processes - 1) * RECIPE.batch_tokens  # what did not fill a last step
    assert sum(sentences.lengths[read]) >= sentences.lengths.sum() - waiting


def test_what_does_not_fill_a_step_is_read_first_in_the_next_epoch(sentences: Sentences) -> None:
    plan = StepPlan(sentences, RECIPE, seed=5, accumulate=4)
    steps, read = plan.steps(), []
    while len(read) < 2 * len(sentences):
        read += [int(sentence) for batch in next(steps)[1] for sentence in batch]
    assert np.bincount(read[: 2 * len(sentences)], minlength=len(sentences)).min() >= 1


def test_a_plan_begins_after_any_step_as_if_it_had_come_there(sentences: Sentences) -> None:
    plan = StepPlan(sentences, RECIPE, seed=5, accumulate=2)
    whole, later = plan.steps(), plan.steps(after=7)
    seen = [next(whole) for _ in range(9)]
    for epoch, batches in seen[7:]:
        again_epoch, again = next(later)
        assert again_epoch == epoch
        assert all(np.array_equal(one, other) for one, other in zip(batches, again, strict=True))


def test_smaller_batches_are_a_share_of_the_recipes_and_never_empty() -> None:
    assert smaller_batches(RECIPES["default"], 0.25).batch_tokens == 512
    assert smaller_batches(RECIPES["paper"], 0.25).batch_sentences == 2
    assert smaller_batches(RECIPES["paper"], 0.01).batch_sentences == 1
