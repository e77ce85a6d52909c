"""The command `model`: it parses, calls one function, and prints.

What computes is imported by the command that needs it, so that help and tables do not wait for PyTorch.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from model.bits_table import bits_table
from model.errors import ModelError
from model.recipes import RECIPES, REDUCTIONS, REGULARIZERS, SIZES, Fitted, Pull, Recipe, Run
from model.records import write_text
from model.rendering import FORMS
from model.results import Evaluation
from model.tables import (
    ACCURACY,
    AVERAGINGS,
    LOG_PERPLEXITY,
    MEASURES,
    by_weight,
    comparison,
    differences,
    notes,
    render,
)

FOLDER = click.Path(path_type=Path)
WAYS = ("hidden", "pll")  # as in model.wordwise, which would import PyTorch
GUESS_FORMS = ("text", "json", "html")
FIGURES = ("stray", "loss", "log-perplexity", "accuracy", "pareto")
DEFAULT_WEIGHT = 0.3  # the paper's best on the newspaper (Table 9)


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
@click.option("--regularizer", type=click.Choice(REGULARIZERS), help="What keeps the model near its base.")
@click.option(
    "--weight",
    type=float,
    help=f"λ, its weight; 0 is the unregularised model.  [default: 0, or {DEFAULT_WEIGHT} with --regularizer]",
)
@click.option(
    "--layer",
    type=int,
    default=-2,
    show_default=True,
    help="Hidden states that are compared; -1 is the last layer.",
)
@click.option(
    "--reduction",
    type=click.Choice(REDUCTIONS),
    default="mean",
    show_default=True,
    help="Distance: mean over tokens (published code) or sum over a sentence's tokens (published formula).",
)
@training_options("default")
def train_command(
    corpus: Path,
    base: str,
    retain: Path | None,
    regularizer: str | None,
    weight: float | None,
    layer: int,
    reduction: Any,
    **settings: Any,
) -> None:
    """Continue a base's pre-training on a corpus: loss = MLM + λ · distance from the base.

    \b
    Examples:
      model train --corpus corpora/rodong --base snunlp/KR-BERT-char16424 --output runs/plain
      model train --corpus corpora/rodong --base snunlp/KR-BERT-char16424 --output runs/near --weight 0.3
      accelerate launch --multi_gpu --module model train --corpus ...
    """
    from model.train import continue_pretraining

    if weight is None:
        weight = DEFAULT_WEIGHT if regularizer else 0.0
    recipe, run = recipe_and_run(settings)
    fitted = continue_pretraining(
        base,
        corpus,
        recipe=recipe,
        run=run,
        pull=Pull(regularizer or "representations", weight, layer, reduction),
        retain=retain,
        overwrite=settings["overwrite"],
    )
    report(fitted, run.output, f"model evaluate {base} {run.output} --corpus NAME=DIR --output results.json")


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
@click.option(
    "--by-syllable",
    type=click.Choice(WAYS),
    help="Also bits a syllable, which models with different vocabularies share: of 15 % of the words hidden together, "
    "or of each word alone (pll: pseudo-log-likelihood, slow; add --max-sentences).",
)
@click.option("--output", type=FOLDER, help="Write the results here (JSON), for `model compare`.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--precision", type=click.Choice(["auto", "bf16", "fp32"]), default="auto", show_default=True)
def evaluate_command(
    models: tuple[str, ...],
    sets: tuple[str, ...],
    repeats: int,
    max_sentences: int | None,
    by_syllable: Any,
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
      model evaluate mBERT=bert-base-multilingual-cased KR-BERT=snunlp/KR-BERT-char16424 --by-syllable hidden
          --corpus kornli=corpora/kornli --max-sentences 500
    """
    from model.evaluate import EvaluationSet, evaluate

    evaluation = evaluate(
        [named(model) for model in models],
        [EvaluationSet.parse(text) for text in sets],
        repeats=repeats,
        max_sentences=max_sentences,
        by_syllable=by_syllable,
        device=device,
        precision=precision,
    )
    if output is not None:
        evaluation.save(output)
    click.echo(render(comparison(evaluation)))
    if by_syllable:
        click.echo("\n" + bits_table(evaluation))
    for note in notes(evaluation):
        click.echo(f"\n{note}")
    if output is not None:
        click.echo(f"\nwritten to {output}; print it again: model compare {output}")


@cli.command("compare")
@click.argument("files", nargs=-1, required=True, type=FOLDER, metavar="FILE.json...")
@click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True)
@click.option(
    "--measure",
    "measures",
    type=click.Choice(MEASURES),
    multiple=True,
    default=(LOG_PERPLEXITY, ACCURACY),
    show_default=True,
    help="Figures to show; may be repeated.",
)
@click.option(
    "--average",
    "averaging",
    type=click.Choice(AVERAGINGS),
    default="tokens",
    show_default=True,
    help="Over tokens, or over batches of 8 sentences as the paper did.",
)
@click.option("--by-weight", "sweep", is_flag=True, help="Sort the models by λ, as the paper's Table 9 does.")
@click.option(
    "--published",
    "with_published",
    is_flag=True,
    help="Put the paper's figures beside ours, where it has any.",
)
@click.option(
    "--against",
    metavar="NAME",
    help="Also: differences from this model, with 95 % intervals (paired bootstrap).",
)
def compare_command(
    files: tuple[Path, ...],
    form: str,
    measures: tuple[str, ...],
    averaging: Any,
    sweep: bool,
    with_published: bool,
    against: str | None,
) -> None:
    """Print evaluations as one table in the form of the paper's Table 7, or 9.

    Log-perplexity is in nats a hidden token (lower is better), accuracy in per cent, MRR the mean reciprocal rank of
    the truth; mean ± standard deviation over the maskings. The paper's figures are found by the sets' names (rodong,
    kornli, newyear) and by what a model is: KR-BERT, KR-BERT-MEDIUM and mBERT by their hub names, a run by its λ.

    \b
    Examples:
      model compare results.json --format markdown
      model compare results.json --against KR-BERT
      model compare sweep/*.json --by-weight --published --format latex
    """
    evaluation = Evaluation.merged([Evaluation.load(file) for file in files])
    rows = comparison(evaluation, averaging)
    click.echo(
        render(by_weight(rows) if sweep else rows, form, measures=measures, with_published=with_published)
    )
    if against is not None:
        click.echo("\n" + differences(evaluation, against, form))
    if bits := bits_table(evaluation, form):
        click.echo("\n" + bits)
    if form in ("text", "markdown"):
        for note in notes(evaluation):
            click.echo(f"\n{note}")


@cli.command("errors")
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option(
    "--corpus", "wanted", required=True, metavar="DIR[:SPLIT]", help="Corpus to take sentences from."
)
@click.option("--sentences", type=click.IntRange(min=1), default=20, show_default=True, help="How many.")
@click.option("--top", type=click.IntRange(min=1), default=5, show_default=True, help="Guesses to show.")
@click.option(
    "--differing", "apart", is_flag=True, help="Only words that one model guesses and another does not."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Draws sentences and words."
)
@click.option("--format", "form", type=click.Choice(GUESS_FORMS), default="text", show_default=True)
@click.option("--output", type=FOLDER, help="Write to this file instead of the terminal.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--precision", type=click.Choice(["auto", "bf16", "fp32"]), default="auto", show_default=True)
def errors_command(
    models: tuple[str, ...],
    wanted: str,
    sentences: int,
    top: int,
    apart: bool,
    seed: int,
    form: str,
    output: Path | None,
    device: Any,
    precision: Any,
) -> None:
    """Show sentences with hidden words and what each model guesses: rank and probability of the truth, first guesses.

    \b
    Examples:
      model errors runs/base runs/near --corpus corpora/rodong --sentences 5
      model errors runs/base runs/near --corpus corpora/kornli --differing --format html --output forgotten.html
    """
    from model.evaluate import EvaluationSet
    from model.guess_report import report as guess_report
    from model.guesses import ask, differing

    asked = ask(
        [named(model) for model in models],
        EvaluationSet.parse(f"corpus={wanted}"),
        sentences=sentences,
        seed=seed,
        top=top,
        device=device,
        precision=precision,
    )
    if apart:
        asked = differing(asked)
    text = guess_report(asked, form)
    if output is None:
        click.echo(text)
        return
    write_text(output, text + "\n")
    click.echo(f"{len(asked)} sentences, written to {output}")


@cli.command("plot")
@click.argument("places", nargs=-1, required=True, type=FOLDER, metavar="RUN_OR_FILE...")
@click.option(
    "--figure",
    type=click.Choice(FIGURES),
    default="stray",
    show_default=True,
    help="From the metrics of runs; pareto: from files of results.",
)
@click.option("--x", metavar="SET", help="pareto: set on the horizontal axis.  [default: the last one]")
@click.option("--y", metavar="SET", help="pareto: set on the vertical axis.  [default: the first one]")
@click.option("--output", type=FOLDER, help="Figure; png, svg or pdf by its name.  [default: FIGURE.png]")
def plot_command(
    places: tuple[Path, ...], figure: str, x: str | None, y: str | None, output: Path | None
) -> None:
    """Draw how runs went over training, or what models came to.

    stray: how far the representations strayed from the base's (the paper's Figure 1); loss: of the training text;
    log-perplexity, accuracy: of each watched set; pareto: every model of an evaluation between two sets, and the front
    of those that no other betters on both.

    \b
    Examples:
      model plot runs/plain runs/near --output stray.png
      model plot runs/plain runs/near --figure accuracy
      model plot results.json --figure pareto --x kornli --y rodong
    """
    from model.figures import KINDS, curves, draw_curves, draw_front, points

    output = output or Path(f"{figure}.png")
    if figure in KINDS:
        draw_curves([curve for run in places for curve in curves(run, figure)], figure, output)
    else:
        evaluation = Evaluation.merged([Evaluation.load(file) for file in places])
        names = list(evaluation.sets)
        x, y = x or names[-1], y or names[0]
        draw_front(points(comparison(evaluation), x, y), x, y, output)
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
        for name in ("epochs", "learning_rate", "batch_tokens", "batch_sentences", "max_length", "dropout")
        if settings[name] is not None
    }
    if "batch_tokens" in changes and "batch_sentences" in changes:
        raise click.UsageError("--batch-tokens and --batch-sentences exclude each other")
    if "batch_tokens" in changes:
        changes["batch_sentences"] = None
    elif "batch_sentences" in changes:
        changes["batch_tokens"] = None
    recipe = dataclasses.replace(RECIPES[settings["recipe"]], **changes)
    fields = [field.name for field in dataclasses.fields(Run)]
    return recipe, Run(**{name: settings[name] for name in fields})


def report(fitted: Fitted, output: Path, then: str) -> None:
    """Say what was done and what to type next; of several processes, the first one does."""
    if os.environ.get("RANK", "0") != "0":
        return
    if fitted.truncated:
        click.echo(
            f"{fitted.truncated:,} of {fitted.sentences:,} sentences were longer than --max-length and were cut"
        )
    click.echo(
        f"{fitted.steps:,} steps, {fitted.tokens:,} tokens in {fitted.seconds:,.0f} s "
        f"({fitted.tokens / max(fitted.seconds, 1e-9):,.0f} tokens/s, {fitted.precision} on {fitted.device}); "
        f"last loss {fitted.loss:.3f}\nwritten to {output}; next:\n  {then}"
    )
