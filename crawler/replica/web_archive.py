"""A stand-in of a web archive that has captured the newspaper over the years: what it holds, and why.

Three eras, each a few issues: the legacy site (October 2022), Layout A (April 2024), and the replica's own site
(Layout B). Web archives catch what a filter or an unlucky moment shows as faithfully as an article, so many articles
have captures of a block page, of the page for unknown addresses, of half a page, or of a markup that nobody knows,
mostly newer than the good one. Some articles have no good capture at all, and some were captured under both their
legacy and their later number.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from crawler.replica.articles import Article
from crawler.replica.faults import KINDS, Response
from crawler.replica.pages import render
from crawler.replica.past_pages import layout_a_page, legacy_page
from crawler.replica.site import Site
from crawler.replica.tokens import encode

SITE = "http://www.rodong.rep.kp"
LEGACY_DAY, LAYOUT_A_DAY = date(2022, 10, 31), date(2024, 4, 3)

GOOD, BLOCKED, NOT_FOUND, CUT, REDESIGNED = (
    "good",
    "blocked",
    "unknown_address",
    "truncated",
    "unknown_layout",
)

# What the captures of one address show, oldest first; articles take these plans in turn.
_PLANS: tuple[tuple[str, ...], ...] = (
    (GOOD,),
    (GOOD, BLOCKED),
    (GOOD, CUT, NOT_FOUND),
    (GOOD, GOOD, GOOD),
    (GOOD, REDESIGNED),
    (BLOCKED, NOT_FOUND, CUT),
    (GOOD,),
    (REDESIGNED,),
    (CUT, GOOD),
    (GOOD, CUT, NOT_FOUND, BLOCKED),
    (GOOD,),
)


@dataclass(frozen=True, slots=True)
class Capture:
    """One row of the index, and its page. `article` is what the page says where it is a good one; a row without
    `original` is garbage, as real indexes have it now and then.
    """

    timestamp: str
    original: str
    news_id: str = ""
    kind: str = ""
    body: bytes = b""
    mimetype: str = "text/html"
    status: str = "200"
    article: Article | None = None

    @property
    def urlkey(self) -> str:
        """The address as indexes sort it: host turned round, all in small letters."""
        return "kp,rep,rodong)" + self.original.removeprefix(SITE).replace(":80", "").lower()

    @property
    def digest(self) -> str:
        return base64.b32encode(hashlib.sha1(self.body).digest()).decode()


class WebArchive:
    """The captures of `days` issues of `per_day` articles from each era; a function of its arguments alone."""

    def __init__(self, site: Site, days: int = 2, per_day: int = 11) -> None:
        self.site, self.days, self.per_day = site, days, per_day

    @cached_property
    def captures(self) -> tuple[Capture, ...]:
        """All captures in the order of an index: by address, then by time."""
        found = [*self._articles(), *self._others()]
        return tuple(sorted(found, key=lambda each: (each.urlkey, each.timestamp)))

    def find(self, timestamp: str, original: str) -> Capture | None:
        """The capture of an address that is nearest in time, None where there is none."""
        own = [each for each in self.captures if each.original == original]
        return min(
            own, key=lambda each: abs(int(each.timestamp) - int(timestamp.ljust(14, "0"))), default=None
        )

    def _articles(self) -> Iterator[Capture]:
        for place, article in enumerate(self._era(LEGACY_DAY)):
            number = int(article.news_id[11:])
            old = replace(article, news_id=f"{article.issue_date}-{number:04d}")
            urls = [
                f"{SITE}/ko/index.php?strPageID=SF01_02_01&newsID={old.news_id}",
                f"{SITE}:80/ko/index.php?newsID={old.news_id}&strPageID=SF01_02_01",
            ]
            yield from _captures(old, _PLANS[place % len(_PLANS)], urls, legacy_page(old))
            if place % 5 == 0:  # asked for once more after the site had moved to tokens and other numbers
                new = replace(article, news_id=f"{article.issue_date}-N{number:03d}")
                yield from _captures(
                    new, (GOOD,), _tokens(new.news_id, closed=False), layout_a_page(new), later=40
                )
        for place, article in enumerate(self._era(LAYOUT_A_DAY)):
            new = replace(article, news_id=f"{article.issue_date}-N{article.news_id[11:]}")
            urls = _tokens(new.news_id, closed=False)
            yield from _captures(new, _PLANS[place % len(_PLANS)], urls, layout_a_page(new))
        recent = [each for each in self.site.articles if each.issue_date < self.site.today]
        for place, article in enumerate(recent[-self.days * self.per_day :]):
            html = render(self.site, f"12@{article.news_id}@5@1@@0@1@")
            urls = _tokens(article.news_id, closed=True)
            yield from _captures(article, _PLANS[place % len(_PLANS)], urls, html)

    def _era(self, day: date) -> tuple[Article, ...]:
        return Site(self.site.seed, self.days, self.per_day, day).articles

    def _others(self) -> Iterator[Capture]:
        """What a prefix query finds besides articles, and what is no row at all."""
        lists = f"{SITE}/ko/index.php?{encode('1@@5@1@')}"
        yield Capture("20240405120000", lists, body=render(self.site, "1@@5@1@").encode())
        yield Capture("20220101000000", f"{SITE}/ko/", body=render(self.site, "").encode())
        yield Capture(
            "20220101000000", f"{SITE}/ko/images/icon_photo.gif", body=b"GIF89a", mimetype="image/gif"
        )
        token = _tokens("2024-04-03-N001", closed=False)[0]
        yield Capture("20251201000000", token, body=b"<html></html>", status="404")
        yield Capture("2024", "")
        yield Capture("20249999000000", f"{SITE}/ko/index.php?{encode('12@2024-04-03-N002@5@1@@0@2')}")


def _tokens(news_id: str, *, closed: bool) -> list[str]:
    end = "@" if closed else ""
    return [
        f"{SITE}/ko/index.php?{encode(f'12@{news_id}@{category}@1@@0@{ordinal}{end}')}"
        for category, ordinal in ((2, 3), (5, 7))
    ]


def _captures(
    article: Article, plan: tuple[str, ...], addresses: list[str], html: str, *, later: int = 1
) -> Iterator[Capture]:
    """The captures of one article by its plan, a month between them, its addresses in turn."""
    good = Response(html.encode())
    # No two articles are captured in the same second.
    place = timedelta(days=later, seconds=int(article.news_id[-3:]))
    moment = datetime.combine(article.issue_date, datetime.min.time()) + place
    for number, kind in enumerate(plan):
        body = good.body if kind == GOOD else _spoilt(good, kind).body
        when = moment + timedelta(days=30 * number)
        told = article if kind == GOOD else None
        url = addresses[number % len(addresses)]
        yield Capture(f"{when:%Y%m%d%H%M%S}", url, article.news_id, kind, body, article=told)


def _spoilt(good: Response, kind: str) -> Response:
    if kind != REDESIGNED:
        return KINDS[kind](good)
    # The replica's own redesign, and what it leaves of the older markups.
    body = KINDS[kind](good).body
    for name in (b"ArticleContent", b"news_Title", b"NewsDate", b"News_Detail"):
        body = body.replace(name, b"r-" + name[::-1])
    return Response(body)


def best(captures: Iterable[Capture], most: int = 3) -> dict[str, Capture]:
    """By newsId the capture that a patient visitor ends up with: the newest good one among the `most` newest that
    differ.
    """
    found: dict[str, Capture] = {}
    own: dict[str, list[Capture]] = {}
    for each in captures:
        if each.news_id:
            own.setdefault(each.news_id, []).append(each)
    for news_id, rows in own.items():
        tried: list[str] = []
        for row in sorted(rows, key=lambda each: each.timestamp, reverse=True):
            if row.digest in tried or len(tried) == most:
                continue
            tried.append(row.digest)
            if row.kind == GOOD:
                found[news_id] = row
                break
    return found
