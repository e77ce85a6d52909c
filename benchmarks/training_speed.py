"""Training speed beside what a user would pick instead: `transformers.Trainer` with its masked-LM collator.

    python benchmarks/training_speed.py --size mini --steps 40 --rounds 3

Both sides train the same random BERT on the same sentences (random words, lengths as in a newspaper), about 1,000 real
tokens a step, without dropout. Speed is in real tokens, padding not counted. Rounds alternate between the sides, so
that a machine that slows down slows all of them.
"""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from transformers import (
    BertForMaskedLM,
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerFast,
    Trainer,
    TrainingArguments,
)

from model.data import Sentences
from model.fit import fit
from model.plan import StepPlan
from model.pretrain import configuration
from model.recipes import RECIPES, REGULARIZERS, SIZES, Pull, Run
from model.regularizers import build_terms
from model.tokenization import SPECIAL_TOKENS, from_vocabulary

PULLS = [Pull(name, weight, fisher_sentences=20) for name, weight in REGULARIZERS.items()]
VOCABULARY = 16_424  # KR-BERT's
SENTENCES_A_BATCH, TOKENS_A_BATCH = 32, 1_024  # the Trainer's, ours: about as many real tokens


def newspaper_like(count: int, seed: int = 0) -> Sentences:
    """Random words in sentences of log-normal length: 4 to 128 tokens, about 32 on average."""
    random = np.random.default_rng(seed)
    lengths = np.clip(random.lognormal(3.3, 0.6, count), 4, 128).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    ids = random.integers(5, VOCABULARY, offsets[-1]).astype(np.int32)
    ids[offsets[:-1]], ids[offsets[1:] - 1] = 2, 3
    return Sentences(ids, offsets, np.zeros(len(offsets) - 1, dtype=np.int32))


def our_speed(
    size: str,
    tokenizer: PreTrainedTokenizerFast,
    sentences: Sentences,
    steps: int,
    precision: Any,
    *pulls: Pull,
) -> float:
    """Real tokens of the corpus a second of this project's loop, with the regularisers `pulls`."""
    torch.manual_seed(0)
    model = BertForMaskedLM(configuration(size, tokenizer))
    recipe = replace(RECIPES["default"], batch_tokens=TOKENS_A_BATCH)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder), max_steps=steps, precision=precision)
        terms = build_terms(pulls, model, tokenizer, run=run, retained=sentences)
        fitted = fit(
            model,
            tokenizer,
            sentences,
            recipe=recipe,
            run=run,
            terms=terms,
            retained=sentences if any(pull.needs_batches for pull in pulls) else None,
        )
    # What a regulariser reads beside the corpus is its cost, and no text of its own.
    plan = itertools.islice(StepPlan(sentences, recipe, run.seed).steps(), steps)
    return sum(int(sentences.lengths[rows].sum()) for _, chosen in plan for rows in chosen) / fitted.seconds


def trainer_speed(
    size: str, tokenizer: PreTrainedTokenizerFast, sentences: Sentences, steps: int, precision: str
) -> float:
    """Real tokens a second of `Trainer` with dynamic padding and random batches."""
    torch.manual_seed(0)
    config = configuration(size, tokenizer)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
    model = BertForMaskedLM(config)
    rows = [
        {"input_ids": sentences.ids[a:b]}
        for a, b in zip(sentences.offsets, sentences.offsets[1:], strict=False)
    ]
    collate = DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.15)
    tokens = 0

    def counting(batch: list[dict[str, Any]]) -> dict[str, Any]:
        nonlocal tokens
        tokens += sum(len(row["input_ids"]) for row in batch)
        return dict(collate(batch))

    with tempfile.TemporaryDirectory() as folder:
        options = TrainingArguments(
            folder,
            per_device_train_batch_size=SENTENCES_A_BATCH,
            max_steps=steps,
            bf16=precision == "bf16",
            use_cpu=not torch.cuda.is_available(),
            learning_rate=1e-4,
            report_to="none",
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
        )
        trainer = Trainer(model, options, train_dataset=rows, data_collator=counting)
        started = time.perf_counter()
        trainer.train()
    return tokens / (time.perf_counter() - started)


@click.command(context_settings={"show_default": True})
@click.option("--size", type=click.Choice(list(SIZES)), default="mini")
@click.option("--steps", default=40, help="Of each side in each round.")
@click.option("--rounds", default=3)
def main(size: str, steps: int, rounds: int) -> None:
    """Measure our loop against transformers.Trainer."""
    tokenizer = from_vocabulary([*SPECIAL_TOKENS, *(f"w{number}" for number in range(VOCABULARY - 5))])
    sentences = newspaper_like(4_000)
    given = (size, tokenizer, sentences, steps)
    sides: dict[str, Callable[[], float]] = {
        "Trainer, fp32 (its default)": lambda: trainer_speed(*given, "fp32"),
        "Trainer, bf16": lambda: trainer_speed(*given, "bf16"),
        "ours, fp32": lambda: our_speed(*given, "fp32"),
        "ours, bf16": lambda: our_speed(*given, "bf16"),
    }
    for pull in PULLS:
        sides[f"ours, bf16, {pull.regularizer}"] = functools.partial(our_speed, *given, "bf16", pull)
    speeds: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, side in sides.items():
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                speed = side()
            speeds[name].append(speed)
            click.echo(f"round {number + 1}: {name}: {speed:,.0f} tokens/s", err=True)
    first, plain = speeds["Trainer, fp32 (its default)"], speeds["ours, bf16"]
    click.echo(
        f"{size}, {torch.get_num_threads()} threads, median of {rounds}; ratios are medians within rounds"
    )
    for name, values in speeds.items():
        ratio = statistics.median(value / base for value, base in zip(values, first, strict=True))
        longer = statistics.median(base / value for value, base in zip(values, plain, strict=True))
        beside = f", a step {longer:.2f} times as long" if name.startswith("ours, bf16,") else ""
        click.echo(f"{ratio:6.2f}×  {statistics.median(values):9,.0f} tokens/s  {name}{beside}")


if __name__ == "__main__":
    main()
