"""The command `model`: it parses, calls one function, and prints.

What computes is imported by the command that needs it, so that help and tables do not wait for PyTorch.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click

from model.errors import ModelError
from model.recipes import (
    READS,
    RECIPES,
    REGULARIZERS,
    REPRESENTATIONS,
    RETAIN_RATE,
    SIZES,
    TRACKERS,
    Distance,
    Fitted,
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
from model.results import Evaluation
from model.tables import FORMATS, comparison, notes, render

FOLDER = click.Path(path_type=Path)


class Commands(click.Group):
    """Turns our errors into one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ModelError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="dprk-bert")
def cli() -> None:
    """Continue the pre-training of a South-Korean BERT on North Korean text, and measure what it learns and forgets.

    \b
    The road:
      model pretrain --corpus corpora/rok --output runs/base      (or take snunlp/KR-BERT-char16424 as the base)
      model train --corpus corpora/rodong --base runs/base --output runs/plain
      model train --corpus corpora/rodong --base runs/base --output runs/near --weight 0.3
      model evaluate runs/* --corpus rodong=corpora/rodong --corpus rok=corpora/rok --output results.json
      model compare results.json
      model plot runs/plain runs/near --output stray.png
    """


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


@cli.command("pretrain")
@click.option(
    "--corpus", "corpora", type=FOLDER, multiple=True, required=True, help="Corpus folder; may be repeated."
)
@click.option(
    "--vocab", type=FOLDER, help="BERT vocabulary, a token a line; without it one is learnt from the corpora."
)
@click.option(
    "--vocab-size", type=click.IntRange(min=100), default=8_000, show_default=True, help="Tokens to learn."
)
@click.option(
    "--size",
    type=click.Choice(list(SIZES)),
    default="mini",
    show_default=True,
    help="Layers and width: " + ", ".join(f"{name} {n}×{w}" for name, (n, w) in SIZES.items()) + ".",
)
@training_options("pretrain")
def pretrain_command(
    corpora: tuple[Path, ...], vocab: Path | None, vocab_size: int, size: str, **settings: Any
) -> None:
    """Make a base model from scratch: vocabulary, small BERT, masked-LM training.

    \b
    Example:
      model pretrain --corpus corpora/petitions --corpus corpora/reviews --size mini --output runs/base
    """
    from model.pretrain import pretrain

    recipe, run = recipe_and_run(settings)
    fitted = pretrain(
        corpora,
        size=size,
        recipe=recipe,
        run=run,
        vocabulary=vocab,
        vocabulary_size=vocab_size,
        overwrite=settings["overwrite"],
    )
    report(fitted, run.output, f"model train --corpus CORPUS --base {run.output} --output RUN")


@cli.command("train")
@click.option("--corpus", type=FOLDER, required=True, help="Corpus to learn, as `corpus export` wrote it.")
@click.option(
    "--base",
    required=True,
    help="Checkpoint to start from: a folder, or a hub name such as snunlp/KR-BERT-char16424.",
)
@click.option(
    "--retain", type=FOLDER, help="Corpus of the Korean that must not be forgotten; watched during training."
)
@click.option(
    "--retain-rate",
    type=click.FloatRange(min=0, min_open=True),
    default=RETAIN_RATE,
    show_default=True,
    help="Tokens of --retain for each token of the corpus, where a regulariser reads its batches.",
)
@click.option(
    "--validation",
    multiple=True,
    metavar="NAME=DIR[:SPLIT]",
    help="Further set to watch during training; may be repeated.",
)
@click.option(
    "--regularizer",
    "regularizers",
    type=click.Choice(list(REGULARIZERS)),
    multiple=True,
    help="What keeps the model near its base; may be repeated, with a --weight for each.",
)
@click.option(
    "--weight",
    "weights",
    type=float,
    multiple=True,
    help="λ of the regularisers, in their order; 0 is the unregularised model.  [default: 0, or with --regularizer: "
    + ", ".join(f"{name} {weight:g}" for name, weight in REGULARIZERS.items())
    + "]",
)
@click.option(
    "--layer",
    "layers",
    type=int,
    multiple=True,
    help="representations: hidden states that are compared; -1 is the last layer; may be repeated.  [default: -2]",
)
@click.option(
    "--reduction",
    type=click.Choice(get_args(Reduction)),
    help="representations: mean over tokens (published code, default) or sum over a sentence's (published formula).",
)
@click.option(
    "--distance",
    type=click.Choice(get_args(Distance)),
    help="representations: the norm of the difference (default), or its square.",
)
@click.option(
    "--teacher-input",
    type=click.Choice(get_args(TeacherInput)),
    help="representations: what the frozen model reads, the masked sentence (default) or the whole one.",
)
@click.option(
    "--tokens",
    type=click.Choice(get_args(Tokens)),
    help="representations: which tokens count: all (default), the hidden ones, the visible ones, or those that occur "
    "in --retain.",
)
@click.option(
    "--text",
    type=click.Choice(get_args(Text)),
    help="representations, distillation: compare on batches of the corpus (default), or of --retain.",
)
@click.option(
    "--temperature", type=click.FloatRange(min=0, min_open=True), help="distillation.  [default: 2]"
)
@click.option(
    "--parameters",
    metavar="REGEX",
    help="l2-sp, ewc: only parameters in whose names REGEX is found.  [default: all]",
)
@click.option(
    "--fisher-sentences",
    type=click.IntRange(min=1),
    help="ewc: sentences of --retain to learn from.  [default: 1000]",
)
@training_options("default")
def train_command(
    corpus: Path,
    base: str,
    retain: Path | None,
    retain_rate: float,
    validation: tuple[str, ...],
    regularizers: tuple[str, ...],
    weights: tuple[float, ...],
    **settings: Any,
) -> None:
    """Continue a base's pre-training on a corpus: loss = MLM + Σ λ · regulariser.

    \b
    Examples:
      model train --corpus corpora/rodong --base snunlp/KR-BERT-char16424 --output runs/plain
      model train --corpus corpora/rodong --base snunlp/KR-BERT-char16424 --output runs/near --weight 0.3
      model train --corpus corpora/rodong --base runs/base --output runs/both --retain corpora/rok
          --regularizer representations --weight 0.3 --regularizer replay --weight 0.25
      accelerate launch --multi_gpu --module model train --corpus ...
    """
    from model.evaluate import EvaluationSet
    from model.train import continue_pretraining

    recipe, run = recipe_and_run(settings)
    fitted = continue_pretraining(
        base,
        corpus,
        recipe=recipe,
        run=run,
        pull=pulls(regularizers, weights, settings),
        retain=retain,
        retain_rate=retain_rate,
        validation=[EvaluationSet.parse(text) for text in validation],
        overwrite=settings["overwrite"],
    )
    report(fitted, run.output, f"model evaluate {base} {run.output} --corpus NAME=DIR --output results.json")


@cli.command("interpolate")
@click.argument("base")
@click.argument("run", type=FOLDER)
@click.option(
    "--alpha",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Where between them: 0 is the base, 1 the run.",
)
@click.option(
    "--output", type=FOLDER, required=True, help="Folder of the new model; must not hold one already."
)
@click.option("--overwrite", is_flag=True, help="Replace a run that is there already.")
def interpolate_command(base: str, run: Path, alpha: float, output: Path, overwrite: bool) -> None:
    """Weights between a base and a run that was trained from it (WiSE-FT), without training.

    \b
    Example, a whole trade-off from one run:
      for a in 0.25 0.5 0.75; do model interpolate runs/base runs/plain --alpha $a --output runs/mixed-$a; done
    """
    from model.interpolate import interpolate

    interpolate(base, run, alpha=alpha, output=output, overwrite=overwrite)
    click.echo(f"written to {output}; next:\n  model evaluate {base} {run} {output} --corpus NAME=DIR")


@cli.command("evaluate")
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option(
    "--corpus",
    "sets",
    multiple=True,
    required=True,
    metavar="NAME=DIR[:SPLIT]",
    help="Set to score on; may be repeated. Without SPLIT: validation, else the only one.",
)
@click.option(
    "--repeats",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Maskings, each with its own seed.",
)
@click.option(
    "--max-sentences",
    type=click.IntRange(min=1),
    help="Score a fixed sample of each set instead of all of it.",
)
@click.option("--output", type=FOLDER, help="Write the results here (JSON), for `model compare`.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--precision", type=click.Choice(["auto", "bf16", "fp32"]), default="auto", show_default=True)
def evaluate_command(
    models: tuple[str, ...],
    sets: tuple[str, ...],
    repeats: int,
    max_sentences: int | None,
    output: Path | None,
    device: Any,
    precision: Any,
) -> None:
    """Log-perplexity and MLM accuracy of models on corpora, every model on the same hidden words.

    A MODEL is a folder or a hub name; write NAME=MODEL to choose how the table calls it.

    \b
    Example:
      model evaluate KR-BERT=snunlp/KR-BERT-char16424 runs/near --corpus rodong=corpora/rodong:validation
          --corpus kornli=corpora/kornli --output results.json
    """
    from model.evaluate import EvaluationSet, evaluate

    evaluation = evaluate(
        [named(model) for model in models],
        [EvaluationSet.parse(text) for text in sets],
        repeats=repeats,
        max_sentences=max_sentences,
        device=device,
        precision=precision,
    )
    if output is not None:
        evaluation.save(output)
    show([evaluation], "text")
    if output is not None:
        click.echo(f"\nwritten to {output}; print it again: model compare {output}")


@cli.command("compare")
@click.argument("files", nargs=-1, required=True, type=FOLDER, metavar="FILE.json...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
def compare_command(files: tuple[Path, ...], form: str) -> None:
    """Print evaluations as one table in the form of the paper's Table 7.

    Log-perplexity is in nats a hidden token (lower is better), accuracy in per cent; mean ± standard deviation over the
    maskings.

    \b
    Example:
      model compare results.json --format markdown
    """
    show([Evaluation.load(file) for file in files], form)


@cli.command("plot")
@click.argument("runs", nargs=-1, required=True, type=FOLDER, metavar="RUN...")
@click.option(
    "--output",
    type=FOLDER,
    default=Path("stray.png"),
    show_default=True,
    help="Figure; png, svg or pdf by its name.",
)
def plot_command(runs: tuple[Path, ...], output: Path) -> None:
    """Draw how far each run's representations strayed from its base over training (the paper's Figure 1).

    \b
    Example:
      model plot runs/plain runs/near --output stray.png
    """
    from model.figures import draw_stray, stray_curve

    draw_stray([stray_curve(run) for run in runs], output)
    click.echo(f"written to {output}")


def named(model: str) -> tuple[str, str]:
    """`NAME=MODEL`, or MODEL called by its last part."""
    name, equals, location = model.partition("=")
    if equals and not Path(model).exists():
        return name, location
    return Path(model).name or model, model


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


def show(evaluations: list[Evaluation], form: str) -> None:
    """Print the table and, beside plain figures, the note on unknown tokens."""
    click.echo(render(comparison(evaluations), form))
    if form != "csv":
        for note in notes(evaluations):
            click.echo(f"\n{note}")


def report(fitted: Fitted, output: Path, then: str) -> None:
    """Say what was done and what to type next; of several processes, the first one does."""
    if os.environ.get("RANK", "0") != "0":
        return
    if fitted.truncated:
        click.echo(
            f"{fitted.truncated:,} of {fitted.sentences:,} sentences were longer than --max-length and were cut"
        )
    if fitted.best is not None:
        click.echo(
            f"best at step {fitted.best.step:,}: validation log-perplexity {fitted.best.log_perplexity:.3f}"
        )
    click.echo(
        f"{fitted.steps:,} steps, {fitted.tokens:,} tokens in {fitted.seconds:,.0f} s "
        f"({fitted.tokens / max(fitted.seconds, 1e-9):,.0f} tokens/s, {fitted.precision} on {fitted.device}); "
        f"last loss {fitted.loss:.3f}\nwritten to {output}; next:\n  {then}"
    )
