"""Reading text out of markup: the words exactly as printed, without what only the markup put there."""

from __future__ import annotations

import re

from lxml import etree
from parsel import Selector

# Compiled once and asked directly: a page has a hundred paragraphs, and parsel would wrap every piece of their text.
_PIECES = etree.XPath(
    "descendant::text()[not(parent::script or parent::style)] | descendant::br", smart_strings=False
)
_BREAK = "\0"  # stands for <br>; no page that was parsed holds it
# White space as HTML knows it, where it is not a single space already. The no-break space is not among it: inside a
# line it stays as printed.
_SPACE = re.compile(r"[ \t\r\n\f]{2,}|[\t\r\n\f]")
_UNTIDY = re.compile(r"[\0-\x1f\x7f]|  ")  # most paragraphs are one line that needs nothing
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0e-\x1f\x7f]")
_PAPER_PAGE = re.compile(r"\s*[\[［]\s*(\d{1,2})\s*면\s*[\]］]\s*$")
_GENRE = re.compile(r"^[\[［]\s*([^\[\]［］\d]{1,12}?)\s*[\]］]")


def lines(node: Selector) -> tuple[str, ...]:
    """The non-empty lines of an element, split at `<br>`.

    Inline elements are joined without a space: leaders' names stand in `<b>` or `<nobr>` and a particle
    follows directly. Scripts and styles hold no text.
    """
    root = node.root
    if len(root):
        words = "".join(each if isinstance(each, str) else _BREAK for each in _PIECES(root))
    else:
        words = root.text or ""
    if _UNTIDY.search(words):
        parts = _CONTROL.sub("", words).split(_BREAK)
        return tuple(line for each in parts if (line := _SPACE.sub(" ", each).strip()))
    line = words.strip()
    return (line,) if line else ()


def text(node: Selector) -> str:
    """All text of an element as one line."""
    return " ".join(lines(node))


def scripts(page: Selector) -> str:
    """The code of all scripts that stand in the page itself."""
    return " ".join(script.text or "" for script in page.root.iter("script"))


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
