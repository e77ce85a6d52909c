"""An article page: `read_article` finds out the layout generation and reads it."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from parsel import Selector

from crawler.pages import layout_a, layout_b, legacy
from crawler.pages.detect import PageError, document, refusal
from crawler.pages.text import scripts, split_paper_page
from crawler.pages.tokens import NEWS_ID, issue_date

NO_TEXT = "no text"
NO_TITLE = "no title"
WRONG_ARTICLE = "wrong article"

# The generations of the markup, newest first: what finds the article on the page, and what reads it.
_LAYOUTS = (
    ("B", layout_b.container, layout_b.read),
    ("A", layout_a.container, layout_a.read),
    ("legacy", legacy.container, legacy.read),
)
# Scripts of the page set the newsId for its photo viewer.
_OWN_NEWS_ID = re.compile(rf"news_?id[\"']?\s*[:=]\s*[\"']({NEWS_ID.pattern})[\"']", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """What an article page says. `body` is paragraphs joined by newlines, empty only for an article of
    photos.

    `layout` is the generation of the markup (B, A, legacy), with `-photo` where there is no text. `date` and
    `news_id` are the page's own claims, None where it makes none.
    """

    layout: str
    title: str
    subtitle: str
    body: str
    byline: str
    page: int | None
    date: dt.date | None
    news_id: str | None


def read_article(html: str, *, listed_title: str = "") -> ArticlePage:
    """Read an article page; raises PageError with the reason where there is no article in it.

    `listed_title` is the title in the list, taken where the page marks none.
    """
    page = document(html)
    layout, content = _read(page)
    if not content.body and not content.has_pictures:
        raise PageError(NO_TEXT, "the article's container holds neither text nor pictures")
    title, paper_page = split_paper_page(content.title)
    title = title or listed_title
    if not title:
        raise PageError(NO_TITLE)
    return ArticlePage(
        layout=layout if content.body else f"{layout}-photo",
        title=title,
        subtitle=content.subtitle,
        body=content.body,
        byline=content.byline,
        page=paper_page,
        date=content.date,
        news_id=_own_news_id(page),
    )


def check_identity(page: ArticlePage, news_id: str, listed_title: str = "") -> None:
    """Raise PageError where the page is evidently another article than the one asked for.

    Evidence is another newsId in the page's scripts, or another date together with another title; a
    date alone is not, since the site's own pages do not always agree on it.
    """
    if page.news_id is not None and page.news_id != news_id:
        raise PageError(WRONG_ARTICLE, f"asked for {news_id}, the page is {page.news_id}")
    other_date = page.date is not None and page.date != issue_date(news_id)
    if other_date and listed_title and not _same_title(page, listed_title):
        raise PageError(WRONG_ARTICLE, f"asked for {news_id}, the page is of {page.date} with another title")


def read_alone(html: str, news_id: str, title: str = "") -> ArticlePage:
    """Read a page without the list that led to it, as the article of a newsId; raises PageError where it is none or
    evidently another.

    `title` is what is known of the article already. Where that is nothing, another date on the page is evidence enough.
    """
    page = read_article(html, listed_title=title)
    check_identity(page, news_id, title)
    if not title and page.date not in (None, issue_date(news_id)):
        raise PageError(WRONG_ARTICLE, f"asked for {news_id}, the page is of {page.date}")
    return page


def _read(page: Selector) -> tuple[str, layout_b.Content]:
    """The name of the page's layout, and what the page says."""
    for layout, container, read in _LAYOUTS:
        root = container(page)
        if root is not None:
            return layout, read(page, root)
    raise refusal(page)


def _same_title(page: ArticlePage, listed_title: str) -> bool:
    """A list joins heading, title and subtitle, so either may contain the other."""
    listed, title = _letters(listed_title), _letters(page.title)
    return title in listed or listed in _letters(page.title + page.subtitle)


def _letters(text: str) -> str:
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text))


def _own_news_id(page: Selector) -> str | None:
    match = _OWN_NEWS_ID.search(scripts(page))
    return match[1] if match else None
