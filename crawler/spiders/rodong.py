"""The walk over the newspaper's site: home page, lists of the sections, articles."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Request, Response
from twisted.python.failure import Failure as TwistedFailure

from crawler.archive import FailedArticle, failed_articles, known_articles, open_archive
from crawler.arguments import parse_arguments
from crawler.items import Article, Failure, Listed, RawPage, Record, Recovered, Sighting
from crawler.listing import Listing
from crawler.pages import tokens
from crawler.pages.article import ArticlePage, check_identity, read_article
from crawler.pages.detect import BLOCKED, PageError
from crawler.pages.home import TODAY, read_home, section_number
from crawler.pages.list_page import ListEntry, read_list
from crawler.responses import PASSING, failed_page, failure_reason, html, is_silence, raw_page
from crawler.sections import choose_sections

PYONGYANG = dt.timezone(dt.timedelta(hours=9))
MAX_SILENCE = 10  # requests in a row without any answer, each tried RETRY_TIMES + 1 times

T = TypeVar("T")
Output = Iterator[Record | Request]


class RodongSpider(scrapy.Spider):
    """Read the sections of one edition and ask for the articles that the archive does not hold or may
    have changed.

    1. The home page leads to the sections, known by their labels. Today's issue comes first: most of
    its articles
       are in no other list and gone tomorrow.
    2. Each list is read to its end, page by page along its links, and counted against the total that it
    declares. 3. An article is its newsId, whatever its addresses: it is asked for once a run, with the
    href as found. One that
       is archived and older than `revisit_days` is not asked for; its newly found section is recorded.
    4. What failed in an earlier run and is in no list any more is asked for by its old address.
    """

    name = "rodong"

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        """The arguments are those of `parse_arguments`; raises ArgumentError for a wrong one."""
        super().__init__(name)
        self.arguments = parse_arguments(**kwargs)
        self.today = dt.datetime.now(PYONGYANG).date()
        self.known: frozenset[str] = frozenset()
        self.failed: dict[str, FailedArticle] = {}
        self.listings: list[Listing] = []
        self.listed_as: dict[str, Listed] = {}
        self.asked: set[str] = set()
        self.answered: set[str] = set()
        self.silence = 0
        self.fatal: str | None = None
        self.findings: list[str] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> RodongSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.retry_failed, signal=signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        engine = open_archive(self.settings["ARCHIVE_URL"], read_only=True)
        self.known = known_articles(engine, self.arguments.language)
        self.failed = {failed.news_id: failed for failed in failed_articles(engine, self.arguments.language)}
        engine.dispose()
        yield Request(self.arguments.base_url, callback=self.parse_home, errback=self.home_failed)

    # The home page

    def parse_home(self, response: Response) -> Output:
        try:
            links = self._read(response, read_home)
        except PageError as error:
            yield self._retry(response, error) or self._home_failure(
                str(error), response.url, raw_page("home", response)
            )
            return
        yield Recovered(self.arguments.language, "home", "")
        chosen, findings = choose_sections(links, self.arguments)
        self.findings += findings
        for position, section in enumerate(chosen):
            url = response.urljoin(section.href)
            listing = Listing(section.label, section.category, section.keyword, url)
            self.listings.append(listing)
            # A section's articles come after its lists and before the next section's.
            yield self._list_request(listing, 1, url, priority=2 * (len(chosen) - position))

    def home_failed(self, failure: TwistedFailure) -> Output:
        reason, url = failure_reason(failure), self.arguments.base_url
        if not reason.startswith(BLOCKED):
            self.fatal = f"cannot get {url} ({reason}): check the network and base_url, then run again"
        yield self._home_failure(reason, url, failed_page("home", failure))

    def _home_failure(self, reason: str, url: str, raw: RawPage | None) -> Failure:
        self.findings.append(f"the home page is of no use ({reason})")
        return Failure(self.arguments.language, "home", "home", url, reason, raw=raw)

    # Lists

    def _list_request(self, listing: Listing, number: int, url: str, priority: int) -> Request:
        return Request(
            url,
            callback=self.parse_list,
            errback=self.list_failed,
            priority=priority,
            cb_kwargs={"listing": listing, "number": number, "start": listing.start, "rank": priority},
        )

    def parse_list(self, response: Response, listing: Listing, number: int, start: int, rank: int) -> Output:
        try:
            page = self._read(
                response, lambda text: read_list(text, category=listing.category, keyword=listing.keyword)
            )
        except PageError as error:
            if again := self._retry(response, error):
                yield again
            else:
                raw = raw_page("list", response)
                yield from self._list_failure(listing, number, start, response.url, str(error), raw)
            return
        for entry in page.entries:
            yield from self._article(response, listing.label, entry, rank - 1)
        if start == listing.start:
            for next_number, href in listing.read(number, page).items():
                yield self._list_request(listing, next_number, response.urljoin(href), rank)
            if listing.finished and listing.problem() is None:
                self.logger.info("%s: %d articles, complete", listing.label, len(listing.news_ids))
                yield Recovered(self.arguments.language, "list", listing.key(None))

    def list_failed(self, failure: TwistedFailure) -> Output:
        request: Request = failure.request  # type: ignore[attr-defined]
        raw = failed_page("list", failure)
        listing, number, start = (request.cb_kwargs[name] for name in ("listing", "number", "start"))
        yield from self._list_failure(listing, number, start, request.url, failure_reason(failure), raw)
        self._count_silence(failure)

    def _list_failure(
        self, listing: Listing, number: int, start: int, url: str, reason: str, raw: RawPage | None
    ) -> Output:
        key, sections = listing.key(number), (listing.label,)
        yield Failure(self.arguments.language, "list", key, url, reason, sections, raw)
        if start == listing.start:
            listing.fail(number)

    # Articles

    def _article(self, response: Response, section: str, entry: ListEntry, priority: int) -> Output:
        """Ask for a listed article, or record that it was seen in this section."""
        if not self.arguments.wants(tokens.issue_date(entry.news_id)):
            return
        listed = self.listed_as.setdefault(entry.news_id, Listed())
        if section not in listed.sections:
            listed.sections.append(section)
        listed.page = entry.page if listed.page is None else listed.page
        if entry.news_id in self.asked or not self._due(entry.news_id):
            yield Sighting(self.arguments.language, entry.news_id, section, entry.page)
            return
        if failed := self.failed.get(entry.news_id):
            listed.sections.extend(each for each in failed.sections if each not in listed.sections)
        yield self._article_request(response.urljoin(entry.href), entry, priority)

    def _due(self, news_id: str) -> bool:
        if news_id not in self.known or news_id in self.failed:
            return True
        days = dt.timedelta(self.arguments.revisit_days)
        return bool(days) and tokens.issue_date(news_id) > self.today - days

    def _article_request(self, url: str, entry: ListEntry, priority: int) -> Request:
        self.asked.add(entry.news_id)
        return Request(
            url,
            callback=self.parse_article,
            errback=self.article_failed,
            priority=priority,
            cb_kwargs={"entry": entry},
        )

    def parse_article(self, response: Response, entry: ListEntry) -> Output:
        def read(text: str) -> ArticlePage:
            page = read_article(text, listed_title=entry.title)
            check_identity(page, entry.news_id, entry.title)
            return page

        raw = raw_page("article", response)
        try:
            page = self._read(response, read)
        except PageError as error:
            again = self._retry(response, error)
            yield again or self._article_failure(entry.news_id, str(error), response.url, raw)
            return
        self.answered.add(entry.news_id)
        yield Article(
            language=self.arguments.language,
            news_id=entry.news_id,
            issue_date=tokens.issue_date(entry.news_id),
            page=page.page,
            title=page.title,
            subtitle=page.subtitle,
            body=page.body,
            byline=page.byline or entry.author,
            url=response.url,
            layout=page.layout,
            listed=self.listed_as[entry.news_id],
            raw=raw,
        )

    def article_failed(self, failure: TwistedFailure) -> Output:
        request: Request = failure.request  # type: ignore[attr-defined]
        raw = failed_page("article", failure)
        news_id = request.cb_kwargs["entry"].news_id
        yield self._article_failure(news_id, failure_reason(failure), request.url, raw)
        self._count_silence(failure)

    def _article_failure(self, news_id: str, reason: str, url: str, raw: RawPage | None) -> Failure:
        self.answered.add(news_id)
        sections = tuple(self.listed_as[news_id].sections)
        return Failure(self.arguments.language, "article", news_id, url, reason, sections, raw)

    def retry_failed(self) -> None:
        """Once the lists are read: ask for the articles of earlier failures that no list shows any more."""
        again = [
            failed
            for failed in self.failed.values()
            if failed.news_id not in self.asked and self.arguments.wants(tokens.issue_date(failed.news_id))
        ]
        if not self.listings or not again:
            return
        for failed in again:
            self.listed_as[failed.news_id] = Listed(list(failed.sections))
            day = tokens.issue_date(failed.news_id)
            entry = ListEntry(failed.news_id, failed.url, title="", genre="", page=None, date=day, author="")
            self.crawler.engine.crawl(self._article_request(failed.url, entry, 0))
        raise DontCloseSpider

    # Pages in general

    def _read(self, response: Response, read: Callable[[str], T]) -> T:
        """What a reader makes of a page; raises PageError, also where the reader itself breaks."""
        try:
            result = read(html(response))
        except PageError:
            raise
        except Exception as error:
            self.logger.exception("the reader broke on %s", response.url)
            raise PageError("reader broke", repr(error)) from error
        finally:
            self.silence = 0
        return result

    def _retry(self, response: Response, error: PageError) -> Request | None:
        if error.reason not in PASSING or response.request is None:
            return None
        return get_retry_request(response.request, spider=self, reason=error.reason)

    def _count_silence(self, failure: TwistedFailure) -> None:
        self.silence = self.silence + 1 if is_silence(failure) else 0
        if self.silence >= MAX_SILENCE:
            raise CloseSpider("the site stopped answering")

    def conclude(self) -> list[str]:
        """All that keeps this run from being healthy, once it has ended; the failures are counted
        elsewhere.
        """
        problems = ((listing.label, listing.problem()) for listing in self.listings)
        found = self.findings + [f"list {label} is incomplete: {why}" for label, why in problems if why]
        today = [each for each in self.listings if TODAY in (each.category, section_number(each.label))]
        if any(not listing.news_ids for listing in today) or (self.listings and not self.listed):
            found.append("nothing was listed where today's articles are expected")
        if silent := self.asked - self.answered:
            found.append(f"{len(silent)} articles were asked for and never answered")
        return found

    @property
    def listed(self) -> set[str]:
        """The newsIds of all lists that were read."""
        return set().union(*(listing.news_ids for listing in self.listings))
