"""A list page: the articles of a section, 15 a page, with what only the list tells (the page of the
printed paper).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from parsel import Selector

from crawler.pages import tokens
from crawler.pages.dates import find_date
from crawler.pages.detect import document, refusal
from crawler.pages.text import genre, lines, split_paper_page, text

# The roots of all generations; the side column repeats links under other titles, so nothing outside counts.
# `[id$="ListDIV"]` is RevoListDIV, ThemeListDIV and the older NewsListDIV.
ROOTS = '[id$="ListDIV"], #revoList, .date_news_list'

_TOTAL = re.compile(r"(\d[\d,]*)\s*건")


@dataclass(frozen=True, slots=True)
class ListEntry:
    """An article in a list. `title` joins the lines of the link; `page` is the page of the printed paper."""

    news_id: str
    href: str
    title: str
    genre: str
    page: int | None
    date: dt.date
    author: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """`total` is the size that the whole list declares, None where it declares none; `links` are list
    pages by number.
    """

    total: int | None
    entries: tuple[ListEntry, ...]
    links: Mapping[int, str]


def read_list(html: str, *, category: int, keyword: str = "") -> ListPage:
    """Read one page of the list of a category; raises PageError where the page holds no known list."""
    page = document(html)
    roots = page.css(ROOTS)
    if not roots:
        raise refusal(page)
    entries: dict[str, ListEntry] = {}
    for anchor in roots.css("a[href]"):
        entry = _entry(anchor)
        # A thumbnail links the same article through another category and has no text.
        if entry and (entry.news_id not in entries or (entry.title and not entries[entry.news_id].title)):
            entries[entry.news_id] = entry
    links: dict[int, str] = {}
    for anchor in page.css("a[href]"):
        token = tokens.parse(anchor.attrib["href"])
        if isinstance(token, tokens.ListToken) and (token.category, token.keyword) == (category, keyword):
            links.setdefault(token.page, anchor.attrib["href"].strip())
    return ListPage(_total(page), tuple(entries.values()), links)


def _entry(anchor: Selector) -> ListEntry | None:
    href = anchor.attrib["href"].strip()
    token = tokens.parse(href)
    if not isinstance(token, tokens.ArticleToken):
        return None
    title, paper_page = split_paper_page(" ".join(lines(anchor)))
    row = anchor.xpath("ancestor::*[self::li or contains(concat(' ', @class, ' '), ' row ')][1]")
    dates = row.css(".news_date")
    authors = row.css(".col-sm-3, .col-sm-2")
    return ListEntry(
        news_id=token.news_id,
        href=href,
        title=title,
        genre=genre(title),
        page=paper_page,
        date=(find_date(text(dates[0])) if dates else None) or token.issue_date,
        author=text(authors[0]) if authors else "",
    )


def _total(page: Selector) -> int | None:
    counts = _TOTAL.findall(" ".join(text(node) for node in page.css("#PathBar")))
    return int(counts[-1].replace(",", "")) if counts else None
