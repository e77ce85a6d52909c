"""A grid of cells as aligned text, Markdown or LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

Form = Literal["text", "markdown", "latex", "csv"]
FORMS: tuple[Form, ...] = ("text", "markdown", "latex", "csv")

_LATEX = {character: "\\" + character for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    "λ": r"$\lambda$",
    "−": "$-$",
    "…": r"\ldots{}",
}


def render_grid(header: Sequence[str], body: Sequence[Sequence[str]], form: str = "text") -> str:
    """The first column to the left, the others to the right; `latex` is a tabular for the package booktabs."""
    if form == "latex":
        return _latex(header, body)
    widths = [max(map(len, column)) for column in zip(header, *body, strict=True)]
    lines = [[cells[0].ljust(widths[0]), *map(str.rjust, cells[1:], widths[1:])] for cells in (header, *body)]
    if form == "markdown":
        rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in [lines[0], rule, *lines[1:]])
    rule = ["─" * width for width in widths]
    return "\n".join("  ".join(cells).rstrip() for cells in [lines[0], rule, *lines[1:]])


def _width(text: str) -> int:
    """Columns of a terminal: Hangul and other wide characters take two."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def _latex(header: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    rows = [" & ".join(map(_escaped, cells)) + r" \\" for cells in (header, *body)]
    return "\n".join(
        [
            rf"\begin{{tabular}}{{l{'r' * (len(header) - 1)}}}",
            r"\toprule",
            rows[0],
            r"\midrule",
            *rows[1:],
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )


def _escaped(text: str) -> str:
    return re.sub("|".join(map(re.escape, _LATEX)), lambda match: _LATEX[match[0]], text)
