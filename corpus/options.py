"""What an export is asked to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from corpus.cutting import SHARD_BYTES
from corpus.orthography import Orthography
from corpus.schema import CorpusError
from corpus.sources import Source
from corpus.split import ALL, SPLITS, SplitBy, shares_of

Dedup = Literal["none", "exact", "near"]


@dataclass(frozen=True, slots=True)
class Options:
    """What to take, and what to do to it.

    Attributes:
        ratio: the share of documents that goes to train, strictly between 0 and 1, or the shares of train,
            validation and test; None for one split `all`.
        split_by: what is never divided: a document, a day (train is the past) or a section.
        first_days: in place of a ratio, with `split_by` "date": the first day of validation, and of test.
        seed: of the split.
        recipe: a name in `corpus.text.RECIPES`.
        vocab: of the model that the corpus is for; without it, the mapping covers what KR-BERT lacks.
        map: whether syllables are mapped at all.
        dedup: which documents are left out as repetitions: none, those of exactly the same text (white space and
            normalisation aside), or also those of nearly the same.
        similarity: from which similarity on two documents are nearly the same (see `corpus.duplicates`). Whatever
            `dedup` is, such documents are never in different splits.
        since, until: first and last day of the documents to take.
        sections: take only documents of one of these sections; none: of all.
        exclude: leave out documents spelt by this standard.
        shard_bytes: about how much text one Parquet file holds (see `corpus.cutting`).
    """

    ratio: float | tuple[float, ...] | None = None
    split_by: SplitBy = "document"
    first_days: tuple[dt.date, ...] = ()
    seed: int = 0
    recipe: str = "default"
    vocab: Path | None = None
    map: bool = True
    dedup: Dedup = "exact"
    similarity: float = 0.7
    since: dt.date | None = None
    until: dt.date | None = None
    sections: tuple[str, ...] = ()
    exclude: Orthography | None = None
    shard_bytes: int = SHARD_BYTES

    def names(self) -> tuple[str, ...]:
        """The splits that are asked for.

        Raises:
            CorpusError: a ratio that leaves a split empty, days out of order, or days without `split_by` "date".
        """
        if self.first_days:
            ordered = all(a < b for a, b in zip(self.first_days, self.first_days[1:], strict=False))
            if self.split_by != "date" or not ordered or len(self.first_days) >= len(SPLITS):
                raise CorpusError(
                    "days split a corpus by date only: one or two of them, in order, with --split-by date"
                )
            return SPLITS[: len(self.first_days) + 1]
        if self.ratio is None:
            if self.split_by != "document":
                raise CorpusError(f"--split-by {self.split_by} splits nothing without --split")
            return (ALL,)
        try:
            return SPLITS[: len(shares_of(self.ratio))]
        except ValueError as error:
            raise CorpusError(f"the split {self.ratio} is impossible: give {error}") from None

    def describe(self, sources: Sequence[Source]) -> dict[str, Any]:
        """The options as the manifest has them: nothing that differs between two machines."""
        days = [day.isoformat() for day in self.first_days]
        return {
            "source": [source.label for source in sources],
            "split": days or (list(self.ratio) if isinstance(self.ratio, tuple) else self.ratio),
            "split_by": self.split_by,
            "seed": self.seed,
            "recipe": self.recipe,
            "vocab": self.vocab.name if self.vocab else None,
            "map": self.map,
            "dedup": self.dedup,
            "similarity": self.similarity,
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
            "section": list(self.sections),
            "exclude_orthography": self.exclude,
            "shard_size": self.shard_bytes,
        }
