"""Continue the pre-training of a base on a corpus, with or without regularisers that keep it near the base."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.checkpoint import load_checkpoint
from model.data import Corpus, Sentences, tokenize
from model.errors import ModelError
from model.evaluate import EvaluationSet, find_split
from model.fit import fit
from model.recipes import REPRESENTATIONS, RETAIN_RATE, Fitted, Pull, Recipe, Run
from model.regularizers import build_terms, check_pulls
from model.runs import (
    VALIDATION_SENTENCES,
    VALIDATION_SPLIT,
    check_output,
    check_watched,
    examination,
    finish_run,
    start_run,
    training_set,
)
from model.stray import StrayProbe
from model.tokenization import with_treatment


def continue_pretraining(
    base: str,
    corpus_folder: Path,
    *,
    recipe: Recipe,
    run: Run,
    pull: Pull | Sequence[Pull] = (),
    retain: Path | None = None,
    retain_rate: float = RETAIN_RATE,
    validation: Sequence[EvaluationSet] = (),
    overwrite: bool = False,
) -> Fitted:
    """Train `base` on the corpus's training split and write the run folder.

    The corpus's validation split, that of the `retain` corpus (the language that must not be forgotten), and the sets
    of `validation` are scored over training. The run's tokenizer is the base's with the corpus's text treatment inside.

    Raises `ModelError` for whatever cannot be used: base, corpus, regulariser, weight, layer, output folder.
    """
    pulls = [pull] if isinstance(pull, Pull) else list(pull)
    if run.output.resolve() == Path(base).resolve():
        raise ModelError(f"--output {run.output} is the base itself; write the new model somewhere else")
    check_output(run, overwrite=overwrite)
    corpus, split = training_set(corpus_folder)
    retained = training_set(retain) if retain is not None else None
    sets = {one.name: find_split(one) for one in validation}
    model, tokenizer = load_checkpoint(base)
    tokenizer = with_treatment(tokenizer, corpus.manifest.treatment)
    check_pulls(pulls, model, retained=retained is not None)
    recipe = fitting(recipe, model)
    sentences = tokenize([(corpus, split)], tokenizer, recipe.max_length, describe="tokenising")
    old_sentences = None
    if retained is not None and any(one.needs_retained for one in pulls):
        old_sentences = tokenize(
            [retained], tokenizer, recipe.max_length, describe="tokenising what to retain"
        )
    watched = _watched(
        {"corpus": corpus, "retain": retained[0] if retained else None}, sets, tokenizer, recipe.max_length
    )
    check_watched(recipe, watched)
    record = {
        "command": "train",
        "base": base,
        "corpus": {"folder": str(corpus_folder), "checksum": corpus.manifest.checksum},
        "retain": {"folder": str(retain), "checksum": retained[0].manifest.checksum, "rate": retain_rate}
        if retained
        else None,
        "validation": {
            name: {"folder": str(one.folder), "split": part} for name, (one, part) in sets.items()
        },
        "pull": [dataclasses.asdict(one) for one in pulls],
    }
    record = start_run(run, recipe, record, overwrite=overwrite)
    terms = build_terms(pulls, model, tokenizer, run=run, retained=old_sentences)
    probe = StrayProbe(tokenizer, watched.get("corpus", sentences), layer=_stray_layer(pulls))
    fitted = fit(
        model,
        tokenizer,
        sentences,
        recipe=recipe,
        run=run,
        terms=terms,
        retained=old_sentences if any(one.needs_batches for one in pulls) else None,
        retain_rate=retain_rate,
        examine=examination(model, tokenizer, watched, probe),
    )
    finish_run(run, recipe, fitted, record)
    return fitted


def fitting(recipe: Recipe, model: PreTrainedModel) -> Recipe:
    """The recipe with sentences no longer than the model has positions for."""
    positions = getattr(model.config, "max_position_embeddings", recipe.max_length)
    # RoBERTa and its kin count positions from behind the padding's.
    padding = getattr(getattr(model.base_model, "embeddings", None), "padding_idx", None)
    if padding is not None:
        positions -= padding + 1
    return dataclasses.replace(recipe, max_length=min(recipe.max_length, positions))


def _stray_layer(pulls: Sequence[Pull]) -> int:
    """The layer at which the stray is measured: the first that is regularised, or would be if λ were not 0."""
    layers = [one.layers[0] for one in pulls if one.regularizer == REPRESENTATIONS]
    return layers[0] if layers else Pull().layers[0]


def _watched(
    corpora: dict[str, Corpus | None],
    sets: dict[str, tuple[Corpus, str]],
    tokenizer: PreTrainedTokenizerFast,
    max_length: int,
) -> dict[str, Sentences]:
    """A sample of the validation split of every corpus that has one, and of the sets that were named."""
    having = {
        name: (corpus, VALIDATION_SPLIT)
        for name, corpus in corpora.items()
        if corpus and VALIDATION_SPLIT in corpus.splits
    }
    for name in sets:
        if name in having:
            raise ModelError(f"--validation {name}=...: {name!r} is watched already; choose another name")
    return {
        name: tokenize(
            [(corpus, split)], tokenizer, max_length, describe=f"tokenising {corpus.folder.name}"
        ).subset(VALIDATION_SENTENCES)
        for name, (corpus, split) in (having | sets).items()
    }
