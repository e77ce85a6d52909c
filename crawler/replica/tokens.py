"""The site's addresses as its server sees them: `index.php?<token>`.

Written apart from the crawler's own grammar on purpose: where one reads what the other wrote, a mistake of
either shows.
"""

import base64
from dataclasses import dataclass
from urllib.parse import unquote

PER_PAGE = 15


@dataclass(frozen=True, slots=True)
class ListAddress:
    """Page `page` (from 1) of the list of a category."""

    category: int
    page: int


@dataclass(frozen=True, slots=True)
class ArticleAddress:
    """An article as opened from a list; the category is None where the address names none."""

    news_id: str
    category: int | None


def list_href(category: int, page: int = 1) -> str:
    return "index.php?" + encode(f"1@@{category}@{page}@")


def article_href(news_id: str, category: int, ordinal: int) -> str:
    """The address of an article at the 1-based place `ordinal` of the list of a category."""
    page = (ordinal - 1) // PER_PAGE + 1
    return "index.php?" + encode(f"12@{news_id}@{category}@{page}@@0@{ordinal}@")


def encode(text: str) -> str:
    """Base64 with the site's quirk: a literal == ends the token whatever padding it needs."""
    return base64.b64encode(text.encode()).decode().rstrip("=") + "=="


def decode(token: str) -> str:
    """The text of a token, "" for what is none; any padding, quoting or URL-safe spelling is taken."""
    plain = unquote(token).strip().replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except ValueError:  # no base64, or no UTF-8 in it
        return ""


def resolve(text: str) -> ListAddress | ArticleAddress | None:
    """What a decoded token asks for: lists are `1@@c@p@` or `2@@2@p@`, articles `12@id@c...` or `8@id@...`."""
    match text.split("@"):
        case ["1" | "2", "", category, page, *_] if category.isdecimal() and page.isdecimal():
            return ListAddress(int(category), int(page))
        case ["12" | "8", news_id, category, *_]:
            return ArticleAddress(news_id, int(category) if category.isdecimal() else None)
    return None
