"""A base model from scratch: a WordPiece vocabulary, a small BERT, masked-LM training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from tqdm import tqdm
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

from corpus.schema import Treatment
from model.data import Corpus, read_texts, tokenize
from model.errors import ModelError
from model.fit import fit
from model.recipes import SIZES, Fitted, Recipe, Run
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
from model.tokenization import from_vocabulary, read_vocabulary, train_wordpiece, with_treatment


def pretrain(
    corpora: Sequence[Path],
    *,
    size: str,
    recipe: Recipe,
    run: Run,
    vocabulary: Path | None = None,
    vocabulary_size: int = 8_000,
    overwrite: bool = False,
) -> Fitted:
    """Train a BERT of `size` on the training splits of `corpora` and write its folder.

    Without `vocabulary` (a BERT `vocab.txt`) one of `vocabulary_size` tokens is learnt from the same text. Raises
    `ModelError` for corpora that were treated differently: one tokenizer cannot carry two treatments.
    """
    check_output(run, overwrite=overwrite)
    sets = [training_set(folder) for folder in corpora]
    treatment = _common_treatment([corpus for corpus, _ in sets])
    if vocabulary is not None:
        tokens = read_vocabulary(vocabulary)
    else:
        tokens = train_wordpiece(lambda: _texts(sets), vocabulary_size, treatment)
    tokenizer = with_treatment(from_vocabulary(tokens), treatment)
    torch.manual_seed(run.seed)
    model = BertForMaskedLM(configuration(size, tokenizer))
    sentences = tokenize(sets, tokenizer, recipe.max_length, describe="tokenising")
    held_out = [(corpus, VALIDATION_SPLIT) for corpus, _ in sets if VALIDATION_SPLIT in corpus.splits]
    watched = {}
    if held_out:
        validation = tokenize(held_out, tokenizer, recipe.max_length, describe="tokenising validation")
        watched["corpus"] = validation.subset(VALIDATION_SENTENCES)
    check_watched(recipe, watched)
    record = {
        "command": "pretrain",
        "size": size,
        "vocabulary": str(vocabulary) if vocabulary else vocabulary_size,
        "corpora": [
            {"folder": str(corpus.folder), "checksum": corpus.manifest.checksum} for corpus, _ in sets
        ],
    }
    record = start_run(run, recipe, record, overwrite=overwrite)
    fitted = fit(
        model, tokenizer, sentences, recipe=recipe, run=run, examine=examination(model, tokenizer, watched)
    )
    finish_run(run, recipe, fitted, record)
    return fitted


def _texts(sets: Sequence[tuple[Corpus, str]]) -> Iterator[str]:
    """All sentences, under a progress bar."""
    total = sum(corpus.manifest.sentences(split) for corpus, split in sets)
    with tqdm(
        total=total, desc="learning the vocabulary", unit=" sentences", disable=None, leave=False
    ) as bar:
        for corpus, split in sets:
            for batch in read_texts(corpus, split):
                yield from batch
                bar.update(len(batch))


def configuration(size: str, tokenizer: PreTrainedTokenizerFast) -> BertConfig:
    """The BERT configuration of a named size for this tokenizer."""
    layers, width = SIZES[size]
    return BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        intermediate_size=4 * width,
        max_position_embeddings=512,
        pad_token_id=tokenizer.pad_token_id,
    )


def _common_treatment(corpora: Sequence[Corpus]) -> Treatment:
    first, *others = corpora
    for other in others:
        if other.manifest.treatment != first.manifest.treatment:
            raise ModelError(
                f"{first.folder} and {other.folder} were normalised or mapped differently; "
                "export both with the same --recipe and --vocab"
            )
    return first.manifest.treatment
