"""What a training run leaves open, as data: recipes with a reason for each choice, sizes, and the options of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "bf16", "fp32"]
Schedule = Literal["linear", "cosine", "constant"]
Keep = Literal["last", "best"]
Reduction = Literal["mean", "sum"]
Distance = Literal["norm", "squared"]
TeacherInput = Literal["masked", "unmasked"]
Tokens = Literal["all", "hidden", "visible", "retained"]
Text = Literal["corpus", "retain"]

REPRESENTATIONS, L2_SP, EWC = "representations", "l2-sp", "ewc"
DISTILLATION, REPLAY = "distillation", "replay"

# Every regulariser with the λ to begin with: the paper's best on the newspaper (Table 9), Li et al. 2018's middle
# value, where R has the unit of the loss itself an equal share, and for replay what makes plain mixing of its rate.
REGULARIZERS = {REPRESENTATIONS: 0.3, L2_SP: 0.01, EWC: 1.0, DISTILLATION: 1.0, REPLAY: 0.25}
TRACKERS = ("tensorboard", "wandb", "mlflow")
RETAIN_RATE = (
    0.25  # tokens of the corpus to retain for each token of the new one, where a regulariser reads it
)

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
    whole_words: bool = False  # hide all pieces of a word, or none
    schedule: Schedule = "linear"  # how the rate falls after the warm-up
    patience: int | None = None  # examinations without a better validation after which the run ends
    keep: Keep = "last"  # which of the two checkpoints the run's folder is; the other one lies inside


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
    # weights, no clipping, [UNK] among the targets, the checkpoint of the best epoch.
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
        patience=10,
        keep="best",
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
    trackers: tuple[str, ...] = ()  # Accelerate's: tensorboard, wandb, mlflow


@dataclass(frozen=True, slots=True)
class Pull:
    """One thing that holds the new model near the base: λ = `weight` times a regulariser; 0 is none at all.

    Each regulariser reads some of the settings; `READS` says which.
    """

    regularizer: str = REPRESENTATIONS
    weight: float = 0.0
    layers: tuple[int, ...] = (-2,)  # as transformers counts hidden states: -2 is the published code's choice
    reduction: Reduction = "mean"
    distance: Distance = "norm"
    teacher_input: TeacherInput = "masked"  # what the frozen model reads
    tokens: Tokens = "all"
    text: Text = "corpus"  # the batches on which the frozen model is compared
    parameters: str | None = None  # a regular expression on parameters' names; None: all
    temperature: float = 2.0  # Li and Hoiem 2017
    fisher_sentences: int = 1_000

    @property
    def needs_batches(self) -> bool:
        """Does it read batches of the corpus to retain in training?"""
        return self.weight > 0 and (
            self.regularizer == REPLAY or (self.reads("text") and self.text == "retain")
        )

    @property
    def needs_retained(self) -> bool:
        """Does it read the corpus to retain, in training or before?"""
        known_words = self.reads("tokens") and self.tokens == "retained"
        return self.weight > 0 and (self.needs_batches or self.regularizer == EWC or known_words)

    def reads(self, setting: str) -> bool:
        return setting in READS.get(self.regularizer, ())


def lone_weight(pulls: Sequence[Mapping[str, Any]]) -> float | None:
    """λ of the paper's regulariser from a run's record, 0 where nothing pulled; None where another one did."""
    active = [pull for pull in pulls if pull["weight"]]
    if any(pull["regularizer"] != REPRESENTATIONS for pull in active) or len(active) > 1:
        return None
    return float(active[0]["weight"]) if active else 0.0


def pull_label(pulls: Sequence[Mapping[str, Any]]) -> str:
    """`λ = 0.3` from a run's record; where it is not the paper's regulariser alone, all names and weights."""
    weight = lone_weight(pulls)
    if weight is not None:
        return f"λ = {weight:g}"
    return ", ".join(f"{pull['regularizer']} {pull['weight']:g}" for pull in pulls if pull["weight"])


READS = {
    REPRESENTATIONS: ("layers", "reduction", "distance", "teacher_input", "tokens", "text"),
    L2_SP: ("parameters",),
    EWC: ("parameters", "fisher_sentences"),
    DISTILLATION: ("text", "temperature"),
    REPLAY: (),
}


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a finished run has to say of itself."""

    steps: int  # fewer than planned where patience ended it
    tokens: int  # real tokens read, padding not counted
    seconds: float
    device: str
    precision: str
    loss: float
    sentences: int  # in the training split
    truncated: int  # of them, longer than the recipe's length, and cut there
    best: Best | None = None  # None: nothing was validated
    processes: int = 1
    sharded: bool = False  # did each process hold a share of the weights (FSDP)?


@dataclass(frozen=True, slots=True)
class Best:
    """The examination with the lowest log-perplexity on average over the validation sets."""

    step: int
    log_perplexity: float
