"""What an export is asked to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from corpus import cleaning, text
from corpus.cutting import SHARD_BYTES
from corpus.orthography import Orthography
from corpus.schema import CorpusError
from corpus.sources import Source
from corpus.split import ALL, SPLITS, SplitBy, shares_of
from corpus.vocabulary import label

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
        recipe: a name in `corpus.cleaning.RECIPES` and `corpus.text.RECIPES`.
        with_steps, without_steps: steps that are added to the recipe's, or taken from them.
        vocab: of the model that the corpus is for; without it, the mapping covers what KR-BERT lacks.
        map: whether syllables are mapped at all.
        dedup: which documents are left out as repetitions: none, those of exactly the same text (white space and
            normalisation aside), or also those of nearly the same.
        similarity: from which similarity on two documents are nearly the same (see `corpus.duplicates`). Whatever
            `dedup` is, such documents are never in different splits.
        dedup_sentences: the same of single sentences, within and across the documents that stay.
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
    with_steps: tuple[str, ...] = ()
    without_steps: tuple[str, ...] = ()
    vocab: Path | None = None
    map: bool = True
    dedup: Dedup = "exact"
    similarity: float = 0.7
    dedup_sentences: Dedup = "none"
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

    def cleanings(self) -> tuple[str, ...]:
        """The steps on whole documents, in their order."""
        return self._chosen(cleaning.RECIPES[self.recipe], cleaning.CLEANINGS)

    def steps(self) -> tuple[str, ...]:
        """The steps on every text, in their order: what a tokenizer takes over.

        Raises:
            CorpusError: a step to add or remove that there is not.
        """
        known = (*cleaning.CLEANINGS, *text.STEPS)
        if unknown := {*self.with_steps, *self.without_steps}.difference(known):
            raise CorpusError(f"no such step: {', '.join(sorted(unknown))} (there are: {', '.join(known)})")
        return self._chosen(text.RECIPES[self.recipe], text.STEPS)

    def _chosen(self, recipe: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
        chosen = {*recipe, *self.with_steps} - {*self.without_steps}
        return tuple(name for name in known if name in chosen)

    def describe(self, sources: Sequence[Source]) -> dict[str, Any]:
        """The options as the manifest has them: nothing that differs between two machines."""
        days = [day.isoformat() for day in self.first_days]
        return {
            "source": [source.label for source in sources],
            "split": days or (list(self.ratio) if isinstance(self.ratio, tuple) else self.ratio),
            "split_by": self.split_by,
            "seed": self.seed,
            "recipe": self.recipe,
            "with": list(self.with_steps),
            "without": list(self.without_steps),
            "cleaning": list(self.cleanings()),
            "vocab": label(self.vocab) if self.vocab else None,
            "map": self.map,
            "dedup": self.dedup,
            "similarity": self.similarity,
            "dedup_sentences": self.dedup_sentences,
            "since": self.since and self.since.isoformat(),
            "until": self.until and self.until.isoformat(),
            "section": list(self.sections),
            "exclude_orthography": self.exclude,
            "shard_size": self.shard_bytes,
        }
