"""What the sentences of some documents amount to: counts that can be added up, and kept beside a shard."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from corpus.schema import Counts
from corpus.tally import EXAMPLES


@dataclass(slots=True)
class Account:
    """Attributes:
    sources, years: what there is of each source and year (`undated` where a document has no date).
    replaced: source of a mapping entry -> how many times it was replaced.
    dropped: reason -> count, of what was left out after a document had its place.
    examples: reason -> the first documents that it struck.
    """

    sources: dict[str, Counts] = field(default_factory=dict)
    years: dict[str, Counts] = field(default_factory=dict)
    replaced: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def drop(self, reason: str, name: str) -> None:
        self.dropped[reason] += 1
        self._exemplify(reason, [name])

    def add(self, other: Account) -> None:
        """Add what `other` counted later in the corpus."""
        for mine, theirs in ((self.sources, other.sources), (self.years, other.years)):
            for key, counts in theirs.items():
                mine[key] = mine.get(key, Counts()) + counts
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
            replaced=Counter(raw["replaced"]),
            dropped=Counter(raw["dropped"]),
            examples=raw["examples"],
        )

    def _exemplify(self, reason: str, names: Iterable[str]) -> None:
        known = self.examples.setdefault(reason, [])
        for name in names:
            if len(known) < EXAMPLES and name not in known:
                known.append(name)
