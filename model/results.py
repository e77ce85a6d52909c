"""Results of an evaluation, and their file: what `model evaluate` writes and `model compare` reads."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from model.errors import ModelError
from model.records import versions, write_json

FORMAT = 2  # 2: reciprocal ranks, means over batches, sums by document


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over hidden tokens: negative log-likelihood in nats, right first guesses, tokens, reciprocal ranks."""

    nll: float
    correct: int
    targets: int
    reciprocal: float

    @property
    def log_perplexity(self) -> float:
        """Mean negative log-likelihood of a hidden token, in nats."""
        return self.nll / self.targets if self.targets else float("nan")

    @property
    def accuracy(self) -> float:
        """Share of hidden tokens whose first guess is right, 0 to 1."""
        return self.correct / self.targets if self.targets else float("nan")

    @property
    def reciprocal_rank(self) -> float:
        """Mean reciprocal rank of the truth among all tokens, 0 to 1."""
        return self.reciprocal / self.targets if self.targets else float("nan")


@dataclass(frozen=True, slots=True)
class BatchMeans:
    """Log-perplexity in nats and accuracy (0 to 1) as means of batch means, which is how the paper averages."""

    log_perplexity: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Score:
    """One pass over a split: tokens that the vocabulary knows, and those that are `[UNK]` in it."""

    known: Tally
    unknown: Tally
    batch_means: BatchMeans

    @classmethod
    def of(cls, record: dict[str, dict[str, Any]]) -> Self:
        """From the dictionary that `dataclasses.asdict` makes."""
        return cls(Tally(**record["known"]), Tally(**record["unknown"]), BatchMeans(**record["batch_means"]))


@dataclass(frozen=True, slots=True)
class DocumentSums:
    """Sums over all maskings for each document of a split, in its order: what a paired bootstrap draws from."""

    nll: tuple[float, ...]
    correct: tuple[int, ...]
    targets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WordSums:
    """Sums over whole hidden words, the same for all models of an evaluation; see `model.wordwise`.

    `unknown` words lack a part in this model's vocabulary; `shared_` are the sums over those that no model lacks.
    """

    bits: float
    syllables: int
    words: int
    unknown: int
    shared_bits: float
    shared_syllables: int

    @property
    def bits_per_syllable(self) -> float:
        return self.bits / self.syllables if self.syllables else float("nan")

    @property
    def shared_bits_per_syllable(self) -> float:
        return self.shared_bits / self.shared_syllables if self.shared_syllables else float("nan")


@dataclass(frozen=True, slots=True)
class Result:
    """The score of one model on one set with the masks of one seed."""

    model: str
    set: str
    seed: int
    score: Score


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All results of a call; what `model compare` reads back."""

    results: tuple[Result, ...]
    models: dict[str, dict[str, Any]]  # name → folder, tokenizer fingerprint, λ ...
    sets: dict[str, dict[str, Any]]  # name → folder, split, checksum, counts
    documents: dict[tuple[str, str], DocumentSums] = field(default_factory=dict)  # by model and set
    words: dict[tuple[str, str], WordSums] = field(default_factory=dict)  # the same, where asked for

    def save(self, path: Path) -> None:
        content = {
            "format": FORMAT,
            "models": self.models,
            "sets": self.sets,
            "results": [dataclasses.asdict(result) for result in self.results],
            "documents": [
                {"model": model, "set": name} | dataclasses.asdict(sums)
                for (model, name), sums in self.documents.items()
            ],
            "words": [
                {"model": model, "set": name} | dataclasses.asdict(sums)
                for (model, name), sums in self.words.items()
            ],
            "versions": versions(),
        }
        write_json(path, content)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises `ModelError` when the file is missing, cut short, or something else."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise ModelError(f"{path} was written by another version; run model evaluate again")
            results = tuple(
                Result(row["model"], row["set"], row["seed"], Score.of(row["score"]))
                for row in content["results"]
            )
            documents = {
                (row["model"], row["set"]): DocumentSums(
                    *map(tuple, (row["nll"], row["correct"], row["targets"]))
                )
                for row in content["documents"]
            }
            words = {(row.pop("model"), row.pop("set")): WordSums(**row) for row in content["words"]}
            return cls(results, content["models"], content["sets"], documents, words)
        except OSError as error:
            raise ModelError(f"cannot read {path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path} holds no results of model evaluate; give the file that --output wrote"
            ) from error

    @classmethod
    def merged(cls, evaluations: Sequence[Self]) -> Self:
        """One evaluation of several files.

        Raises `ModelError` when they disagree on what a set's name stands for, hold two models of one name, or a model
        was not scored on every set.
        """
        sets: dict[str, dict[str, Any]] = {}
        models: dict[str, dict[str, Any]] = {}
        for evaluation in evaluations:
            for name, about in evaluation.sets.items():
                if _identity(sets.setdefault(name, about)) != _identity(about):
                    raise ModelError(
                        f"the files mean different corpora by {name!r}; evaluate the models on the same export"
                    )
            for name, about in evaluation.models.items():
                if name in models:
                    raise ModelError(
                        f"two files hold a model {name!r}; give one of them another name (NAME=MODEL)"
                    )
                models[name] = about
        results = tuple(result for evaluation in evaluations for result in evaluation.results)
        scored = {(result.model, result.set) for result in results}
        for model in models:
            if missing := [name for name in sets if (model, name) not in scored]:
                raise ModelError(
                    f"{model!r} was not evaluated on {', '.join(missing)}; tables need every model on every set"
                )
        documents = {key: sums for evaluation in evaluations for key, sums in evaluation.documents.items()}
        words = {key: sums for evaluation in evaluations for key, sums in evaluation.words.items()}
        return cls(results, models, sets, documents, words)


def _identity(about: dict[str, Any]) -> str:
    """What makes two sets the same: the corpus's checksum, the split, how many sentences of it were read."""
    return f"{about['checksum']}:{about['split']}:{about['sentences']}"
