"""The account of everything that was read and is not in the corpus."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from typing import IO

EXAMPLES = 10  # how many names of struck documents or lines are kept for each reason
COLUMNS = ("reason", "name", "like", "similarity", "text")


class Tally:
    """Counts what was dropped, by reason; a reason begins with its unit, as in `document: no text`."""

    def __init__(self, report: IO[str] | None = None) -> None:
        """`report`: a text file that gets a line of CSV, with `COLUMNS`, for everything that is dropped."""
        self.dropped: Counter[str] = Counter()
        self._examples: defaultdict[str, list[str]] = defaultdict(list)
        self._report = csv.writer(report, lineterminator="\n") if report else None
        if self._report:
            self._report.writerow(COLUMNS)

    def drop(
        self,
        reason: str,
        name: str | None = None,
        *,
        like: str = "",
        similarity: float | None = None,
        text: str = "",
    ) -> None:
        """One more for `reason`; `name` says which document or line it was, `like` which document it repeats.

        `text` is what was cut, where that is less than the document or line.
        """
        self.dropped[reason] += 1
        self.line(reason, name, like, similarity, text)
        if name is not None and len(names := self._examples[reason]) < EXAMPLES and name not in names:
            names.append(name)

    def line(
        self,
        reason: str,
        name: str | None = None,
        like: str = "",
        similarity: float | None = None,
        text: str = "",
    ) -> None:
        """A line of the report, without counting."""
        if self._report:
            self._report.writerow(
                (
                    reason,
                    name or "",
                    like,
                    "" if similarity is None else f"{similarity:.2f}",
                    " ".join(text.split()),
                )
            )

    @property
    def examples(self) -> dict[str, tuple[str, ...]]:
        return {reason: tuple(names) for reason, names in sorted(self._examples.items())}
