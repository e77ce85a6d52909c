"""The loop: what a step computes, and what a run reads in which order."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from model.batches import Masker
from model.checkpoint import load_checkpoint
from model.data import Sentences, find_corpus, tokenize
from model.errors import ModelError
from model.fit import StepPlan, fit, learning_rate, parameter_groups, set_dropout, take_step
from model.network import MaskedLanguageModel
from model.recipes import RECIPES, Run
from model.regularizers import RepresentationDistance

RECIPE = RECIPES["default"]


@pytest.fixture(scope="module")
def sentences(base: Path, dprk: Path) -> Sentences:
    _, tokenizer = load_checkpoint(str(base))
    return tokenize([(find_corpus(dprk), "train")], tokenizer, 64, describe="")


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_several_batches_a_step_give_the_gradient_of_one_large_batch(
    base: Path, sentences: Sentences, reduction: str
) -> None:
    gradients = []
    for parts in (1, 3):
        model, tokenizer = load_checkpoint(str(base))
        masker = Masker.of(sentences, tokenizer, seed=0, probability=0.15, mask_unknown=False)
        regularizer = RepresentationDistance(model, reduction=reduction)
        with torch.no_grad():
            model.base_model.encoder.layer[0].output.dense.weight.mul_(1.2)
        AcceleratorState._reset_state()
        accelerator = Accelerator(cpu=True)
        network = MaskedLanguageModel(model, -2)
        optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
        before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
        batches = [masker.batch(rows, 0) for rows in np.array_split(np.arange(12), parts)]
        take_step(accelerator, network, optimizer, batches, None, regularizer, 0.5)
        gradients.append(
            {name: parameter.detach() - before[name] for name, parameter in model.named_parameters()}
        )
    for name, whole in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], whole, rtol=1e-3, atol=1e-5)


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


def test_the_learning_rate_rises_then_falls_to_nothing() -> None:
    recipe = replace(RECIPE, learning_rate=1.0, warmup=0.1)
    rates = [learning_rate(step, 100, recipe) for step in range(1, 101)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == pytest.approx(1.0)
    assert rates[-1] == pytest.approx(1 / 90)
    assert rates[9:] == sorted(rates[9:], reverse=True)


def test_without_warm_up_the_first_step_has_the_full_rate() -> None:
    assert learning_rate(1, 10, replace(RECIPE, learning_rate=2.0, warmup=0.0)) == 2.0


def test_biases_and_layer_norms_do_not_decay(base: Path) -> None:
    model, _ = load_checkpoint(str(base))
    decaying, still = parameter_groups(model, 0.01)
    assert {parameter.ndim for parameter in decaying["params"]} == {2}
    assert {parameter.ndim for parameter in still["params"]} == {1}
    assert (decaying["weight_decay"], still["weight_decay"]) == (0.01, 0.0)
    assert len(decaying["params"]) + len(still["params"]) == len(list(model.parameters()))


def test_dropout_can_be_switched_off_in_every_place(base: Path) -> None:
    model, _ = load_checkpoint(str(base))
    set_dropout(model, 0.0)
    model.train()
    ids = torch.arange(5, 25)[None]
    assert torch.equal(model(ids).logits, model(ids).logits)


def test_a_run_is_logged_and_examined_evenly_whatever_its_length(
    base: Path, sentences: Sentences, tmp_path: Path
) -> None:
    model, tokenizer = load_checkpoint(str(base))
    run = Run(tmp_path, max_steps=437, device="cpu", precision="fp32")
    few = sentences.subset(8)
    recipe = replace(RECIPE, batch_tokens=64, max_length=16)
    fit(model, tokenizer, few, recipe=recipe, run=run, examine=lambda precision: {"looked": precision})
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    looked = [line["step"] for line in lines if "looked" in line]
    assert looked == [0, *range(36, 437, 36), 437]
    assert {line["step"] for line in lines} >= {*range(0, 437, 2), 437}


def test_a_loss_that_is_no_number_stops_the_run(base: Path, sentences: Sentences, tmp_path: Path) -> None:
    model, tokenizer = load_checkpoint(str(base))
    recipe = replace(RECIPE, learning_rate=1e30, clip=None, warmup=0.0)
    run = Run(tmp_path, max_steps=20, device="cpu", precision="fp32")
    with pytest.raises(ModelError, match="no longer a number"):
        fit(model, tokenizer, sentences, recipe=recipe, run=run)
