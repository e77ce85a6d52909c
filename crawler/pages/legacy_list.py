"""The lists of the legacy site, and its addresses: `index.php?strPageID=<page>&<parameters>`."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import parse_qs

from parsel import Selector

from crawler.pages import tokens
from crawler.pages.dates import find_date
from crawler.pages.detect import document, refusal
from crawler.pages.list_page import ListEntry, ListPage
from crawler.pages.text import genre, split_paper_page, text

ARTICLE_PAGE = "SF01_02_01"

# Articles open in a window of their own: javascript:article_open('index.php?...').
_ADDRESS = re.compile(r"index\.php\?([^'\"#\s]*)")


def read_legacy_list(html: str) -> ListPage:
    """Read a list page; raises PageError where the page holds none.

    These lists declare no total. `links` are the pages of the same list that this one links, by number; the site
    answers a page behind the last one with its unknown-address page.
    """
    page = document(html)
    roots = page.css(".ListNewsContainer")
    if not roots:
        raise refusal(page)
    found = (_entry(row) for row in roots.css(".ListNewsLineContainer"))
    entries = {entry.news_id: entry for entry in found if entry}
    links: dict[int, str] = {}
    for anchor in roots.css("a[href]"):
        number = _parameters(anchor.attrib["href"]).get("iSubMenuID", "")
        if number.isdecimal():
            links.setdefault(int(number), anchor.attrib["href"].strip())
    return ListPage(None, tuple(entries.values()), links)


def legacy_news_id(href: str) -> str | None:
    """The newsId of the article that a legacy address leads to, or None where it leads elsewhere."""
    parameters = _parameters(href)
    news_id = parameters.get("newsID", "")
    return news_id if parameters.get("strPageID") == ARTICLE_PAGE and tokens.is_news_id(news_id) else None


def _parameters(href: str) -> dict[str, str]:
    match = _ADDRESS.search(href)
    return {name: values[-1] for name, values in parse_qs(match[1]).items()} if match else {}


def _entry(row: Selector) -> ListEntry | None:
    for anchor in row.css(".ListNewsLineTitleW a[href], .ListNewsLineTitle a[href]"):
        if news_id := legacy_news_id(anchor.attrib["href"]):
            break
    else:
        return None
    title, paper_page = split_paper_page(text(anchor))
    return ListEntry(
        news_id=news_id,
        href=_ADDRESS.search(anchor.attrib["href"])[0],  # type: ignore[index]
        title=title,
        genre=genre(title),
        page=paper_page,
        date=_date(row) or tokens.issue_date(news_id),
        author=" ".join(text(node) for node in row.css(".ListNewsLineWriter")),
    )


def _date(row: Selector) -> dt.date | None:
    return find_date(" ".join(text(node) for node in row.css(".ListNewsLineDate")))
