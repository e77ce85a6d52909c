"""The training loop, shared by everything that trains a masked language model.

Runs under Accelerate: alone, or as one of several processes started by `accelerate launch`. Order and masks are pure
functions of seed, epoch and place, so the only random state is dropout's.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import set_seed
from torch import nn
from torch.nn import functional
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.batches import Batch, Masker, Order, random_batches, token_batches
from model.data import Sentences
from model.device import pick_device, pick_precision, process_state
from model.errors import ModelError
from model.network import MaskedLanguageModel
from model.progress import Progress, keep_metrics, load_progress, save_progress
from model.recipes import Fitted, Recipe, Run
from model.regularizers import Regularizer

# A run of any length writes about so many lines, is examined so often, and leaves so many states to resume from.
LOG_LINES, EXAMINATIONS, SAVES = 200, 12, 20


Examine = Callable[[str], dict[str, Any]]
"""Looks at the model as it is, given the precision; its findings go into `metrics.jsonl`."""


def fit(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    sentences: Sentences,
    *,
    recipe: Recipe,
    run: Run,
    regularizer: Regularizer | None = None,
    weight: float = 0.0,
    examine: Examine | None = None,
) -> Fitted:
    """Train `model` in place on loss = MLM + `weight` · R, and log to `metrics.jsonl` in the run's folder.

    Raises `ModelError` when the loss is no longer a number.
    """
    device = pick_device(run.device)
    precision = pick_precision(run.precision, device)
    # Accelerate keeps its settings for the life of the process; a second run in it may want another precision.
    AcceleratorState._reset_state()
    process_state(run.device)
    accelerator = Accelerator(
        cpu=device.type == "cpu", mixed_precision="bf16" if precision == "bf16" else "no"
    )
    set_seed(run.seed)
    if recipe.dropout is not None:
        set_dropout(model, recipe.dropout)
    network, optimizer = accelerator.prepare(
        MaskedLanguageModel(model, layer=regularizer.layer if regularizer else None),
        torch.optim.AdamW(
            parameter_groups(model, recipe.weight_decay),
            lr=recipe.learning_rate,
            betas=recipe.betas,
            eps=1e-6,
            fused=True,
        ),
    )
    masker = Masker.of(
        sentences,
        tokenizer,
        seed=run.seed,
        probability=recipe.mask_probability,
        mask_unknown=recipe.mask_unknown,
    )
    plan = StepPlan(sentences, recipe, run.seed, run.accumulate, accelerator.num_processes)
    total = run.max_steps or recipe.epochs * plan.steps_an_epoch
    save_every = run.save_every or max(1, total // SAVES)
    main = accelerator.is_main_process
    # Findings before the first step, so that a curve begins where the base is; a run that goes on needs them too, since
    # its stray is measured from there.
    beginning = {"step": 0, "epoch": 0} | (examine(precision) if examine else {})
    done = load_progress(accelerator, run.output) if run.resume else Progress()
    if main:
        keep_metrics(run.output / "metrics.jsonl", done.step if done.step else -1)
    with (
        (run.output / "metrics.jsonl").open("a", encoding="utf-8", buffering=1) as file,
        tqdm(
            total=total,
            initial=done.step,
            desc="training",
            unit=" steps",
            disable=None if main else True,
        ) as bar,
    ):
        log = _Log(file.write if main else lambda line: None, done.tokens)
        if not done.step:
            log.write(beginning)
        started, sums = time.perf_counter() - done.seconds, StepSums()
        steps = itertools.islice(plan.steps(accelerator.process_index), done.step, None)
        for step, (epoch, chosen) in zip(range(done.step + 1, total + 1), steps, strict=False):
            model.train()
            rate = learning_rate(step, total, recipe)
            for group in optimizer.param_groups:
                group["lr"] = rate
            batches = [masker.batch(rows, epoch).to(accelerator.device) for rows in chosen]
            sums = take_step(accelerator, network, optimizer, batches, recipe.clip, regularizer, weight)
            log.count(sums.tokens)
            bar.update()
            examining = examine is not None and _due(step, total, EXAMINATIONS)
            if examining or _due(step, total, LOG_LINES):
                loss = float(sums.mlm + weight * sums.distance)
                if not math.isfinite(loss):
                    raise ModelError(
                        f"the loss is no longer a number at step {step}; lower --learning-rate or use fp32"
                    )
                line: dict[str, Any] = {
                    "step": step,
                    "epoch": epoch,
                    "loss": loss,
                    "mlm_loss": float(sums.mlm),
                }
                if regularizer is not None:
                    line["regularizer"] = float(sums.distance)
                line |= {"learning_rate": rate} | log.speed()
                bar.set_postfix_str(bar_text(line))
                if examine is not None and examining:
                    line |= examine(precision)
                    log.resume()
                    if main and bar.disable:  # no terminal: a log file wants a sign of life now and then
                        print(f"step {step:,} of {total:,}: {bar_text(line)}", file=sys.stderr, flush=True)
                log.write(line)
            # After the step's line: a run that is killed in between then writes the line again, and never lacks it.
            if step % save_every == 0 and step < total:
                seconds = time.perf_counter() - started
                save_progress(accelerator, run.output, Progress(step, log.tokens, seconds))
    accelerator.wait_for_everyone()
    return Fitted(
        total,
        log.tokens,
        round(time.perf_counter() - started, 2),
        str(accelerator.device),
        precision,
        float(sums.mlm + weight * sums.distance),
        len(sentences),
        sentences.truncated,
    )


@dataclass(frozen=True, slots=True)
class StepSums:
    """One step over all micro-batches and processes: the two parts of the loss (0-dimensional), real tokens read."""

    mlm: torch.Tensor | float = float("nan")
    distance: torch.Tensor | float = 0.0
    tokens: int = 0


def take_step(
    accelerator: Accelerator,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Sequence[Batch],
    clip: float | None,
    regularizer: Regularizer | None = None,
    weight: float = 0.0,
) -> StepSums:
    """Forward, backward and update on `batches` as if they, and those of the other processes, were one batch.

    Every sum is divided by its count over the whole step, so a hidden token weighs the same wherever it stands. (A mean
    of micro-batch means, the usual way, weighs it by its batch.)
    """
    counts = torch.tensor(
        [
            sum(column)
            for column in zip(*((len(b.target_ids), b.tokens, b.rows) for b in batches), strict=True)
        ],
        device=accelerator.device,
    )
    targets, tokens, rows = (int(count) for count in accelerator.reduce(counts, reduction="sum"))
    shares = {"tokens": tokens, "sentences": rows}
    parts = torch.zeros(2, device=accelerator.device)
    for number, batch in enumerate(batches):
        last = number + 1 == len(batches)
        with accelerator.autocast():
            logits, states = network(batch.input_ids, batch.attention_mask, batch.target_index)
        mlm = functional.cross_entropy(logits.float(), batch.target_ids, reduction="sum") / max(1, targets)
        loss = mlm
        if regularizer is not None:
            with accelerator.autocast():
                distance = regularizer(batch, states) / shares[regularizer.per]
            loss = mlm + weight * distance
            parts[1] += distance.detach()
        parts[0] += mlm.detach()
        with contextlib.nullcontext() if last else accelerator.no_sync(network):
            # Several processes average their gradients; ours are shares of a sum.
            accelerator.backward(loss * accelerator.num_processes)
    if clip is not None:
        accelerator.clip_grad_norm_(network.parameters(), clip)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    mlm_part, distance_part = accelerator.reduce(parts, reduction="sum")
    return StepSums(mlm_part, distance_part, tokens)


@dataclass(frozen=True, slots=True)
class StepPlan:
    """Which sentences each step reads: a pure function of the seed, the same for any number of processes."""

    sentences: Sentences
    recipe: Recipe
    seed: int
    accumulate: int = 1
    processes: int = 1

    @property
    def steps_an_epoch(self) -> int:
        return max(1, len(self._order(0)) // (self.accumulate * self.processes))

    def steps(self, process: int = 0) -> Iterator[tuple[int, Order]]:
        """(epoch, the step's micro-batches for this process), without end; every process gets equally many."""
        wanted = self.accumulate * self.processes
        epoch, waiting = 0, Order()
        while True:
            # What does not fill a step is carried into the next epoch, so that no sentence is left out.
            waiting += self._order(epoch)
            while len(waiting) >= wanted:
                step, waiting = waiting[:wanted], waiting[wanted:]
                yield epoch, step[process :: self.processes]
            epoch += 1

    def _order(self, epoch: int) -> Order:
        if self.recipe.batch_tokens is not None:
            return token_batches(
                self.sentences.lengths, self.recipe.batch_tokens, seed=self.seed, epoch=epoch
            )
        assert self.recipe.batch_sentences is not None, "a recipe sets batch_tokens or batch_sentences"
        return random_batches(len(self.sentences), self.recipe.batch_sentences, seed=self.seed, epoch=epoch)


def bar_text(line: dict[str, Any]) -> str:
    """Loss, speed and validation accuracy of a line of `metrics.jsonl`, for people."""
    text = f"loss {line['loss']:.3f}, {line['tokens_per_second']:,.0f} tokens/s"
    for name, found in line.get("validation", {}).items():
        text += f", {name} accuracy {100 * found['accuracy']:.1f} %"
    return text


def learning_rate(step: int, total: int, recipe: Recipe) -> float:
    """Linear warm-up over the first share of the steps, then linear decay that would reach zero after the last."""
    warm = round(recipe.warmup * total)
    factor = step / warm if step <= warm else (total - step + 1) / (total - warm)
    return recipe.learning_rate * factor


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices only; biases and LayerNorm weights are vectors."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {"params": [parameter for parameter in trained if parameter.ndim >= 2], "weight_decay": weight_decay},
        {"params": [parameter for parameter in trained if parameter.ndim < 2], "weight_decay": 0.0},
    ]


def set_dropout(model: PreTrainedModel, probability: float) -> None:
    """Set every dropout of the model, the attention's too; the configuration that is saved keeps its own values."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = probability


def _due(step: int, total: int, times: int) -> bool:
    """Is this one of about `times` evenly spaced steps? The last one always is."""
    return step == total or step % max(1, total // times) == 0


class _Log:
    """Lines of `metrics.jsonl`, with the speed since the line before."""

    def __init__(self, write: Callable[[str], Any], tokens: int = 0) -> None:
        self._write = write
        self.tokens = tokens
        self._since = 0
        self._clock = time.perf_counter()

    def count(self, tokens: int) -> None:
        self.tokens += tokens
        self._since += tokens

    def speed(self) -> dict[str, Any]:
        speed = self._since / max(1e-9, time.perf_counter() - self._clock)
        self.resume()
        return {"tokens": self.tokens, "tokens_per_second": round(speed, 1)}

    def resume(self) -> None:
        """Start the clock anew: an examination is no training time."""
        self._clock, self._since = time.perf_counter(), 0

    def write(self, line: dict[str, Any]) -> None:
        self._write(json.dumps(line) + "\n")
