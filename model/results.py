"""Results of an evaluation, and their file: what `model evaluate` writes and `model compare` reads."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from model.errors import ModelError
from model.records import versions, write_json

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over hidden tokens: negative log-likelihood in nats, right first guesses, tokens."""

    nll: float
    correct: int
    targets: int

    @property
    def log_perplexity(self) -> float:
        """Mean negative log-likelihood of a hidden token, in nats."""
        return self.nll / self.targets if self.targets else float("nan")

    @property
    def accuracy(self) -> float:
        """Share of hidden tokens whose first guess is right, 0 to 1."""
        return self.correct / self.targets if self.targets else float("nan")


@dataclass(frozen=True, slots=True)
class Score:
    """One pass over a split: tokens that the vocabulary knows, and those that are `[UNK]` in it."""

    known: Tally
    unknown: Tally

    @classmethod
    def of(cls, record: dict[str, dict[str, Any]]) -> Self:
        """From the dictionary that `dataclasses.asdict` makes."""
        return cls(Tally(**record["known"]), Tally(**record["unknown"]))


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

    def save(self, path: Path) -> None:
        content = {
            "format": FORMAT,
            "models": self.models,
            "sets": self.sets,
            "results": [dataclasses.asdict(result) for result in self.results],
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
            return cls(results, content["models"], content["sets"])
        except OSError as error:
            raise ModelError(f"cannot read {path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path} holds no results of model evaluate; give the file that --output wrote"
            ) from error
