"""What a training run leaves open, as data: recipes with a reason for each choice, sizes, and the options of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "bf16", "fp32"]
Reduction = Literal["mean", "sum"]
REDUCTIONS: tuple[Reduction, ...] = ("mean", "sum")
REGULARIZERS = ("representations",)

# Layers and width of the BERT miniatures (Turc et al. 2019, table 1); 64 wide a head, feed-forward 4 times the width.
SIZES = {"tiny": (2, 128), "mini": (4, 256), "small": (4, 512), "medium": (8, 512), "base": (12, 768)}


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


@dataclass(frozen=True, slots=True)
class Run:
    """What a user decides beside the recipe."""

    output: Path
    seed: int = 0
    max_steps: int | None = None  # None: as many as the recipe's epochs hold
    device: Device = "auto"
    precision: Precision = "auto"
    accumulate: int = 1  # batches a step
    save_every: int | None = None  # steps between two states to resume from; None: a twentieth of the run
    resume: bool = False  # go on where a run with the same options was stopped


@dataclass(frozen=True, slots=True)
class Pull:
    """What holds the new model near the base: λ = `weight` times the regulariser; 0 is the unregularised model."""

    regularizer: str = "representations"
    weight: float = 0.0
    layer: int = -2  # hidden states, as transformers counts them: -2 is the published code's choice
    reduction: Reduction = "mean"


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a finished run has to say of itself."""

    steps: int
    tokens: int  # real tokens read, padding not counted
    seconds: float
    device: str
    precision: str
    loss: float
    sentences: int  # in the training split
    truncated: int  # of them, longer than the recipe's length, and cut there
