"""The folder of a training run from its start to its end, and what every training looks at."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model import progress
from model.checkpoint import save_checkpoint
from model.data import Corpus, Sentences, find_corpus
from model.device import process_state
from model.errors import ModelError
from model.fit import Examine
from model.recipes import Fitted, Recipe, Run
from model.records import versions, write_json
from model.scoring import score
from model.stray import StrayProbe

RECORD = "run.json"
UNCOMPARED = ("output", "resume", "save_every")  # options that do not change what is computed
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
    if not (folder / RECORD).exists():
        raise ModelError(f"{folder} exists and is no run of this program; choose another --output")
    if overwrite:
        return
    finished = _record(folder).get("finished")
    if finished:
        raise ModelError(f"{folder} holds a run already; choose another --output or add --overwrite")
    if not run.resume:
        raise ModelError(
            f"{folder} holds a run that was stopped; go on with --resume, or begin anew with --overwrite"
        )


def start_run(run: Run, recipe: Recipe, record: dict[str, Any], *, overwrite: bool) -> dict[str, Any]:
    """Make the run's folder, or find it as a run with the same options left it; returns what `run.json` says of it.

    Raises `ModelError` when a run is to go on with other options than it began with.
    """
    record = {
        **record,
        "recipe": dataclasses.asdict(recipe),
        "run": {name: value for name, value in dataclasses.asdict(run).items() if name not in UNCOMPARED},
    }
    processes = process_state(run.device)
    if processes.is_main_process:
        begun = {} if overwrite else _record(run.output)
        if begun:
            _refuse_other_options(begun, json.loads(json.dumps(record)))
        else:
            shutil.rmtree(run.output, ignore_errors=True)
            write_json(run.output / RECORD, {"finished": False, **record})
    processes.wait_for_everyone()
    return record


def _refuse_other_options(begun: dict[str, Any], now: dict[str, Any]) -> None:
    before, after = _flat(begun), _flat(now)
    changed = [name for name, value in after.items() if before.get(name) != value]
    if changed:
        raise ModelError(
            f"the run began with another {', '.join(changed)}; resume it with the options it began with, "
            "or begin anew with --overwrite"
        )


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """`{"run": {"seed": 0}}` as `{"run.seed": 0}`."""
    parts = {
        part: options if isinstance(options, dict) else {"": options} for part, options in record.items()
    }
    return {
        f"{part}.{name}".rstrip("."): value
        for part, options in parts.items()
        for name, value in options.items()
    }


def _record(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def finish_run(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    run: Run,
    fitted: Fitted,
    record: dict[str, Any],
) -> None:
    """Write the checkpoint and `run.json`, and drop the states to resume from; the first process does."""
    if not process_state(run.device).is_main_process:
        return
    save_checkpoint(model, tokenizer, run.output)
    content = {"finished": True, **record, "result": dataclasses.asdict(fitted), "versions": versions()}
    write_json(run.output / RECORD, content)
    shutil.rmtree(run.output / progress.FOLDER, ignore_errors=True)


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
