"""One step: the rate, what decays, dropout. What its terms compute is tested beside the regularisers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.checkpoint import load_checkpoint
from model.recipes import RECIPES
from model.step import learning_rate, parameter_groups, set_dropout

RECIPE = RECIPES["default"]


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


def test_the_cosine_falls_slowly_then_fast_and_ends_near_nothing() -> None:
    recipe = replace(RECIPE, learning_rate=1.0, warmup=0.0, schedule="cosine")
    rates = [learning_rate(step, 100, recipe) for step in range(1, 101)]
    assert rates[0] == 1.0
    assert rates[50] == pytest.approx(0.5)
    assert rates[25] > 0.75
    assert rates == sorted(rates, reverse=True)
    assert 0 < rates[-1] < 0.001


def test_a_constant_rate_stays_after_the_warm_up() -> None:
    recipe = replace(RECIPE, learning_rate=1.0, warmup=0.1, schedule="constant")
    rates = [learning_rate(step, 100, recipe) for step in range(1, 101)]
    assert rates[0] == pytest.approx(0.1)
    assert set(rates[9:]) == {1.0}
