"""The folder of a training run from its start to its end, and what every training looks at."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.checkpoint import save_checkpoint
from model.data import Corpus, Sentences, find_corpus
from model.device import process_state
from model.errors import ModelError
from model.fit import Examine
from model.recipes import Fitted, Recipe, Run
from model.records import versions, write_json
from model.scoring import score
from model.stray import StrayProbe

TRAIN_SPLITS, VALIDATION_SPLIT = ("train", "all"), "validation"
VALIDATION_SENTENCES = 500  # of each set, always the same: a curve needs no more, `model evaluate` reads all


def check_output(run: Run, *, overwrite: bool) -> None:
    """Raise `ModelError` when the run's folder holds a run and `overwrite` is off, or holds anything that is no run."""
    folder = run.output
    # Of several processes only the first looks: when the others come here, it may have begun to write.
    if not process_state(run.device).is_main_process or not folder.exists():
        return
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if not (folder / "run.json").exists():
        raise ModelError(f"{folder} exists and is no run of this program; choose another --output")
    if not overwrite:
        raise ModelError(f"{folder} holds a run already; choose another --output or add --overwrite")


def start_run(run: Run) -> None:
    """Empty the run's folder, which `check_output` has looked at, once for all processes."""
    processes = process_state(run.device)
    if processes.is_main_process:
        shutil.rmtree(run.output, ignore_errors=True)
        write_json(run.output / "run.json", {"finished": False})
    processes.wait_for_everyone()


def finish_run(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    run: Run,
    recipe: Recipe,
    fitted: Fitted,
    record: dict[str, Any],
) -> None:
    """Write the checkpoint and `run.json`, by the first process."""
    if not process_state(run.device).is_main_process:
        return
    save_checkpoint(model, tokenizer, run.output)
    write_json(
        run.output / "run.json",
        {
            "finished": True,
            **record,
            "recipe": dataclasses.asdict(recipe),
            "run": dataclasses.asdict(run) | {"output": str(run.output)},
            "result": dataclasses.asdict(fitted),
            "versions": versions(),
        },
    )


def training_set(folder: Path) -> tuple[Corpus, str]:
    """The corpus in `folder` and its split to train on. Raises `ModelError` when it has none."""
    corpus = find_corpus(folder)
    for split in TRAIN_SPLITS:
        if split in corpus.splits:
            return corpus, split
    raise ModelError(f"{folder} has no split to train on (it has {', '.join(corpus.splits)})")


def examination(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    watched: dict[str, Sentences],
    probe: StrayProbe | None = None,
) -> Examine:
    """The look at a model in training: its stray, and its score on each watched set."""

    def examine(precision: str) -> dict[str, Any]:
        findings: dict[str, Any] = {}
        if probe is not None:
            findings["stray"] = probe.measure(model, precision)
        for name, sentences in watched.items():
            known = score(model, tokenizer, sentences, seed=0, precision=precision).known
            findings.setdefault("validation", {})[name] = {
                "log_perplexity": known.log_perplexity,
                "accuracy": known.accuracy,
            }
        return findings

    return examine
