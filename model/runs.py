"""The folder of a training run from its start to its end, and what every training looks at."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model import progress
from model.checkpoint import promote
from model.data import Corpus, Sentences, find_corpus
from model.device import process_state
from model.errors import ModelError
from model.fit import Examine
from model.log import check_trackers
from model.recipes import Fitted, Recipe, Run
from model.records import versions, write_json
from model.regularizers import fisher
from model.scoring import score
from model.stray import StrayProbe

RECORD = "run.json"
UNCOMPARED = ("output", "resume", "save_every", "trackers")  # options that do not change what is computed
TRAIN_SPLITS, VALIDATION_SPLIT = ("train", "all"), "validation"
VALIDATION_SENTENCES = 500  # of each set, always the same: a curve needs no more, `model evaluate` reads all


def check_output(run: Run, *, overwrite: bool) -> None:
    """Raise `ModelError` when the run's folder holds a run and `overwrite` is off, or holds anything that is no run."""
    folder = run.output
    check_trackers(run.trackers)
    # Of several processes only the first looks: when the others come here, it may have begun to write.
    if not process_state(run.device).is_main_process or not folder.exists():
        return
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if not (folder / RECORD).exists():
        raise ModelError(f"{folder} exists and is no run of this program; choose another --output")
    if overwrite:
        return
    finished = read_record(folder).get("finished")
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
        begun = {} if overwrite else read_record(run.output)
        if begun:
            _refuse_other_options(begun, json.loads(json.dumps(record)))
        else:
            begin_output(run.output, record)
    processes.wait_for_everyone()
    return record


def begin_output(folder: Path, record: dict[str, Any]) -> None:
    """Make the folder anew, with a `run.json` that says that it is not finished."""
    shutil.rmtree(folder, ignore_errors=True)
    write_json(folder / RECORD, {"finished": False, **record})


def read_record(folder: Path) -> dict[str, Any]:
    """What `run.json` says; nothing where there is none."""
    try:
        return dict(json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _refuse_other_options(begun: dict[str, Any], now: dict[str, Any]) -> None:
    before, after = _flat(begun), _flat(now)
    ours = {name for name in before if name.partition(".")[0] in now}
    changed = [name for name in sorted(ours | set(after)) if before.get(name) != after.get(name)]
    if changed:
        raise ModelError(
            f"the run began with another {', '.join(changed)}; resume it with the options it began with, "
            "or begin anew with --overwrite"
        )


def _flat(record: Any, name: str = "") -> dict[str, Any]:
    """`{"run": {"seed": 0}, "pull": [{"weight": 1}]}` as `{"run.seed": 0, "pull.0.weight": 1}`."""
    if isinstance(record, list):
        record = {str(number): value for number, value in enumerate(record)}
    if not isinstance(record, dict):
        return {name: record}
    return {
        path: value
        for key, inner in record.items()
        for path, value in _flat(inner, f"{name}.{key}" if name else key).items()
    }


def finish_run(run: Run, recipe: Recipe, fitted: Fitted, record: dict[str, Any]) -> None:
    """Put the checkpoint that the recipe keeps into the run's folder, write `run.json`, and drop what only a run that
    goes on needs; the first process does.

    The other checkpoint stays in `last` or `best`. Killed in between, the run can be resumed as before.
    """
    if not process_state(run.device).is_main_process:
        return
    kept = run.output / recipe.keep
    promote(kept, run.output)
    content = {"finished": True, **record, "result": dataclasses.asdict(fitted), "versions": versions()}
    write_json(run.output / RECORD, content)
    shutil.rmtree(kept)
    shutil.rmtree(run.output / progress.FOLDER, ignore_errors=True)
    (run.output / fisher.FILE).unlink(missing_ok=True)


def training_set(folder: Path) -> tuple[Corpus, str]:
    """The corpus in `folder` and its split to train on. Raises `ModelError` when it has none."""
    corpus = find_corpus(folder)
    for split in TRAIN_SPLITS:
        if split in corpus.splits:
            return corpus, split
    raise ModelError(f"{folder} has no split to train on (it has {', '.join(corpus.splits)})")


def check_watched(recipe: Recipe, watched: dict[str, Sentences]) -> None:
    """Raise `ModelError` when the recipe chooses by validation scores and there will be none."""
    if not watched and (recipe.keep == "best" or recipe.patience is not None):
        raise ModelError(
            "the best checkpoint and the end by --patience follow from validation scores, and no corpus here has a "
            "validation split; export one with --split, name a set with --validation NAME=DIR, or choose --keep last "
            "and --patience 0"
        )


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
