"""The pages of WARC files into the archive: through the gates of the crawl, at the times at which they were fetched."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from scrapy.http import HtmlResponse
from sqlalchemy.engine import Connection, Engine
from tqdm import tqdm

from crawler.captures import NOT_UNDERSTOOD, READER_BROKE, REJECTED, confirm, store_capture
from crawler.database import writing
from crawler.items import Article, Capture, Listed, RawPage
from crawler.pages import tokens
from crawler.pages.addresses import EDITIONS, HOSTS, Address, read_address
from crawler.pages.article import ArticlePage, read_alone
from crawler.pages.detect import PageError
from crawler.responses import CUT, html, is_cut, raw_page
from crawler.storing import content_hash, store_page
from crawler.warc_export import DROPPED, OWN
from crawler.warc_records import Answer, WarcError, WarcFile

_BATCH = 100
OTHER_SITE, OTHER_PAGE, KEPT = "of another site", "no article (lists, pictures and the like)", "page kept"
REVISIT, LOST_REVISIT = "seen again (revisit)", "revisit of a page that is not in these files"


@dataclass(slots=True)
class Import:
    """An import of several files; `counts` says what became of their pages.

    A page is an article by its address alone, whoever's file it is in: a legacy address or a token, of one of `hosts`.
    Files of `crawler.warc_export` also tell what the crawl knew of each page, and their pages are all kept.
    """

    engine: Engine
    hosts: Collection[str] = HOSTS
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    _texts: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def read(self, paths: Iterable[Path], progress: tqdm) -> None:
        """Import the files in their order. What a file holds before it breaks off is imported, and `problems` says
        where that was. Raises OSError and SQLAlchemyError; what was imported before stays.
        """
        for path in paths:
            file, batch = WarcFile(path), list[Answer]()
            done = progress.n
            try:
                for answer in file.answers():
                    batch.append(answer)
                    if len(batch) == _BATCH:
                        self._take(batch)
                        batch.clear()
                        progress.update(done + file.position - progress.n)
            except WarcError as error:
                self.problems.append(str(error))
            self._take(batch)
            self.counts += file.skipped
            progress.update(done + path.stat().st_size - progress.n)

    def _take(self, answers: list[Answer]) -> None:
        judged = [(answer, self._judge(answer)) for answer in answers if answer.body is not None]
        captures = dict(
            zip(map(id, (answer for answer, _ in judged)), (each for _, each in judged), strict=True)
        )
        now = dt.datetime.now(dt.UTC)
        with writing(self.engine) as connection:
            for answer in answers:
                if answer.body is None:
                    self.counts[self._revisit(connection, answer)] += 1
                else:
                    self.counts[_store(connection, answer, captures[id(answer)], now)] += 1

    def _judge(self, answer: Answer) -> _Judged:
        own = answer.told.get("archived-by") == [OWN]
        page = _own_page(answer) if own else read_address(answer.url, self.hosts)
        if page is None:
            return _Judged(OTHER_SITE)
        raw = _raw(answer)
        kind = answer.told.get("kind", ["article"])[0] if own else "article"
        keep = RawPage(kind, raw.url, raw.status, raw.encoding, raw.content, raw.headers) if own else None
        if page.news_id is None or kind != "article":
            return _Judged(KEPT if own else OTHER_PAGE, page, keep)
        if answer.status != 200:
            return _Judged(f"http {answer.status}", page, keep)
        try:
            read = _read(answer, page.news_id, own=own)
        except PageError as error:
            capture = Capture(
                page.language,
                page.news_id,
                answer.address,
                answer.fetched_at,
                answer.digest,
                None,
                str(error),
                raw,
                answer.told.get("section", ()),
            )
            return _Judged(error.reason, page, keep, capture if error.reason in NOT_UNDERSTOOD else None)
        article = _article(answer, page.language, page.news_id, read, raw)
        if answer.digest:
            hashed = content_hash(read.title, read.body)
            self._texts[answer.digest] = (page.language, page.news_id, hashed)
        capture = Capture(
            page.language, page.news_id, answer.address, answer.fetched_at, answer.digest, article
        )
        return _Judged("", page, keep, capture)

    def _revisit(self, connection: Connection, answer: Answer) -> str:
        """A revisit is a sighting of the text that the same bytes gave before, in this file or in one before it."""
        page = read_address(answer.url, self.hosts)
        if page is None or page.news_id is None:
            return OTHER_SITE if page is None else OTHER_PAGE
        known = self._texts.get(answer.digest)
        return REVISIT if known and confirm(connection, *known, answer.fetched_at) else LOST_REVISIT


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a page is: a capture to store, an own page to keep, both, or nothing but a reason to count."""

    reason: str
    page: Address | None = None
    keep: RawPage | None = None
    capture: Capture | None = None


def _store(connection: Connection, answer: Answer, judged: _Judged, now: dt.datetime) -> str:
    outcome = judged.reason
    if judged.capture is not None:
        stored = store_capture(connection, judged.capture, now)
        outcome = judged.reason if stored == REJECTED else stored
    if judged.keep is not None and judged.page is not None:
        page = judged.page
        store_page(connection, page.language, page.news_id, judged.keep, answer.fetched_at)
    return outcome


def _own_page(answer: Answer) -> Address | None:
    """What a file of `crawler.warc_export` says that a page is, or None where that cannot be."""
    language, news_id = (answer.told.get(name, [""])[0] for name in ("language", "news-id"))
    if language not in EDITIONS or (news_id and not tokens.is_news_id(news_id)):
        return None
    return Address(language, news_id or None)


def _response(answer: Answer) -> HtmlResponse:
    headers: dict[str, list[bytes]] = {}
    for name, value in answer.headers:
        if name.lower() not in DROPPED:
            headers.setdefault(name, []).append(value.encode("latin-1", "replace"))
    encoding = answer.told.get("encoding", [None])[0]
    flags = ["partial"] if answer.cut else []
    return HtmlResponse(
        answer.url, answer.status, headers, answer.body or b"", flags=flags, encoding=encoding
    )


def _raw(answer: Answer) -> RawPage:
    return raw_page("article", _response(answer))


def _read(answer: Answer, news_id: str, *, own: bool) -> ArticlePage:
    """Through the gates. That an own page is whole was found out when it was crawled."""
    response = _response(answer)
    if not own and is_cut(response, closes=True):
        response = response.replace(flags=[*response.flags, CUT])
    title = answer.told.get("title", [""])[0]
    text = html(response)
    try:
        return read_alone(text, news_id, title)
    except PageError:
        raise
    except Exception as error:
        raise PageError(READER_BROKE, repr(error)) from error


def _article(answer: Answer, language: str, news_id: str, read: ArticlePage, raw: RawPage) -> Article:
    told = answer.told
    paper_page = told.get("paper-page", [""])[0]
    return Article(
        language=language,
        news_id=news_id,
        issue_date=tokens.issue_date(news_id),
        page=read.page,
        title=read.title,
        subtitle=read.subtitle,
        body=read.body,
        byline=read.byline or "\n".join(told.get("byline", ())),
        url=told.get("address", [answer.url])[0],
        layout=read.layout,
        listed=Listed(list(told.get("section", ())), int(paper_page) if paper_page.isdecimal() else None),
        raw=raw,
    )
