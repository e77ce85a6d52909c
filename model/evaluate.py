"""Evaluate models on corpora: every split whole, every model on the same hidden words, repeated with other masks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, Self

from tqdm import tqdm
from transformers import PreTrainedTokenizerFast

from model.checkpoint import load_checkpoint
from model.data import Corpus, Sentences, find_corpus, sampled_texts, tokenize
from model.device import move, pick_device, pick_precision
from model.errors import ModelError
from model.recipes import Device, Precision
from model.results import DocumentSums, Evaluation, Result
from model.scoring import SentenceSums, score_sentences
from model.wordwise import Way, WordScores, hidden_words, score_words, word_sums

PREFERRED_SPLITS = ("validation", "test", "all")


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """One column group of a table: a name, and the split of the corpus that it stands for."""

    name: str
    folder: Path
    split: str | None = None  # None: validation, or the only one

    @classmethod
    def parse(cls, text: str) -> Self:
        """`NAME=DIR[:SPLIT]`. Raises `ModelError` for anything else."""
        name, equals, location = text.partition("=")
        if not (name and equals and location):
            raise ModelError(
                f"{text!r} names no set; write NAME=DIR or NAME=DIR:SPLIT, e.g. rodong=corpora/rodong:validation"
            )
        folder, colon, split = location.rpartition(":")
        # A colon may belong to the path itself; a split's name never holds a slash.
        if colon and folder and "/" not in split and not Path(location).exists():
            return cls(name, Path(folder), split)
        return cls(name, Path(location))


def evaluate(
    models: Sequence[tuple[str, str]],
    sets: Sequence[EvaluationSet],
    *,
    repeats: int = 3,
    max_sentences: int | None = None,
    max_length: int = 128,
    by_syllable: Way | None = None,
    device: Device = "auto",
    precision: Precision = "auto",
) -> Evaluation:
    """Score each (name, checkpoint) on each set with the masks of the seeds 0 to `repeats` - 1.

    `max_sentences` draws a fixed sample of each set; without it the whole split counts. `by_syllable` also gives bits a
    syllable, which can be compared between vocabularies, with words hidden in this way (`model.wordwise`). Raises
    `ModelError` for a model or set that cannot be used, before anything is computed.
    """
    names = [name for name, _ in models]
    if len(set(names)) < len(names):
        raise ModelError(f"two models have the same name ({', '.join(names)}); name them: NAME=MODEL")
    place = pick_device(device)
    exactly = pick_precision(precision, place)
    splits = {one.name: find_split(one) for one in sets}
    described: dict[str, dict[str, Any]] = {
        name: {"folder": str(corpus.folder), "split": split, "checksum": corpus.manifest.checksum}
        for name, (corpus, split) in splits.items()
    }
    results: list[Result] = []
    documents: dict[tuple[str, str], DocumentSums] = {}
    about: dict[str, dict[str, Any]] = {}
    tokenised: dict[tuple[str, str], Sentences] = {}
    texts = {name: sampled_texts(*chosen, max_sentences) for name, chosen in splits.items() if by_syllable}
    wordwise: dict[str, dict[str, WordScores]] = {name: {} for name in texts}
    for name, location in models:
        model, tokenizer = load_checkpoint(location)
        move(model, place)
        fingerprint = tokenizer_fingerprint(tokenizer)
        about[name] = {"model": location, "tokenizer": fingerprint} | _pull(location)
        length = min(max_length, getattr(model.config, "max_position_embeddings", max_length))
        for set_name, chosen in splits.items():
            key = (fingerprint, set_name)
            if key not in tokenised:
                read = tokenize([chosen], tokenizer, length, describe=f"tokenising {set_name}")
                tokenised[key] = read.subset(max_sentences)
            sentences = tokenised[key]
            described[set_name] |= {"sentences": len(sentences), "truncated": sentences.truncated}
            title = f"{name} on {set_name}"
            with tqdm(
                total=len(sentences) * repeats, desc=title, unit=" sentences", disable=None, leave=False
            ) as bar:
                sums = []
                for seed in range(repeats):
                    sums.append(
                        score_sentences(
                            model, tokenizer, sentences, seed=seed, precision=exactly, progress=bar
                        )
                    )
                    results.append(Result(name, set_name, seed, sums[-1].total()))
            documents[name, set_name] = reduce(SentenceSums.plus, sums).by_document(sentences.documents)
            if by_syllable:
                wordwise[set_name][name] = score_words(
                    model,
                    tokenizer,
                    texts[set_name],
                    hidden_words(texts[set_name], by_syllable, seed=0),
                    way=by_syllable,
                    max_length=length,
                    precision=exactly,
                    describe=f"{title}, by syllable",
                )
    words = {
        (name, set_name): sums
        for set_name, scores in wordwise.items()
        for name, sums in zip(scores, word_sums(list(scores.values())), strict=True)
    }
    return Evaluation(tuple(results), about, described, documents, words)


def find_split(wanted: EvaluationSet) -> tuple[Corpus, str]:
    """The corpus and the split that is meant: the named one, else validation, else the only one."""
    corpus = find_corpus(wanted.folder, wanted.split)
    default = next((split for split in PREFERRED_SPLITS if split in corpus.splits), corpus.splits[0])
    return corpus, wanted.split or default


def tokenizer_fingerprint(tokenizer: PreTrainedTokenizerFast) -> str:
    """A digest of the vocabulary: models that share it are scored on the same hidden tokens of a treated corpus."""
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    return hashlib.sha256(json.dumps(vocabulary).encode()).hexdigest()[:16]


def _pull(location: str) -> dict[str, Any]:
    """What `run.json` says of the regulariser, when the model is a run of ours."""
    try:
        record = json.loads((Path(location) / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {"pull": record["pull"]} if "pull" in record else {}
