"""`model evaluate`, `model compare`, `model errors` and `model plot`: they parse, call one function, and print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from model.bits_table import bits_table
from model.options import FOLDER
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

WAYS = ("hidden", "pll")  # as in model.wordwise, which would import PyTorch
GUESS_FORMS = ("text", "json", "html")
FIGURES = ("stray", "loss", "log-perplexity", "accuracy", "pareto")


@click.command("evaluate")
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
def evaluate(
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
    from model.evaluate import EvaluationSet
    from model.evaluate import evaluate as score

    evaluation = score(
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


@click.command("compare")
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
def compare(
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


@click.command("errors")
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
def errors(
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
    from model.guess_report import report
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
    text = report(asked, form)
    if output is None:
        click.echo(text)
        return
    write_text(output, text + "\n")
    click.echo(f"{len(asked)} sentences, written to {output}")


@click.command("plot")
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
def plot(places: tuple[Path, ...], figure: str, x: str | None, y: str | None, output: Path | None) -> None:
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
