"""The legacy article markup, until November 2022: plain `td > p.ArticleContent`, told apart by dress alone.

Nothing names a title or a byline here. The title is the first run of bold lines at the head, the byline the closing
run of lines set to the right; everything between is body, in order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from parsel import Selector

from crawler.pages.dates import find_date
from crawler.pages.layout_b import Content
from crawler.pages.text import text

_PARAGRAPHS = "//td/p[contains(concat(' ', normalize-space(@class), ' '), ' ArticleContent ')]"
_ALIGN = re.compile(r"text-align\s*:\s*(\w+)", re.IGNORECASE)
_WORDS = ".//text()[normalize-space(translate(., '\u00a0', ' '))]"
_BOLD = r"re:test(@style, 'font-weight\s*:\s*(bold|[6-9]00)', 'i')"
_MOST_HEADING_LINES = 3
# A shorter passage is verse or a row of stars, which an article may repeat on purpose.
_REPEATED_LENGTH = 40


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """`styled`: all of its text stands in an element that sets another font; `bold`: in bold ones."""

    words: str
    align: str
    styled: bool
    bold: bool
    picture: bool


def container(page: Selector) -> Selector | None:
    """The page itself where it has legacy paragraphs, else None. Those of Layout A have the same class: ask for its
    container first.
    """
    return page if page.xpath(_PARAGRAPHS) else None


def read(page: Selector, root: Selector) -> Content:
    """Read the paragraphs; a text that the page prints several times in a row is read once.

    A heading above the title belongs to the title, as in the later layouts; centred lines below are the subtitle.
    """
    paragraphs = [_paragraph(node) for node in root.xpath(_PARAGRAPHS)]
    paragraphs = [each for each in paragraphs if each.words or each.picture]
    title, subtitle = _head(paragraphs)
    head = [*title, *subtitle]
    # The whole page may be repeated, or all below the title, or all but the byline.
    lines = _once([each for each in paragraphs if each.words])
    rest = _once(lines[len(head) :])
    end = len(rest)
    while end and rest[end - 1].align == "right":
        end -= 1
    body = _once(_once([*head, *rest[:end]])[len(head) :])
    return Content(
        title=_joined(title, " "),
        subtitle=_joined(subtitle, " "),
        body=_joined(body, "\n"),
        byline=_joined(rest[end:], "\n"),
        date=find_date(" ".join(text(node) for node in page.css(".ArticleMenuDate"))),
        has_pictures=any(each.picture for each in paragraphs),
    )


def _paragraph(node: Selector) -> _Paragraph:
    align = _ALIGN.search(node.attrib.get("style", ""))
    words = text(node)
    return _Paragraph(
        words=words,
        align=(align[1] if align else node.attrib.get("align", "")).lower(),
        styled=bool(words)
        and not node.xpath(
            f"{_WORDS}[not(ancestor::font or ancestor::span or ancestor::b or ancestor::strong)]"
        ),
        bold=bool(words)
        and not node.xpath(f"{_WORDS}[not(ancestor::b or ancestor::strong or ancestor::*[{_BOLD}])]"),
        picture=bool(node.css("img")),
    )


def _head(paragraphs: list[_Paragraph]) -> tuple[list[_Paragraph], list[_Paragraph]]:
    """Title and subtitle lines; both empty where no line is dressed as one."""
    first = next((n for n, each in enumerate(paragraphs) if each.words), None)
    if first is None:
        return [], []
    bold = first
    while bold < len(paragraphs) and _is_heading(paragraphs[bold]):
        bold += 1
    if bold < len(paragraphs) and paragraphs[bold].bold and bold - first <= _MOST_HEADING_LINES:
        end = bold
        while end < len(paragraphs) and paragraphs[end].bold:
            end += 1
    elif paragraphs[first].align == "center":
        end = first + 1
    else:
        return [], []
    last = end
    while last < len(paragraphs) and paragraphs[last].align == "center" and not paragraphs[last].picture:
        last += 1
    return paragraphs[first:end], paragraphs[end:last]


def _is_heading(paragraph: _Paragraph) -> bool:
    dressed = paragraph.styled or paragraph.align == "center"
    return dressed and not paragraph.bold and not paragraph.picture


def _once(paragraphs: list[_Paragraph]) -> list[_Paragraph]:
    """The first copy of what is nothing but copies of one passage, else all of it."""
    words = [each.words for each in paragraphs]
    for length in range(1, len(words) // 2 + 1):
        passage = words[:length]
        if passage * (len(words) // length) == words and sum(map(len, passage)) >= _REPEATED_LENGTH:
            return paragraphs[:length]
    return paragraphs


def _joined(paragraphs: list[_Paragraph], by: str) -> str:
    return by.join(each.words for each in paragraphs)
