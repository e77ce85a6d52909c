"""The account of everything that was read and is not in the corpus."""

from __future__ import annotations

from collections import Counter, defaultdict

EXAMPLES = 10  # how many names of struck documents or lines are kept for each reason


class Tally:
    """Counts what was dropped, by reason; a reason begins with its unit, as in `document: no text`."""

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        self._examples: defaultdict[str, list[str]] = defaultdict(list)

    def drop(self, reason: str, name: str | None = None) -> None:
        """One more for `reason`; `name` says which document or line it was."""
        self.dropped[reason] += 1
        if name is not None and len(names := self._examples[reason]) < EXAMPLES and name not in names:
            names.append(name)

    @property
    def examples(self) -> dict[str, tuple[str, ...]]:
        return {reason: tuple(names) for reason, names in sorted(self._examples.items())}
