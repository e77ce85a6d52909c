"""The grammar of the site's addresses: `index.php?<token>`, a token being base64 of fields joined by `@`.

Links end in a literal `==` whatever padding base64 would need, so "wrong" padding is the normal form:
`decode` takes any padding and `encode` writes the site's. A token changes from day to day (it holds the
list page and the position in the list) and differs per category; the identity of an article is only its
newsId.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from dataclasses import dataclass
from string import ascii_uppercase
from urllib.parse import unquote

NEWS_ID = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[A-Z]?[0-9]{3,4}")

LIST_VIEWS = ("1", "2")
ARTICLE_VIEW = "12"
SEARCH_HIT_VIEW = "8"


class TokenError(ValueError):
    """The query string is not a token of the site."""


@dataclass(frozen=True, slots=True)
class ListToken:
    """A list page: `1@@<category>@<page>@`, with a keyword in the class lists (category 11)."""

    category: int
    page: int
    keyword: str = ""
    view: str = "1"

    @property
    def text(self) -> str:
        return f"{self.view}@@{self.category}@{self.page}@{self.keyword}" + ("@" if self.keyword else "")


@dataclass(frozen=True, slots=True)
class ArticleToken:
    """An article: `12@<newsId>@<category>@<page>@<keyword>@0@<ordinal>`, since 2025 with a closing `@`.

    A search hit, `8@<newsId>@19@@<keyword>@1<ordinal>`, opens the same article. What a token leaves
    empty is None.
    """

    news_id: str
    category: int | None
    list_page: int | None = None
    keyword: str = ""
    ordinal: int | None = None
    view: str = ARTICLE_VIEW
    closed: bool = True

    @property
    def text(self) -> str:
        category, page, ordinal = (
            "" if n is None else str(n) for n in (self.category, self.list_page, self.ordinal)
        )
        middle = ["0"] if self.view == ARTICLE_VIEW else []
        fields = [self.view, self.news_id, category, page, self.keyword, *middle, ordinal]
        return "@".join(fields) + ("@" if self.closed else "")

    @property
    def issue_date(self) -> dt.date:
        return issue_date(self.news_id)


def parse(href: str) -> ListToken | ArticleToken | None:
    """What a link leads to, or None where it is neither a list page nor an article (photos, other
    sites, scripts).
    """
    try:
        fields = decode(href).split("@")
    except TokenError:
        return None
    fields += [""] * (7 - len(fields))
    view, news_id, category, page, keyword = fields[:5]
    if "\0" in keyword:  # no word of the site, and nothing that PostgreSQL could keep
        return None
    if view in (ARTICLE_VIEW, SEARCH_HIT_VIEW):
        if not is_news_id(news_id):
            return None
        last = 6 if view == ARTICLE_VIEW else 5
        return ArticleToken(
            news_id=news_id,
            category=_number(category),
            list_page=_number(page),
            keyword=keyword,
            ordinal=_number(fields[last]),
            view=view,
            closed=decode(href).count("@") > last,
        )
    number, position = _number(category), _number(page)
    if view in LIST_VIEWS and not news_id and number is not None and position is not None:
        return ListToken(number, position, keyword, view)
    return None


def decode(href: str) -> str:
    """The text inside an address's token; takes a whole address or the bare token, with any padding or
    quoting.
    """
    token = unquote(href.rpartition("?")[2].partition("#")[0]).strip().replace(" ", "+").rstrip("=")
    if not token:
        raise TokenError(f"no token in {href!r}")
    token = token.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise TokenError(f"not a token of the site: {href!r}") from error


def encode(text: str) -> str:
    """The token of a text as the site's links write it: base64 without padding, then always `==`."""
    return base64.b64encode(text.encode("utf-8")).decode("ascii").rstrip("=") + "=="


def is_news_id(text: str) -> bool:
    if not NEWS_ID.fullmatch(text):
        return False
    try:
        issue_date(text)
    except ValueError:
        return False
    return True


def issue_date(news_id: str) -> dt.date:
    """The day of the issue, which the newsId begins with."""
    return dt.date.fromisoformat(news_id[:10])


def serial(news_id: str) -> int:
    """The number within the day, which the newsId ends with."""
    return int(news_id[11:].lstrip(ascii_uppercase))


def _number(field: str) -> int | None:
    return int(field) if re.fullmatch(r"[0-9]+", field) else None
