"""Recipes: everything that a training run leaves open, as data with a reason for each choice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a run. Exactly one of `batch_tokens` and `batch_sentences` is set."""

    learning_rate: float
    epochs: int
    warmup: float  # share of all steps; then linear decay to zero
    weight_decay: float  # not on biases and LayerNorm weights
    betas: tuple[float, float]
    clip: float | None  # largest gradient norm
    dropout: float | None  # None: as the checkpoint's configuration says
    max_length: int  # tokens a sentence, special ones included
    batch_tokens: int | None  # token budget, sentences of like length together
    batch_sentences: int | None  # sentences, at random, padded to the longest
    mask_probability: float
    mask_unknown: bool  # may [UNK] be a target?


RECIPES = {
    # No padding to speak of, no dropout (a few epochs over a newspaper do not over-fit, and the regulariser's distance
    # then measures drift alone), sentences of a newspaper hardly ever pass 128 tokens.
    "default": Recipe(
        learning_rate=1e-4,
        epochs=5,
        warmup=0.06,
        weight_decay=0.01,
        betas=(0.9, 0.98),
        clip=1.0,
        dropout=0.0,
        max_length=128,
        batch_tokens=2048,
        batch_sentences=None,
        mask_probability=0.15,
        mask_unknown=False,
    ),
    # The published settings, and what only the published code states: random batches of 8, no warm-up, no decay of
    # weights, no clipping, [UNK] among the targets.
    "paper": Recipe(
        learning_rate=5e-5,
        epochs=20,
        warmup=0.0,
        weight_decay=0.0,
        betas=(0.9, 0.999),
        clip=None,
        dropout=0.1,
        max_length=512,
        batch_tokens=None,
        batch_sentences=8,
        mask_probability=0.15,
        mask_unknown=True,
    ),
    # From random weights: a larger rate, longer warm-up, larger batches.
    "pretrain": Recipe(
        learning_rate=1e-3,
        epochs=10,
        warmup=0.1,
        weight_decay=0.01,
        betas=(0.9, 0.98),
        clip=1.0,
        dropout=0.0,
        max_length=128,
        batch_tokens=4096,
        batch_sentences=None,
        mask_probability=0.15,
        mask_unknown=False,
    ),
}
