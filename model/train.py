"""Continue the pre-training of a base on a corpus, with or without a regulariser that keeps it near the base."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.checkpoint import load_checkpoint
from model.data import Corpus, Sentences, find_corpus, tokenize
from model.errors import ModelError
from model.fit import fit
from model.network import check_layer
from model.recipes import Fitted, Pull, Recipe, Run
from model.regularizers import build_regularizer
from model.runs import (
    VALIDATION_SENTENCES,
    VALIDATION_SPLIT,
    check_output,
    examination,
    finish_run,
    start_run,
    training_set,
)
from model.stray import StrayProbe
from model.tokenization import with_treatment

UNREGULARIZED = Pull()


def continue_pretraining(
    base: str,
    corpus_folder: Path,
    *,
    recipe: Recipe,
    run: Run,
    pull: Pull = UNREGULARIZED,
    retain: Path | None = None,
    overwrite: bool = False,
) -> Fitted:
    """Train `base` on the corpus's training split and write the run folder.

    The corpus's validation split, and that of the `retain` corpus (the language that must not be forgotten), are scored
    over training. The run's tokenizer is the base's with the corpus's text treatment inside.

    Raises `ModelError` for whatever cannot be used: base, corpus, weight, layer, output folder.
    """
    if not 0 <= pull.weight < math.inf:
        raise ModelError(
            f"--weight {pull.weight}: λ is a factor of a distance; it is finite and cannot be negative"
        )
    if run.output.resolve() == Path(base).resolve():
        raise ModelError(f"--output {run.output} is the base itself; write the new model somewhere else")
    check_output(run, overwrite=overwrite)
    corpus, split = training_set(corpus_folder)
    retained = find_corpus(retain) if retain is not None else None
    model, tokenizer = load_checkpoint(base)
    tokenizer = with_treatment(tokenizer, corpus.manifest.treatment)
    check_layer(model, pull.layer)
    recipe = fitting(recipe, model)
    sentences = tokenize([(corpus, split)], tokenizer, recipe.max_length, describe="tokenising")
    watched = _watched({"corpus": corpus, "retain": retained}, tokenizer, recipe.max_length)
    regularizer = None
    if pull.weight > 0:
        regularizer = build_regularizer(pull.regularizer, model, layer=pull.layer, reduction=pull.reduction)
    record = {
        "command": "train",
        "base": base,
        "corpus": {"folder": str(corpus_folder), "checksum": corpus.manifest.checksum},
        "retain": {"folder": str(retain), "checksum": retained.manifest.checksum} if retained else None,
        "pull": dataclasses.asdict(pull),
    }
    record = start_run(run, recipe, record, overwrite=overwrite)
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
    finish_run(model, tokenizer, run, fitted, record)
    return fitted


def fitting(recipe: Recipe, model: PreTrainedModel) -> Recipe:
    """The recipe with sentences no longer than the model has positions for."""
    positions = getattr(model.config, "max_position_embeddings", recipe.max_length)
    return dataclasses.replace(recipe, max_length=min(recipe.max_length, positions))


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
