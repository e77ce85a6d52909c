"""The training loop, shared by everything that trains a masked language model.

Runs under Accelerate: alone, or as one of several processes started by `accelerate launch`. Order and masks are pure
functions of seed, epoch and place, so the only random state is dropout's.
"""

from __future__ import annotations

import copy
import dataclasses
import itertools
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.batches import Batch, Masker
from model.checkpoint import save_checkpoint
from model.data import Sentences
from model.device import move, pick_device, pick_precision
from model.errors import ModelError
from model.log import PROJECT, Log, bar_text, flat
from model.network import MaskedLanguageModel
from model.parallel import gather_weights, is_sharded, make_accelerator
from model.plan import StepPlan, smaller_batches
from model.progress import Progress, keep_metrics, load_progress, save_progress
from model.recipes import RETAIN_RATE, Best, Fitted, Recipe, Run
from model.regularizers import Term, WeightDistance, wanted_layers
from model.step import StepSums, learning_rate, parameter_groups, set_dropout, take_step

# A run of any length writes about so many lines, is examined so often, and leaves so many states to resume from.
LOG_LINES, EXAMINATIONS, SAVES = 200, 12, 20
LAST, BEST = "last", "best"  # checkpoints in the run's folder, until the run is finished

Examine = Callable[[str], dict[str, Any]]
"""Looks at the model as it is, given the precision; its findings go into `metrics.jsonl`."""


def fit(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    sentences: Sentences,
    *,
    recipe: Recipe,
    run: Run,
    terms: Sequence[Term] = (),
    retained: Sentences | None = None,
    retain_rate: float = RETAIN_RATE,
    examine: Examine | None = None,
) -> Fitted:
    """Train `model` in place on loss = MLM + Σ λ·R.

    Logs to `metrics.jsonl` in the run's folder, and writes the checkpoint `last` there and, where validation sets are
    examined, `best`.

    `retained`: the sentences of the corpus to retain, where `terms` look at batches of it; `retain_rate` tokens of them
    are read for each token of the new corpus. Raises `ModelError` when the loss is no longer a number.
    """
    device = pick_device(run.device)
    precision = pick_precision(run.precision, device)
    accelerator = make_accelerator(run, precision)
    set_seed(run.seed)
    if recipe.dropout is not None:
        set_dropout(model, recipe.dropout)
    # Who shares out the weights trains a copy; what looks at the model as a whole, and saves it, gets this one.
    trained = copy.deepcopy(model) if is_sharded(accelerator) else model
    network, optimizer = accelerator.prepare(
        MaskedLanguageModel(trained, wanted_layers(terms)),
        torch.optim.AdamW(
            parameter_groups(trained, recipe.weight_decay),
            lr=recipe.learning_rate,
            betas=recipe.betas,
            eps=1e-6,
            fused=True,
        ),
    )
    move(model, device)
    for term in terms:
        if isinstance(term.regularizer, WeightDistance):
            term.regularizer.begin(trained)
    reader = _Reader(sentences, tokenizer, recipe, run, accelerator)
    total = run.max_steps or recipe.epochs * reader.plan.steps_an_epoch
    examine_every = max(1, total // EXAMINATIONS)
    if recipe.patience is not None:
        examine_every = min(examine_every, reader.plan.steps_an_epoch)
    log_every, save_every = max(1, total // LOG_LINES), run.save_every or max(1, total // SAVES)
    main = accelerator.is_main_process
    # Findings before the first step, so that a curve begins where the base is; a run that goes on needs them too, since
    # its stray is measured from there.
    beginning = {"step": 0, "epoch": 0} | (examine(precision) if examine else {})
    done = load_progress(accelerator, run.output) if run.resume else Progress()
    best, waited, last = (
        done.best,
        done.waited,
        done.step,
    )  # examinations: the best, and how many there were since
    if main:
        keep_metrics(run.output / "metrics.jsonl", done.step if done.step else -1)
    if run.trackers:
        accelerator.init_trackers(PROJECT, _settings(recipe, run, terms))
    old: Iterator[tuple[int, list[Batch]]] = itertools.repeat((0, []))
    if retained is not None:
        smaller = smaller_batches(recipe, retain_rate)
        old = _Reader(retained, tokenizer, smaller, run, accelerator).steps(after=done.step)
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
        log = Log(file.write if main else lambda line: None, accelerator, done.tokens)
        if not done.step:
            log.write(beginning)
        started, sums = time.perf_counter() - done.seconds, StepSums()
        steps = zip(range(done.step + 1, total + 1), reader.steps(after=done.step), old, strict=False)
        for step, (epoch, batches), (_, old_batches) in steps:
            trained.train()
            rate = learning_rate(step, total, recipe)
            for group in optimizer.param_groups:
                group["lr"] = rate
            sums = take_step(accelerator, network, optimizer, batches, recipe.clip, terms, old_batches)
            last = step
            log.count(sums.tokens)
            bar.update()
            examining = examine is not None and (step == total or step % examine_every == 0)
            if examining or step == total or step % log_every == 0:
                loss = sums.loss(terms)
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
                if terms:
                    line["regularizers"] = sums.parts(terms)
                line |= {"learning_rate": rate} | log.speed()
                bar.set_postfix_str(bar_text(line))
                if examine is not None and examining:
                    _make_whole(accelerator, trained, model)
                    line |= examine(precision)
                    score = _validation(accelerator, line)
                    if score is not None and (best is None or score < best.log_perplexity):
                        best, waited = Best(step, score), 0
                        if main:
                            save_checkpoint(model, tokenizer, run.output / BEST)
                    elif score is not None:
                        waited += 1
                    log.resume()
                    if main and bar.disable:  # no terminal: a log file wants a sign of life now and then
                        print(f"step {step:,} of {total:,}: {bar_text(line)}", file=sys.stderr, flush=True)
                log.write(line)
            if recipe.patience is not None and waited >= recipe.patience:
                break
            # After the step's line: a run that is killed in between then writes the line again, and never lacks it.
            if step % save_every == 0 and step < total:
                seconds = time.perf_counter() - started
                save_progress(accelerator, run.output, Progress(step, log.tokens, seconds, best, waited))
    seconds = round(time.perf_counter() - started, 2)
    _make_whole(accelerator, trained, model)
    if main:
        save_checkpoint(model, tokenizer, run.output / LAST)
    for tracker in accelerator.trackers:
        tracker.finish()
    accelerator.wait_for_everyone()
    return Fitted(
        last,
        log.tokens,
        seconds,
        str(accelerator.device),
        precision,
        sums.loss(terms),
        len(sentences),
        sentences.truncated,
        best,
        accelerator.num_processes,
        is_sharded(accelerator),
    )


class _Reader:
    """Masked batches of one corpus, in the order of its plan."""

    def __init__(
        self,
        sentences: Sentences,
        tokenizer: PreTrainedTokenizerFast,
        recipe: Recipe,
        run: Run,
        accelerator: Accelerator,
    ) -> None:
        self.plan = StepPlan(sentences, recipe, run.seed, run.accumulate, accelerator.num_processes)
        self._accelerator = accelerator
        self._masker = Masker.of(
            sentences,
            tokenizer,
            seed=run.seed,
            probability=recipe.mask_probability,
            mask_unknown=recipe.mask_unknown,
            whole_words=recipe.whole_words,
        )

    def steps(self, *, after: int) -> Iterator[tuple[int, list[Batch]]]:
        """(epoch, this process's batches) of each step after step `after`."""
        for epoch, chosen in self.plan.steps(self._accelerator.process_index, after=after):
            yield epoch, [self._masker.batch(rows, epoch).to(self._accelerator.device) for rows in chosen]


def _make_whole(accelerator: Accelerator, trained: PreTrainedModel, model: PreTrainedModel) -> None:
    """Bring `model` to where the training is, if that is not `model` itself."""
    if is_sharded(accelerator):
        gather_weights(trained, model)


def _validation(accelerator: Accelerator, findings: dict[str, Any]) -> float | None:
    """Mean log-perplexity over the validation sets, the same number in every process; None where there are none."""
    scores = [found["log_perplexity"] for found in findings.get("validation", {}).values()]
    if not scores:
        return None
    mean = torch.tensor(statistics.fmean(scores), dtype=torch.float64, device=accelerator.device)
    return float(accelerator.reduce(mean, reduction="mean"))


def _settings(recipe: Recipe, run: Run, terms: Sequence[Term]) -> dict[str, Any]:
    """What a tracker shows beside the curves; plain values only."""
    weights = {term.name: term.weight for term in terms}
    nested = {"recipe": dataclasses.asdict(recipe), "run": dataclasses.asdict(run), "weight": weights}
    return {
        name: value if isinstance(value, bool | int | float | str) else str(value)
        for name, value in flat(nested).items()
    }
