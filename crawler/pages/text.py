"""Reading text out of markup: the words exactly as printed, without what only the markup put there."""

from __future__ import annotations

import re

from parsel import Selector

# White space as HTML knows it. The no-break space is not among it: inside a line it stays as printed.
_SPACE = re.compile(r"[ \t\r\n\f]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_PAPER_PAGE = re.compile(r"\s*[\[［]\s*(\d{1,2})\s*면\s*[\]］]\s*$")
_GENRE = re.compile(r"^[\[［]\s*([^\[\]［］\d]{1,12}?)\s*[\]］]")


def lines(node: Selector) -> tuple[str, ...]:
    """The non-empty lines of an element, split at `<br>`.

    Inline elements are joined without a space: leaders' names stand in `<b>` or `<nobr>` and a particle
    follows directly. Scripts and styles hold no text.
    """
    parts = node.xpath(".//text()[not(ancestor::script or ancestor::style)] | .//br")
    text = "".join(
        _SPACE.sub(" ", _CONTROL.sub("", part.root)) if isinstance(part.root, str) else "\n" for part in parts
    )
    return tuple(line for line in (_SPACE.sub(" ", each).strip() for each in text.split("\n")) if line)


def text(node: Selector) -> str:
    """All text of an element as one line."""
    return " ".join(lines(node))


def split_paper_page(title: str) -> tuple[str, int | None]:
    """A title without its closing `[4면]`, and that page of the printed paper."""
    match = _PAPER_PAGE.search(title)
    return (title[: match.start()], int(match[1])) if match else (title, None)


def genre(title: str) -> str:
    """The genre that a title opens with, such as 사설 in `[사설]`; empty where it has none. The title keeps
    it.
    """
    match = _GENRE.match(title)
    return match[1] if match else ""
