"""Continue the pre-training of a base on a corpus, with or without a regulariser that keeps it near the base."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import PartialState
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.checkpoint import (
    ModelError,
    load_checkpoint,
    prepare_output,
    save_checkpoint,
    versions,
    write_json,
)
from model.data import Corpus, Sentences, find_corpus, tokenize
from model.fit import Examine, Fitted, Run, fit
from model.recipes import Recipe
from model.regularizers import Reduction, build_regularizer
from model.scoring import score
from model.stray import StrayProbe
from model.tokenization import with_treatment

TRAIN_SPLITS, VALIDATION_SPLIT = ("train", "all"), "validation"
VALIDATION_SENTENCES = 500  # of each set, always the same: a curve needs no more, `model evaluate` reads all


@dataclass(frozen=True, slots=True)
class Pull:
    """What holds the new model near the base: λ = `weight` times the regulariser; 0 is the unregularised model."""

    regularizer: str = "representations"
    weight: float = 0.0
    layer: int = -2  # hidden states, as transformers counts them: -2 is the published code's choice
    reduction: Reduction = "mean"


def continue_pretraining(
    base: str,
    corpus_folder: Path,
    *,
    recipe: Recipe,
    run: Run,
    pull: Pull = Pull(),
    retain: Path | None = None,
    overwrite: bool = False,
    options: dict[str, Any] | None = None,
) -> Fitted:
    """Train `base` on the corpus's training split and write the run folder.

    The corpus's validation split, and that of the `retain` corpus (the language that must not be forgotten), are scored
    over training. The run's tokenizer is the base's with the corpus's text treatment inside.

    Raises `ModelError` for whatever cannot be used: base, corpus, weight, layer, output folder.
    """
    if not pull.weight >= 0:
        raise ModelError(f"--weight {pull.weight}: λ is a factor of a distance and cannot be negative")
    corpus = find_corpus(corpus_folder)
    retained = find_corpus(retain) if retain is not None else None
    model, tokenizer = load_checkpoint(base)
    tokenizer = with_treatment(tokenizer, corpus.manifest.treatment)
    recipe = fitting(recipe, model)
    sentences = tokenize(
        [(corpus, _training_split(corpus))], tokenizer, recipe.max_length, describe="tokenising"
    )
    watched = _watched({"corpus": corpus, "retain": retained}, tokenizer, recipe.max_length)
    regularizer = None
    if pull.weight > 0:
        regularizer = build_regularizer(pull.regularizer, model, layer=pull.layer, reduction=pull.reduction)
    start_run(run.output, overwrite=overwrite)
    record = {
        "command": "train",
        "base": base,
        "corpus": {"folder": str(corpus_folder), "checksum": corpus.manifest.checksum},
        "retain": {"folder": str(retain), "checksum": retained.manifest.checksum} if retained else None,
        "pull": dataclasses.asdict(pull),
    }
    probe = StrayProbe(tokenizer, watched.get("corpus", sentences), layer=pull.layer)
    fitted = fit(
        model,
        tokenizer,
        sentences,
        recipe=recipe,
        run=run,
        regularizer=regularizer,
        weight=pull.weight,
        examine=examination(model, tokenizer, watched, probe),
    )
    finish_run(model, tokenizer, run, recipe, fitted, sentences, record | (options or {}))
    return fitted


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


def start_run(output: Path, *, overwrite: bool) -> None:
    """Make the run's folder, once for all processes."""
    if PartialState().is_main_process:
        prepare_output(output, overwrite=overwrite)
        write_json(output / "run.json", {"finished": False})
    PartialState().wait_for_everyone()


def finish_run(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    run: Run,
    recipe: Recipe,
    fitted: Fitted,
    sentences: Sentences,
    record: dict[str, Any],
) -> None:
    """Write the checkpoint and `run.json`, by the first process."""
    if not PartialState().is_main_process:
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
            "sentences": {"read": len(sentences), "truncated": sentences.truncated},
            "versions": versions(),
        },
    )


def fitting(recipe: Recipe, model: PreTrainedModel) -> Recipe:
    """The recipe with sentences no longer than the model has positions for."""
    positions = getattr(model.config, "max_position_embeddings", recipe.max_length)
    return dataclasses.replace(recipe, max_length=min(recipe.max_length, positions))


def _training_split(corpus: Corpus) -> str:
    for split in TRAIN_SPLITS:
        if split in corpus.splits:
            return split
    raise ModelError(f"{corpus.folder} has no split to train on (it has {', '.join(corpus.splits)})")


def _watched(
    corpora: dict[str, Corpus | None], tokenizer: PreTrainedTokenizerFast, max_length: int
) -> dict[str, Sentences]:
    """A sample of the validation split of every corpus that has one."""
    having = {
        name: corpus for name, corpus in corpora.items() if corpus and VALIDATION_SPLIT in corpus.splits
    }
    return {
        name: tokenize(
            [(corpus, VALIDATION_SPLIT)], tokenizer, max_length, describe=f"tokenising {corpus.folder.name}"
        ).subset(VALIDATION_SENTENCES)
        for name, corpus in having.items()
    }


def training_sets(folders: Sequence[Path]) -> list[tuple[Corpus, str]]:
    """Each corpus with the split to train on."""
    return [(corpus, _training_split(corpus)) for corpus in map(find_corpus, folders)]
