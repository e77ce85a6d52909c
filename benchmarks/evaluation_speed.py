"""Evaluation speed beside a plain loop: `model(**batch)` over random batches, with logits at every position.

    python benchmarks/evaluation_speed.py --size base --sentences 500

Both sides score the same random BERT on the same sentences (random words, lengths as in a newspaper), three maskings
each; the plain loop pads its batches of 32 with transformers' masked-LM collator and counts loss and right guesses.
Rounds alternate between the sides. The peak is that of the whole process, each side in a process of its own.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import click
import torch
from torch.utils.data import DataLoader
from training_speed import SENTENCES_A_BATCH, VOCABULARY, newspaper_like
from transformers import BertForMaskedLM, DataCollatorForLanguageModeling, PreTrainedTokenizerFast

from model.data import Sentences
from model.device import pick_device, pick_precision
from model.pretrain import configuration
from model.recipes import SIZES
from model.scoring import score
from model.tokenization import SPECIAL_TOKENS, from_vocabulary

MASKINGS = 3
SIDES = {"plain": "plain loop, fp32", "ours": "ours, as `model evaluate` does"}


def ours(model: BertForMaskedLM, tokenizer: PreTrainedTokenizerFast, sentences: Sentences) -> None:
    precision = pick_precision("auto", pick_device("auto"))
    for seed in range(MASKINGS):
        score(model, tokenizer, sentences, seed=seed, precision=precision)


@torch.inference_mode()
def plain(model: BertForMaskedLM, tokenizer: PreTrainedTokenizerFast, sentences: Sentences) -> None:
    model.eval()
    rows = [
        {"input_ids": sentences.ids[a:b]}
        for a, b in zip(sentences.offsets, sentences.offsets[1:], strict=False)
    ]
    collate = DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.15)
    for seed in range(MASKINGS):
        torch.manual_seed(seed)
        loss = correct = 0.0
        for batch in DataLoader(rows, SENTENCES_A_BATCH, shuffle=True, collate_fn=collate):  # type: ignore[arg-type]
            output = model(**batch.to(model.device))
            hidden = batch["labels"] != -100
            loss += float(output.loss) * int(hidden.sum())
            correct += int((output.logits.argmax(dim=-1) == batch["labels"])[hidden].sum())


@click.command(context_settings={"show_default": True})
@click.option("--size", type=click.Choice(list(SIZES)), default="base")
@click.option("--sentences", "count", default=500, help="Of each masking.")
@click.option("--rounds", default=3)
@click.option(
    "--side", type=click.Choice(list(SIDES)), hidden=True, help="Run one side once, in this process."
)
def main(size: str, count: int, rounds: int, side: str | None) -> None:
    """Measure `model evaluate`'s scoring against a plain loop."""
    if side is not None:
        tokenizer = from_vocabulary([*SPECIAL_TOKENS, *(f"w{number}" for number in range(VOCABULARY - 5))])
        torch.manual_seed(0)
        model = BertForMaskedLM(configuration(size, tokenizer)).to(pick_device("auto"))
        sentences = newspaper_like(count)
        started = time.perf_counter()
        (ours if side == "ours" else plain)(model, tokenizer, sentences)
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        click.echo(f"{seconds} {peak} {len(sentences.ids)}")
        return
    seconds_of: dict[str, list[float]] = {name: [] for name in SIDES}
    peaks: dict[str, list[float]] = {name: [] for name in SIDES}
    for number in range(rounds):
        for name in SIDES:
            command = [sys.executable, str(Path(__file__)), "--size", size, "--sentences", str(count)]
            told = subprocess.run(
                [*command, "--side", name], check=True, capture_output=True, text=True
            ).stdout
            seconds, peak, tokens = map(float, told.split())
            seconds_of[name].append(seconds)
            peaks[name].append(peak)
            click.echo(f"round {number + 1}: {SIDES[name]}: {seconds:,.1f} s", err=True)
    click.echo(
        f"{size}, {count:,} sentences of {tokens / count:.0f} tokens, {MASKINGS} maskings, {torch.get_num_threads()} "
        f"threads, median of {rounds}; ratios are medians within rounds"
    )
    for name, values in seconds_of.items():
        ratio = statistics.median(
            base / value for base, value in zip(seconds_of["plain"], values, strict=True)
        )
        speed = MASKINGS * tokens / statistics.median(values)
        click.echo(f"{ratio:6.2f}×  {speed:9,.0f} tokens/s  peak {max(peaks[name]):,.0f} MB  {SIDES[name]}")


if __name__ == "__main__":
    main()
