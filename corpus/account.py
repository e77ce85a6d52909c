"""What the sentences of some documents amount to: counts that can be added up, and kept beside a shard."""

from __future__ import annotations

import json
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import pairwise
from typing import Any

from corpus.documents import Document
from corpus.schema import Counts
from corpus.tally import EXAMPLES

# Classes of sentence lengths, in characters.
_LENGTHS = (1, *range(20, 201, 20))
LENGTHS = (*(f"{a}-{b - 1}" for a, b in pairwise(_LENGTHS)), f"{_LENGTHS[-1]}-")


@dataclass(slots=True)
class Account:
    """Attributes:
    sources, years, sections: what there is of each source, year (`undated` where a document has no date) and section;
        a document of several sections counts in each, one without any in `(none)`.
    lengths: how many sentences there are of each of the `LENGTHS`.
    replaced: source of a mapping entry -> how many times it was replaced.
    dropped: reason -> count, of what was left out after a document had its place.
    examples: reason -> the first documents that it struck.
    """

    sources: dict[str, Counts] = field(default_factory=dict)
    years: dict[str, Counts] = field(default_factory=dict)
    sections: dict[str, Counts] = field(default_factory=dict)
    lengths: Counter[str] = field(default_factory=Counter)
    replaced: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add_document(self, document: Document, label: str, sentences: Sequence[str]) -> None:
        """A document of the source `label` and what became of it; without a sentence it is nothing."""
        if not sentences:
            return
        lengths = list(map(len, sentences))
        counts = Counts(1, len(lengths), sum(lengths))
        year = str(document.date.year) if document.date else "undated"
        _grow(self.sources, {label: counts})
        _grow(self.years, {year: counts})
        _grow(self.sections, dict.fromkeys((document.section or "(none)").split("; "), counts))
        self.lengths.update(LENGTHS[bisect(_LENGTHS, length) - 1] for length in lengths)

    def drop(self, reason: str, name: str) -> None:
        self.dropped[reason] += 1
        self._exemplify(reason, [name])

    def add(self, other: Account) -> None:
        """Add what `other` counted later in the corpus."""
        _grow(self.sources, other.sources)
        _grow(self.years, other.years)
        _grow(self.sections, other.sections)
        self.lengths.update(other.lengths)
        self.replaced.update(other.replaced)
        self.dropped.update(other.dropped)
        for reason, names in other.examples.items():
            self._exemplify(reason, names)

    @property
    def total(self) -> Counts:
        return sum(self.sources.values(), Counts())

    def to_json(self) -> str:
        content = {each.name: getattr(self, each.name) for each in fields(self)}
        return json.dumps(content, default=asdict, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> Account:
        raw: dict[str, Any] = json.loads(text)
        return cls(
            sources={key: Counts(**counts) for key, counts in raw["sources"].items()},
            years={key: Counts(**counts) for key, counts in raw["years"].items()},
            sections={key: Counts(**counts) for key, counts in raw["sections"].items()},
            lengths=Counter(raw["lengths"]),
            replaced=Counter(raw["replaced"]),
            dropped=Counter(raw["dropped"]),
            examples=raw["examples"],
        )

    def _exemplify(self, reason: str, names: Iterable[str]) -> None:
        known = self.examples.setdefault(reason, [])
        for name in names:
            if len(known) < EXAMPLES and name not in known:
                known.append(name)


def _grow(table: dict[str, Counts], more: Mapping[str, Counts]) -> None:
    for key, counts in more.items():
        table[key] = table.get(key, Counts()) + counts
