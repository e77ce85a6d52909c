"""The home page: the way to the sections. Sections are known by their label, never by their place in
the menu.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from parsel import Selector

from crawler.pages import tokens
from crawler.pages.detect import document, refusal
from crawler.pages.text import text

TODAY = 2

# Labels of the Korean edition that lead to text; photos (8) and videos (9) have lists but no articles.
SECTIONS = {
    1: "혁명활동소식",
    2: "오늘호 기사",
    3: "인민을 위한 정치",
    4: "전진하는 조선",
    5: "사회문화생활",
    7: "유구한 력사,찬란한 문화",
    11: "사설",
}
WITHOUT_TEXT = {8: "사진", 9: "동영상"}

_ARROWS = re.compile(r"[>＞»›\s]*")


@dataclass(frozen=True, slots=True)
class SectionLink:
    """A link of the home page to the first page of a list: its label as printed, its category, its href
    as found.
    """

    label: str
    category: int
    href: str


def read_home(html: str) -> tuple[SectionLink, ...]:
    """The lists that the home page leads to, one link each, in page order; raises PageError where there
    is none.
    """
    page = document(html)
    found: dict[tuple[int, str], SectionLink] = {}
    for anchor in page.css("a[href]"):
        href = anchor.attrib["href"].strip()
        token = tokens.parse(href)
        if not isinstance(token, tokens.ListToken) or token.page > 1:
            continue
        label = text(anchor)
        if _ARROWS.fullmatch(label):
            label = _block_title(anchor)
        link = SectionLink(label, token.category, href)
        earlier = found.get((token.category, token.keyword))
        if earlier is None or (section_number(earlier.label) is None and section_number(label) is not None):
            found[token.category, token.keyword] = link
    if not found:
        raise refusal(page)
    return tuple(found.values())


def section_number(label: str) -> int | None:
    """The number of a Korean label, or None for an unknown one; spaces and kinds of commas do not matter."""
    return _NUMBERS.get(label_key(label))


def label_key(label: str) -> str:
    """A label for comparison: the site writes the same one with and without spaces and with either comma."""
    return re.sub(r"[\s,、·]", "", unicodedata.normalize("NFKC", label))


_NUMBERS = {label_key(label): number for number, label in (SECTIONS | WITHOUT_TEXT).items()}


def _block_title(anchor: Selector) -> str:
    """The heading of the block that an arrow link (＞＞＞) belongs to."""
    own = anchor.xpath("ancestor::*[contains(@class, 'TopClassBG')][1]").css(".TopClassTitle")
    title = own or anchor.xpath("preceding::*[contains(@class, 'TopClassTitle')][1]")
    return text(title[0]) if title else ""
