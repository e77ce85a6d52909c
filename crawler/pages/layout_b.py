"""Layout B, the article markup of 2025 and later: classed paragraphs in `#articleContent > #ContDIV`."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from parsel import Selector

from crawler.pages.dates import find_date
from crawler.pages.detect import UNKNOWN_LAYOUT, PageError
from crawler.pages.text import scripts, text

_CONTAINERS = ("#articleContent #ContDIV", "#ContDIV", "#articleContent", "#article-content")
_TITLE = {"TitleP", "RevoTitleP", "HeadP"}
_SUBTITLE = {"SubTitleP"}
_BYLINE = {"WriterP"}
_BACK_TO_LIST = "목록으로"
# From the pictures up to what holds them, since a page has few pictures and many elements.
_MEDIA = (
    "//img[ancestor::*[@id='articleContent' or @id='article-content' or @id='ContDIV' or @id='photoContent']]"
    " | //*[@id='videoContent']//*"
)
_DECORATION = ("newsf", "rodong_mark")  # parts of the names of icons
_PHOTO_VIEWER = re.compile(r"\biType\s*[:=]\s*[\"']?3\b")


@dataclass(frozen=True, slots=True)
class Content:
    """The parts of an article as the markup separates them."""

    title: str
    subtitle: str
    body: str
    byline: str
    date: dt.date | None
    has_pictures: bool


def container(page: Selector) -> Selector | None:
    """The innermost known element that holds the article's paragraphs, or None."""
    for css in _CONTAINERS:
        if found := page.css(css):
            return found[0]
    return None


def read(page: Selector, root: Selector) -> Content:
    """Read the paragraphs in order: title lines, subtitle lines, then everything else is body or byline.

    Only the leading run of title paragraphs is the title: a later one can be a signature. Every other
    paragraph is body whatever its class, so that quotations (MarkP) and classes yet unknown are kept.
    """
    paragraphs = [(set(node.attrib.get("class", "").split()), text(node)) for node in root.css("p")]
    paragraphs = [(classes, words) for classes, words in paragraphs if words and words != _BACK_TO_LIST]
    if not paragraphs and text(root).replace(_BACK_TO_LIST, ""):
        raise PageError(UNKNOWN_LAYOUT, "the article's text is not in paragraphs")
    title = _leading_run(paragraphs, _TITLE)
    subtitle = _leading_run(paragraphs[len(title) :], _SUBTITLE)
    rest = paragraphs[len(title) + len(subtitle) :]
    return Content(
        title=" ".join(title),
        subtitle=" ".join(subtitle),
        body="\n".join(words for classes, words in rest if not classes & _BYLINE),
        byline="\n".join(words for classes, words in rest if classes & _BYLINE),
        date=_date(page),
        has_pictures=_has_pictures(page),
    )


def _leading_run(paragraphs: list[tuple[set[str], str]], classes: set[str]) -> list[str]:
    run = []
    for own, words in paragraphs:
        if not own & classes:
            break
        run.append(words)
    return run


def _date(page: Selector) -> dt.date | None:
    """The date stands in `#article-date` or, on some pages, in `#article-homepage`."""
    places = (node for css in ("#article-date", "#article-homepage") for node in page.css(css))
    return next((date for node in places if (date := find_date(text(node)))), None)


def _has_pictures(page: Selector) -> bool:
    """Pictures or a video of the article itself, or a photo viewer that fetches them (iType 3)."""
    media = page.xpath(_MEDIA)
    sources = (node.attrib.get("src", "") for node in media)
    return any(not any(name in source for name in _DECORATION) for source in sources) or bool(
        _PHOTO_VIEWER.search(scripts(page))
    )
