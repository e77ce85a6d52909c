"""What the words of a command become."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner

from model.cli import cli
from model.options import pulls, recipe_and_run
from model.recipes import RECIPES, Pull
from model.training_commands import train

NEEDED = ["--corpus", "c", "--base", "b", "--output", "o"]


def parse(*words: str) -> dict[str, Any]:
    return train.make_context("train", [*NEEDED, *words]).params


def pulled(*words: str) -> list[Pull]:
    given = parse(*words)
    return pulls(given["regularizers"], given["weights"], given)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", [Pull()]),
        ("--weight 0.3", [Pull(weight=0.3)]),
        ("--weight 0", [Pull()]),
        ("--regularizer representations", [Pull(weight=0.3)]),
        ("--regularizer representations --weight 0.7 --layer -1", [Pull(weight=0.7, layers=(-1,))]),
        ("--regularizer ewc", [Pull("ewc", 1.0)]),
        (
            "--regularizer representations --weight 0.3 --regularizer l2-sp --weight 0.01",
            [Pull(weight=0.3), Pull("l2-sp", 0.01)],
        ),
        (
            "--regularizer representations --regularizer distillation --text retain --layer 1 --layer 2",
            [Pull(weight=0.3, text="retain", layers=(1, 2)), Pull("distillation", 1.0, text="retain")],
        ),
    ],
)
def test_each_regulariser_gets_its_weight_and_its_settings(words: str, expected: list[Pull]) -> None:
    assert pulled(*words.split()) == expected


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("--regularizer l2-sp --weight 1 --weight 2", "give each its own"),
        ("--weight 1 --weight 2", "give each its own"),
        ("--regularizer l2-sp --layer -1", "--layer says nothing to l2-sp"),
        ("--regularizer representations --fisher-sentences 5", "--fisher-sentences says nothing"),
    ],
)
def test_words_that_do_not_belong_together_are_refused(words: str, reason: str) -> None:
    with pytest.raises(click.UsageError, match=reason):
        pulled(*words.split())


def test_single_settings_change_the_recipe() -> None:
    words = "--recipe paper --schedule cosine --clip 0 --patience 0 --keep last --whole-word-masking"
    more = "--mask-probability 0.3 --warmup 0.1 --weight-decay 0.1"
    recipe, _ = recipe_and_run(parse(*words.split(), *more.split()))
    assert (recipe.schedule, recipe.clip, recipe.patience, recipe.keep) == ("cosine", None, None, "last")
    assert (recipe.whole_words, recipe.mask_probability, recipe.warmup, recipe.weight_decay) == (
        True,
        0.3,
        0.1,
        0.1,
    )
    assert recipe.learning_rate == RECIPES["paper"].learning_rate


def test_without_settings_the_recipe_is_as_it_is() -> None:
    for name, recipe in RECIPES.items():
        assert recipe_and_run(parse("--recipe", name))[0] == recipe


def test_every_command_has_its_help_with_an_example() -> None:
    for name, command in cli.commands.items():
        shown = CliRunner().invoke(cli, [name, "--help"]).output
        assert f"model {name}" in (command.help or ""), name
        assert "Example" in shown, name
