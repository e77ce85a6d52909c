"""The walk through a web archive: its index of the newspaper's site, then captures of the articles that are missing."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Request, Response, TextResponse
from twisted.python.failure import Failure as TwistedFailure

from crawler.archive import known_articles, open_archive
from crawler.captures import READER_BROKE, tried_captures
from crawler.cdx import CdxError, IndexRow, capture_time, query, read_page
from crawler.items import Article, Capture, Failure, Listed
from crawler.pages import tokens
from crawler.pages.addresses import read_address
from crawler.pages.article import WRONG_ARTICLE, ArticlePage, read_alone
from crawler.pages.detect import UNKNOWN_LAYOUT, PageError
from crawler.patience import Patience
from crawler.responses import (
    CUT,
    failed_page,
    failure_reason,
    html,
    is_cut,
    is_passing_status,
    is_refusal,
    is_silence,
    original_page,
)
from crawler.spiders.archiving import ArchivingSpider
from crawler.tables import CAPTURE
from crawler.wayback import Candidates, WaybackArguments, parse_wayback_arguments

_SITE = "rodong.rep.kp"
_INDEX_TRIES = 3
_AT_ONCE = 20  # requests made ahead: those of a whole web archive would fill the memory
_REPLAYED = re.compile(r"/web/(\d{14})id_/(.+)$")

Output = Iterator[Capture | Failure | Request]


class RodongWaybackSpider(ArchivingSpider):
    """Find the captures of an edition in the index of a web archive, and ask for those of articles that the archive
    does not hold.

    1. The index is read to its end, page by page along its resume keys: answers of status 200, HTML, one of several
       neighbours with the same bytes.
    2. Captures are put together by article, whatever the address: a legacy one or any of its tokens.
    3. Of each article the newest capture is asked for, as it was received. Where that is no article (a block page, the
       page for unknown addresses, half a page, an unknown layout) the next older one is, up to three that differ.
    4. Each capture that was looked at is noted in table `captures`. A run that was cut off, and the next run of all,
       ask only for what is not noted there and not held. What may pass (no answer, 5xx, 429) is not noted.
    """

    name = "rodong_wayback"
    # A library that serves the whole world for nothing: one request at a time, a pause that other collectors keep too,
    # and patience of half an hour where it asks for that.
    custom_settings: dict[str, Any] | None = {  # noqa: RUF012 (Scrapy declares it so)
        "CONCURRENT_REQUESTS": 1,
        "DOWNLOAD_DELAY": 6.0,
        "DOWNLOAD_DELAY_JITTER": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "RETRY_TIMES": 6,
        "RETRY_DELAY": 60.0,
        "RETRY_DELAY_MAX": 1800.0,
        "RETRY_AFTER_MAX": 1800.0,
        "INDEX_PAGE_SIZE": 3000,  # rows of the index in one answer
    }

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        """The arguments are those of `parse_wayback_arguments`; raises ArgumentError for a wrong one."""
        super().__init__(name)
        self.arguments: WaybackArguments = parse_wayback_arguments(**kwargs)
        self.candidates = Candidates(self.arguments)
        self.patience = Patience()
        self.index_pages = self.unreadable = self.requested = self.held = 0
        self.index_problem: str | None = None
        self.waiting: deque[tuple[str, list[IndexRow]]] | None = None
        self.planned = 0
        self.answered: set[str] = set()
        self.reasons: Counter[str] = Counter()  # why captures were no articles
        # The articles of which no capture was good: in this run, or in earlier ones too, and those among them that a
        # better parser may bring.
        self.without: set[str] = set()
        self.unread: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> RodongWaybackSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.ask_for_captures, signal=signals.spider_idle)
        return spider

    # The index

    async def start(self) -> AsyncIterator[Request]:
        yield self._index_request(None)

    def _index_request(self, resume_key: str | None, attempt: int = 1) -> Request:
        since = self.arguments.since
        # An issue is out in Pyongyang nine hours before its day begins in UTC, the time of captures.
        first = since - dt.timedelta(days=1) if since else None
        prefix = f"{_SITE}/{self.arguments.language}/"
        size = self.settings.getint("INDEX_PAGE_SIZE")
        return Request(
            query(self.arguments.cdx_url, prefix, since=first, size=size, resume_key=resume_key),
            callback=self.parse_index,
            errback=self.index_failed,
            cb_kwargs={"resume_key": resume_key, "attempt": attempt},
        )

    def parse_index(self, response: Response, resume_key: str | None, attempt: int) -> Output:
        try:
            page = read_page(response.text if isinstance(response, TextResponse) else "")
        except CdxError as error:
            if attempt < _INDEX_TRIES:
                yield self._index_request(resume_key, attempt + 1)
            else:
                self._index_ends(str(error))
            return
        self.index_pages += 1
        self.unreadable += page.unreadable
        self.candidates.add(page.rows)
        self.logger.info("index: %d captures so far", self.candidates.rows)
        if page.resume_key is not None:
            yield self._index_request(page.resume_key)

    def index_failed(self, failure: TwistedFailure) -> None:
        self._index_ends(failure_reason(failure))

    def _index_ends(self, reason: str) -> None:
        self.index_problem = reason
        if not self.index_pages:
            self.fatal = (
                f"cannot read the index at {self.arguments.cdx_url} ({reason}): check the network and cdx_url"
            )

    # Captures

    def ask_for_captures(self) -> None:
        """Whenever nothing is under way: ask for the captures of some more articles."""
        if self.waiting is None:
            if self.fatal:
                return
            self.waiting = deque(self._plan().items())
            self.planned = len(self.waiting)
        next_ones = [self.waiting.popleft() for _ in range(min(_AT_ONCE, len(self.waiting)))]
        for news_id, rows in next_ones:
            self.crawler.engine.crawl(self._capture_request(news_id, rows))
        if next_ones:
            raise DontCloseSpider

    def _plan(self) -> dict[str, list[IndexRow]]:
        engine = open_archive(self.settings["ARCHIVE_URL"], read_only=True)
        held = known_articles(engine, self.arguments.language)
        tried = tried_captures(engine, self.arguments.language)
        engine.dispose()
        plan = self.candidates.plan(held, tried)
        self.held = len(held & self.candidates.captures.keys())
        self.without = set(self.candidates.captures) - held - plan.keys()
        unread = {each.news_id for each in tried if each.outcome.startswith(UNKNOWN_LAYOUT)}
        self.unread = unread & self.candidates.captures.keys() - held
        self.logger.info("%d articles in the index, %d to ask for", len(self.candidates.captures), len(plan))
        return plan

    def _capture_request(self, news_id: str, rows: list[IndexRow], priority: int = 0) -> Request:
        self.requested += 1
        return Request(
            self.arguments.capture_address(rows[0]),
            callback=self.parse_capture,
            errback=self.capture_failed,
            priority=priority,
            # A capture that is empty or cut off is so for good.
            meta={"as_it_is": True},
            cb_kwargs={"news_id": news_id, "rows": rows},
        )

    def parse_capture(self, response: Response, news_id: str, rows: list[IndexRow]) -> Output:
        self.patience.after_answer()
        captured_at, original = _replayed(response.url, rows[0])
        raw = original_page(response, original)
        try:
            page = self._read(response, news_id, original)
        except PageError as error:
            detail = Capture(
                self.arguments.language,
                news_id,
                self.arguments.capture_address(rows[0]),
                captured_at,
                rows[0].digest,
                None,
                str(error),
                raw,
            )
            yield from self._next(detail, error.reason, rows)
            return
        self.answered.add(news_id)
        self.unread.discard(news_id)
        article = Article(
            language=self.arguments.language,
            news_id=news_id,
            issue_date=tokens.issue_date(news_id),
            page=page.page,
            title=page.title,
            subtitle=page.subtitle,
            body=page.body,
            byline=page.byline,
            url=original,
            layout=page.layout,
            listed=Listed(),
            raw=raw,
        )
        address = self.arguments.capture_address(rows[0])
        yield Capture(article.language, news_id, address, captured_at, rows[0].digest, article)

    def _read(self, response: Response, news_id: str, original: str) -> ArticlePage:
        found = read_address(original)
        if found is None or found.news_id != news_id:
            raise PageError(WRONG_ARTICLE, f"asked for {news_id}, the web archive answered with {original}")
        if isinstance(response, TextResponse) and is_cut(response, closes=True):
            response = response.replace(flags=[*response.flags, CUT])
        text = html(response)
        try:
            return read_alone(text, news_id)
        except PageError:
            raise
        except Exception as error:
            self.logger.exception("the reader broke on %s", response.url)
            raise PageError(READER_BROKE, repr(error)) from error

    def _next(self, capture: Capture, reason: str, rows: list[IndexRow]) -> Output:
        """Note a capture that gave no article, and go on to the next one of the article, if there is one."""
        self.reasons[reason] += 1
        if reason == UNKNOWN_LAYOUT:
            self.unread.add(capture.news_id)
        yield capture
        if rows[1:]:
            yield self._capture_request(capture.news_id, rows[1:], priority=1)
        else:
            self.without.add(capture.news_id)
            self.answered.add(capture.news_id)

    def capture_failed(self, failure: TwistedFailure) -> Output:
        request: Request = failure.request  # type: ignore[attr-defined]
        news_id, rows = request.cb_kwargs["news_id"], request.cb_kwargs["rows"]
        reason, answer = failure_reason(failure), failed_page("article", failure)
        address, language = self.arguments.capture_address(rows[0]), self.arguments.language
        if answer is not None and not is_passing_status(answer.status) and not is_refusal(reason):
            self.patience.after_answer()
            time = capture_time(rows[0].timestamp)
            lost = Capture(language, news_id, address, time, rows[0].digest, None, reason)
            yield from self._next(lost, reason, rows)
            return
        # It may be had another time: neither noted nor passed over for an older one.
        self.answered.add(news_id)
        yield Failure(language, CAPTURE, news_id, address, reason)
        refused = is_refusal(reason) or not is_silence(failure)
        why = self.patience.after_block() if refused else self.patience.after_silence()
        if why:
            raise CloseSpider(why)

    # The report

    @property
    def progress(self) -> tuple[int, int]:
        return len(self.answered), self.planned

    def counts(self) -> dict[str, int]:
        return {"listed": len(self.candidates.captures), "requested": self.requested}

    def summary(self) -> str:
        return (
            f"{self.candidates.rows} captures of {len(self.candidates.captures)} articles in the index, {self.held} "
            f"articles held before, {self.requested} captures asked for"
        )

    def details(self) -> Mapping[str, Any]:
        return {
            "index": {
                "pages": self.index_pages,
                "captures": self.candidates.rows,
                "other_pages": self.candidates.others,
                "unreadable": self.unreadable,
                "problem": self.index_problem,
            },
            "held_before": self.held,
            "captures_without_article": dict(sorted(self.reasons.items())),
            "articles_without_capture": len(self.without),
        }

    def conclude(self) -> list[str]:
        found = list(self.findings)
        if self.index_problem:
            found.append(f"the index was not read to its end ({self.index_problem})")
        elif not self.candidates.captures and not self.fatal:
            found.append("the index lists no article: are cdx_url and the period right?")
        if self.unread:
            found.append(
                f"{len(self.unread)} articles wait for a parser of an unknown layout, their pages are kept"
            )
        if left := self.planned - len(self.answered):
            found.append(f"{left} articles were not come to")
        if self.unreadable:
            self.notes.append(f"{self.unreadable} rows of the index are no captures")
        if self.reasons:
            why = ", ".join(f"{count} {reason}" for reason, count in sorted(self.reasons.items()))
            self.notes.append(f"{self.reasons.total()} captures were no articles: {why}")
        if bad := self.without - self.unread:
            self.notes.append(f"{len(bad)} articles have no good capture")
        return found


def _replayed(url: str, row: IndexRow) -> tuple[dt.datetime, str]:
    """Time and address of the capture that came: a web archive may send on to another one than it lists."""
    match = _REPLAYED.search(url)
    try:
        return (capture_time(match[1]), match[2]) if match else (capture_time(row.timestamp), url)
    except ValueError:
        return capture_time(row.timestamp), url
