"""Tables in the terminal, where a Hangul syllable is two columns wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Aligned columns: to the right where every cell is a number, the last one without padding."""
    lines = [head, *rows]
    widths = [max(width(line[column]) for line in lines) for column in range(len(head))]
    numeric = [all(_is_number(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            pad(cell, size, right) for cell, size, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    )


def width(text: str) -> int:
    """Columns that a terminal gives to `text`."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def pad(text: str, size: int, right: bool = False) -> str:
    blank = " " * max(0, size - width(text))
    return blank + text if right else text + blank


def start_of(text: str, size: int) -> str:
    """As much of the beginning as `size` columns hold."""
    taken = 0
    for place, character in enumerate(text):
        taken += width(character)
        if taken > size:
            return text[:place]
    return text


def end_of(text: str, size: int) -> str:
    """As much of the end as `size` columns hold."""
    return start_of(text[::-1], size)[::-1]


def _is_number(text: str) -> bool:
    return not text or text.strip(" %+-−").replace(",", "").replace(".", "").isdigit()
