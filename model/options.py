"""Options of the commands that train, and what they amount to: a recipe, a run, and what holds it near its base."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click

from model.recipes import (
    READS,
    RECIPES,
    REGULARIZERS,
    REPRESENTATIONS,
    TRACKERS,
    Distance,
    Keep,
    Pull,
    Recipe,
    Reduction,
    Run,
    Schedule,
    TeacherInput,
    Text,
    Tokens,
)

FOLDER = click.Path(path_type=Path)


def training_options(recipe: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options of whatever trains."""
    options = [
        click.option(
            "--output", type=FOLDER, required=True, help="Folder of the run; must not hold one already."
        ),
        click.option("--overwrite", is_flag=True, help="Replace a run that is there already."),
        click.option("--resume", is_flag=True, help="Go on where a run with the same options was stopped."),
        click.option(
            "--save-every",
            type=click.IntRange(min=1),
            metavar="STEPS",
            help="Steps between two states to resume from.  [default: a twentieth of the run]",
        ),
        click.option(
            "--recipe",
            type=click.Choice(list(RECIPES)),
            default=recipe,
            show_default=True,
            help="Settings to start from; the options below change single ones.",
        ),
        click.option("--epochs", type=click.IntRange(min=1), help="Passes over the corpus."),
        click.option(
            "--max-steps",
            type=click.IntRange(min=1),
            help="Stop after so many steps, whatever --epochs says.",
        ),
        click.option("--learning-rate", type=click.FloatRange(min=0, min_open=True)),
        click.option(
            "--schedule", type=click.Choice(get_args(Schedule)), help="How the rate falls after the warm-up."
        ),
        click.option(
            "--warmup", type=click.FloatRange(0, 1, max_open=True), help="Share of the steps before that."
        ),
        click.option(
            "--weight-decay", type=click.FloatRange(min=0), help="Not on biases and LayerNorm weights."
        ),
        click.option(
            "--clip", type=click.FloatRange(min=0), help="Largest norm of the gradient; 0 does not clip."
        ),
        click.option(
            "--batch-tokens",
            type=click.IntRange(min=1),
            help="Tokens a batch, sentences of like length together.",
        ),
        click.option(
            "--batch-sentences",
            type=click.IntRange(min=1),
            help="Random sentences a batch, instead of --batch-tokens.",
        ),
        click.option(
            "--accumulate", type=click.IntRange(min=1), default=1, show_default=True, help="Batches a step."
        ),
        click.option(
            "--max-length",
            type=click.IntRange(min=8),
            help="Tokens a sentence; longer ones are cut, and counted.",
        ),
        click.option("--dropout", type=click.FloatRange(0, 1, max_open=True)),
        click.option(
            "--mask-probability",
            type=click.FloatRange(0, 1, min_open=True),
            help="Share of the tokens to guess.",
        ),
        click.option(
            "--whole-word-masking",
            "whole_words",
            is_flag=True,
            default=None,
            help="Hide all pieces of a word, or none.",
        ),
        click.option(
            "--patience",
            type=click.IntRange(min=0),
            metavar="N",
            help="End after N examinations (about twelve a run, at least one an epoch) without a lower log-perplexity, "
            "averaged over the validation sets; 0 never does.",
        ),
        click.option(
            "--keep",
            type=click.Choice(get_args(Keep)),
            help="Which checkpoint the run's folder is: of the last step, or of the examination with the lowest "
            "average log-perplexity. The other one lies in it.  [default: the recipe's]",
        ),
        click.option(
            "--tracker",
            "trackers",
            type=click.Choice(TRACKERS),
            multiple=True,
            help="Send the metrics there as well; may be repeated.",
        ),
        click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True),
        click.option(
            "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True
        ),
        click.option(
            "--precision",
            type=click.Choice(["auto", "bf16", "fp32"]),
            default="auto",
            show_default=True,
            help="auto: bf16 where the processor has it.",
        ),
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def regularizer_options(command: Callable[..., None]) -> Callable[..., None]:
    """What holds the new model near its base, and the settings of each regulariser."""
    options = [
        click.option(
            "--regularizer",
            "regularizers",
            type=click.Choice(list(REGULARIZERS)),
            multiple=True,
            help="What keeps the model near its base; may be repeated, with a --weight for each.",
        ),
        click.option(
            "--weight",
            "weights",
            type=float,
            multiple=True,
            help="λ of the regularisers, in their order; 0 is the unregularised model.  "
            "[default: 0, or with --regularizer: "
            + ", ".join(f"{name} {weight:g}" for name, weight in REGULARIZERS.items())
            + "]",
        ),
        click.option(
            "--layer",
            "layers",
            type=int,
            multiple=True,
            help="representations: hidden states that are compared; -1 is the last layer; may be repeated.  "
            "[default: -2]",
        ),
        click.option(
            "--reduction",
            type=click.Choice(get_args(Reduction)),
            help="representations: mean over tokens (published code, default) or sum over a sentence's (published "
            "formula).",
        ),
        click.option(
            "--distance",
            type=click.Choice(get_args(Distance)),
            help="representations: the norm of the difference (default), or its square.",
        ),
        click.option(
            "--teacher-input",
            type=click.Choice(get_args(TeacherInput)),
            help="representations: what the frozen model reads, the masked sentence (default) or the whole one.",
        ),
        click.option(
            "--tokens",
            type=click.Choice(get_args(Tokens)),
            help="representations: which tokens count: all (default), the hidden ones, the visible ones, or those that "
            "occur in --retain.",
        ),
        click.option(
            "--text",
            type=click.Choice(get_args(Text)),
            help="representations, distillation: compare on batches of the corpus (default), or of --retain.",
        ),
        click.option(
            "--temperature", type=click.FloatRange(min=0, min_open=True), help="distillation.  [default: 2]"
        ),
        click.option(
            "--parameters",
            metavar="REGEX",
            help="l2-sp, ewc: only parameters in whose names REGEX is found.  [default: all]",
        ),
        click.option(
            "--fisher-sentences",
            type=click.IntRange(min=1),
            help="ewc: sentences of --retain to learn from.  [default: 1000]",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def recipe_and_run(settings: dict[str, Any]) -> tuple[Recipe, Run]:
    """The chosen recipe with the single settings that were given, and the run's own options."""
    changes = {
        name: settings[name]
        for name in {field.name for field in dataclasses.fields(Recipe)} & settings.keys()
        if settings[name] is not None
    }
    for name in ("clip", "patience"):
        if name in changes:
            changes[name] = changes[name] or None
    if "batch_tokens" in changes and "batch_sentences" in changes:
        raise click.UsageError("--batch-tokens and --batch-sentences exclude each other")
    if "batch_tokens" in changes:
        changes["batch_sentences"] = None
    elif "batch_sentences" in changes:
        changes["batch_tokens"] = None
    recipe = dataclasses.replace(RECIPES[settings["recipe"]], **changes)
    fields = [field.name for field in dataclasses.fields(Run)]
    return recipe, Run(**{name: settings[name] for name in fields})


def pulls(regularizers: tuple[str, ...], weights: tuple[float, ...], settings: dict[str, Any]) -> list[Pull]:
    """A pull for each regulariser, with its weight and those of the given settings that it reads."""
    if not regularizers:
        regularizers, weights = (REPRESENTATIONS,), weights or (0.0,)
    weights = weights or tuple(REGULARIZERS[name] for name in regularizers)
    if len(regularizers) != len(weights):
        raise click.UsageError(
            f"{len(regularizers)} --regularizer and {len(weights)} --weight: give each its own, in the same order"
        )
    given = {
        name: settings[name]
        for name in {name for read in READS.values() for name in read}
        if settings[name] not in (None, ())
    }
    for name in given:
        if not any(name in READS[regularizer] for regularizer in regularizers):
            option = "--layer" if name == "layers" else f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{option} says nothing to {', '.join(regularizers)}")
    return [
        Pull(name, weight, **{setting: value for setting, value in given.items() if setting in READS[name]})
        for name, weight in zip(regularizers, weights, strict=True)
    ]
