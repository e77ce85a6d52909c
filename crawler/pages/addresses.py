"""What an address of the newspaper's site leads to, in all the spellings of its generations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.pages import tokens
from crawler.pages.legacy_list import legacy_news_id

HOSTS = ("www.rodong.rep.kp", "rodong.rep.kp")
EDITIONS = ("ko", "en", "cn")


@dataclass(frozen=True, slots=True)
class Address:
    """An address within an edition; `news_id` is None for all that is no article (lists, home page, pictures)."""

    language: str
    news_id: str | None


def read_address(url: str, hosts: Collection[str] = HOSTS) -> Address | None:
    """What an absolute address leads to, or None where it is not of the site or not of one of its editions.

    An article is known by its newsId, in a legacy address (`strPageID=SF01_02_01&newsID=...`) as in a token.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    edition, _, file = parts.path.strip("/").partition("/")
    if host not in hosts or edition not in EDITIONS:
        return None
    if file not in ("", "index.php"):
        return Address(edition, None)
    token = tokens.parse(parts.query)
    if isinstance(token, tokens.ArticleToken):
        return Address(edition, token.news_id)
    return Address(edition, legacy_news_id(f"index.php?{parts.query}"))
