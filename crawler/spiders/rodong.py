"""The walk over the newspaper's site: home page, lists of the sections, articles."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import CloseSpider, DontCloseSpider, IgnoreRequest
from scrapy.http import Request, Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure as TwistedFailure

from crawler.archive import FailedArticle, failed_articles, known_articles, open_archive
from crawler.arguments import parse_arguments
from crawler.items import Article, Failure, RawPage, Record, Recovered, Sighting
from crawler.listing import Listing
from crawler.pages import tokens
from crawler.pages.article import check_identity, read_article
from crawler.pages.detect import BLOCKED, EMPTY_PAGE, PageError
from crawler.pages.home import SECTIONS, TODAY, SectionLink, label_key, read_home, section_number
from crawler.pages.list_page import ListEntry, read_list

PYONGYANG = dt.timezone(dt.timedelta(hours=9))
TRUNCATED = "truncated page"
MAX_UNANSWERED = 10

Output = Iterator[Record | Request]


class RodongSpider(scrapy.Spider):
    """Read the sections of one edition and ask for the articles that the archive does not hold or may have changed.

    1. The home page leads to the sections, known by their labels. Today's issue comes first: most of its articles
       are in no other list and gone tomorrow.
    2. Each list is read to its end, page by page along its links, and counted against the total that it declares.
    3. An article is its newsId, whatever its addresses: it is asked for once a run, with the href as found. One that
       is archived and older than `revisit_days` is not asked for; its newly found section is recorded.
    4. What failed in an earlier run and is in no list any more is asked for by its old address.
    """

    name = "rodong"

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name)
        self.arguments = parse_arguments(**kwargs)
        self.known: frozenset[str] = frozenset()
        self.failed: dict[str, FailedArticle] = {}
        self.listings: list[Listing] = []
        self.sections: dict[str, list[str]] = {}
        self.asked: set[str] = set()
        self.answered: set[str] = set()
        self.unanswered_in_a_row = 0
        self.today = dt.datetime.now(PYONGYANG).date()

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
            links = read_home(self._html(response))
        except PageError as error:
            if error.reason in (EMPTY_PAGE, TRUNCATED) and (again := self._retry(response, error)):
                yield again
            else:
                yield self._home_failure(response.url, error.reason, response)
            return
        self.unanswered_in_a_row = 0
        yield Recovered(self.arguments.language, "home", "")
        chosen = self._choose(links)
        for position, (label, link) in enumerate(chosen):
            token = tokens.parse(link.href)
            assert isinstance(token, tokens.ListToken)
            listing = Listing(label, token.category, token.keyword, link.href, response.urljoin(link.href))
            self.listings.append(listing)
            listing.begin()
            yield self._list_request(listing, 1, listing.url, priority=2 * (len(chosen) - position) + 1)

    def _choose(self, links: tuple[SectionLink, ...]) -> list[tuple[str, SectionLink]]:
        """The sections to walk with the names that the archive knows them by, today's issue first."""
        chosen: dict[int | str, tuple[str, SectionLink]] = {}
        korean = self.arguments.language == "ko"
        for link in links:
            number = section_number(link.label)
            if number is None and not korean:
                number = link.category  # the labels of the other editions are not known for sure
            names = {number, link.category, label_key(link.label)} if number is None else {number}
            wanted = names & set(self.arguments.sections) if self.arguments.sections else names & set(SECTIONS)
            if wanted and (self.arguments.sections or number is not None):
                label = SECTIONS.get(number, link.label) if korean and number is not None else link.label
                chosen.setdefault(next(iter(wanted)), (label or str(link.category), link))
            elif number is None and link.label:
                self.logger.info("section %r (category %d) is not walked", link.label, link.category)
        if not chosen:
            self.find("the home page leads to no known section: the site has changed, or this is not the site")
        for name in self.arguments.sections or (TODAY,):
            if chosen and name not in chosen:
                self.find(f"the home page leads to no section {SECTIONS.get(name, name)!r}")
        order = list(SECTIONS)
        order.insert(0, order.pop(order.index(TODAY)))
        return [
            chosen[name]
            for name in sorted(chosen, key=lambda name: order.index(name) if name in order else len(order))
        ]

    def home_failed(self, failure: TwistedFailure) -> Output:
        reason, response = _reason(failure)
        url = self.arguments.base_url
        if reason != BLOCKED:
            self.crawler.stats.set_value(
                "crawl/fatal",
                f"cannot get the home page {url} ({reason}): check the network and base_url, then run again",
            )
        yield self._home_failure(url, reason, response)

    def _home_failure(self, url: str, reason: str, response: Response | None) -> Failure:
        self.find(f"the home page is of no use: {reason}")
        raw = response and self._raw("home", response)
        return Failure(self.arguments.language, "home", "home", url, reason, raw=raw)

    # Lists

    def _list_request(self, listing: Listing, number: int, url: str, priority: int) -> Request:
        return Request(
            url,
            callback=self.parse_list,
            errback=self.list_failed,
            priority=priority,
            cb_kwargs={"listing": listing, "number": number, "round_": listing.round},
        )

    def parse_list(self, response: Response, listing: Listing, number: int, round_: int) -> Output:
        try:
            page = read_list(self._html(response), category=listing.category, keyword=listing.keyword)
        except PageError as error:
            if error.reason in (EMPTY_PAGE, TRUNCATED) and (again := self._retry(response, error)):
                yield again
            else:
                yield from self._list_failure(
                    listing, number, round_, response.url, error.reason, self._raw("list", response)
                )
            return
        self.unanswered_in_a_row = 0
        assert response.request is not None
        priority = response.request.priority
        for entry in page.entries:
            yield from self._article(response, listing.label, entry, priority - 1)
        if round_ == listing.round:
            for next_number, href in listing.read(number, page).items():
                yield self._list_request(listing, next_number, response.urljoin(href), priority)
            yield from self._finish(listing)

    def list_failed(self, failure: TwistedFailure) -> Output:
        request: Request = failure.request  # type: ignore[attr-defined]
        reason, response = _reason(failure)
        raw = response and self._raw("list", response)
        yield from self._list_failure(**request.cb_kwargs, url=request.url, reason=reason, raw=raw)
        self._count_unanswered(response)

    def _list_failure(
        self, listing: Listing, number: int, round_: int, url: str, reason: str, raw: RawPage | None
    ) -> Output:
        key = f"{listing.category}{listing.keyword}:{number}"
        sections = (listing.label,)
        yield Failure(self.arguments.language, "list", key, url, reason, sections, raw)
        if round_ == listing.round:
            listing.fail(number)
            yield from self._finish(listing)

    def _finish(self, listing: Listing) -> Output:
        if listing.finished and listing.problem() is None:
            self.logger.info("section %s: %d articles, complete", listing.label, len(listing.news_ids))
            yield Recovered(self.arguments.language, "list", f"{listing.category}{listing.keyword}:")

    # Articles

    def _article(self, response: Response, section: str, entry: ListEntry, priority: int) -> Output:
        """Ask for a listed article, or record that it was seen in this section."""
        if not self.arguments.wants(tokens.issue_date(entry.news_id)):
            return
        sections = self.sections.setdefault(entry.news_id, [])
        if section not in sections:
            sections.append(section)
        if entry.news_id in self.asked or not self._due(entry.news_id):
            yield Sighting(self.arguments.language, entry.news_id, section, entry.page)
            return
        if failed := self.failed.get(entry.news_id):
            sections.extend(each for each in failed.sections if each not in sections)
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
        raw = self._raw("article", response)
        try:
            page = read_article(self._html(response), listed_title=entry.title)
            check_identity(page, entry.news_id, entry.title)
        except PageError as error:
            if error.reason in (EMPTY_PAGE, TRUNCATED) and (again := self._retry(response, error)):
                yield again
            else:
                yield self._article_failure(entry, response.url, error.reason, raw)
            return
        self.unanswered_in_a_row = 0
        self.answered.add(entry.news_id)
        yield Article(
            language=self.arguments.language,
            news_id=entry.news_id,
            issue_date=tokens.issue_date(entry.news_id),
            page=page.page if entry.page is None else entry.page,
            title=page.title,
            subtitle=page.subtitle,
            body=page.body,
            byline=page.byline or entry.author,
            url=response.url,
            layout=page.layout,
            sections=self.sections[entry.news_id],
            raw=raw,
        )

    def article_failed(self, failure: TwistedFailure) -> Output:
        request: Request = failure.request  # type: ignore[attr-defined]
        reason, response = _reason(failure)
        raw = response and self._raw("article", response)
        yield self._article_failure(request.cb_kwargs["entry"], request.url, reason, raw)
        self._count_unanswered(response)

    def _article_failure(self, entry: ListEntry, url: str, reason: str, raw: RawPage | None) -> Failure:
        self.answered.add(entry.news_id)
        sections = self.sections[entry.news_id]
        return Failure(self.arguments.language, "article", entry.news_id, url, reason, sections, raw)

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
            self.sections[failed.news_id] = list(failed.sections)
            entry = ListEntry(
                failed.news_id, failed.url, "", "", None, tokens.issue_date(failed.news_id), ""
            )
            self.crawler.engine.crawl(self._article_request(failed.url, entry, 0))
        raise DontCloseSpider
