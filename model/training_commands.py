"""`model pretrain`, `model train` and `model interpolate`: they parse, call one function, and print."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from model.options import FOLDER, pulls, recipe_and_run, regularizer_options, training_options
from model.recipes import RETAIN_RATE, SIZES, Fitted


@click.command("pretrain")
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
def pretrain(
    corpora: tuple[Path, ...], vocab: Path | None, vocab_size: int, size: str, **settings: Any
) -> None:
    """Make a base model from scratch: vocabulary, small BERT, masked-LM training.

    \b
    Example:
      model pretrain --corpus corpora/petitions --corpus corpora/reviews --size mini --output runs/base
    """
    from model.pretrain import pretrain as make_base

    recipe, run = recipe_and_run(settings)
    fitted = make_base(
        corpora,
        size=size,
        recipe=recipe,
        run=run,
        vocabulary=vocab,
        vocabulary_size=vocab_size,
        overwrite=settings["overwrite"],
    )
    report(fitted, run.output, f"model train --corpus CORPUS --base {run.output} --output RUN")


@click.command("train")
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
@regularizer_options
@training_options("default")
def train(
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


@click.command("interpolate")
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
def interpolate(base: str, run: Path, alpha: float, output: Path, overwrite: bool) -> None:
    """Weights between a base and a run that was trained from it (WiSE-FT), without training.

    \b
    Example, a whole trade-off from one run:
      for a in 0.25 0.5 0.75; do model interpolate runs/base runs/plain --alpha $a --output runs/mixed-$a; done
    """
    from model.interpolate import interpolate as mix

    mix(base, run, alpha=alpha, output=output, overwrite=overwrite)
    click.echo(f"written to {output}; next:\n  model evaluate {base} {run} {output} --corpus NAME=DIR")


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
