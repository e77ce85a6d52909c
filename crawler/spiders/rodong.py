"""The walk over the newspaper's site: home page, lists of the sections, articles."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, TypeVar

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Request, Response
from twisted.python.failure import Failure as TwistedFailure

from crawler.archive import failed_articles, known_articles, open_archive, read_articles
from crawler.arguments import Arguments, parse_arguments
from crawler.items import Article, Failure, Pending, RawPage, Record, Recovered, Sighting
from crawler.ledger import Ledger, old_entries
from crawler.listing import Listing
from crawler.pages import tokens
from crawler.pages.article import ArticlePage, check_identity, read_article
from crawler.pages.detect import BLOCKED, UNKNOWN_LAYOUT, PageError
from crawler.pages.home import TODAY, read_home, section_number
from crawler.pages.list_page import ListEntry, read_list
from crawler.patience import Patience
from crawler.responses import (
    FORBIDDEN,
    failed_page,
    failure_reason,
    html,
    is_refusal,
    is_silence,
    raw_page,
    rendering,
)
from crawler.sections import choose_sections
from crawler.spiders.archiving import ArchivingSpider

# The share of articles that may need a browser before a human should look at the site.
MAX_RENDERED = 0.05

PYONGYANG = dt.timezone(dt.timedelta(hours=9))

T = TypeVar("T")
Output = Iterator[Record | Request]


class RodongSpider(ArchivingSpider):
    """Read the sections of one edition and ask for the articles that the archive does not hold or may have changed.

    1. The home page leads to the sections, known by their labels. Today's issue comes first: most of its articles
       are in no other list and gone tomorrow.
    2. Each list is read to its end, page by page along its links, and counted against the total that it declares.
    3. An article is its newsId, whatever its addresses: it is asked for once a run, with the href as found. One that
       is archived and older than `revisit_days` is not asked for; its newly found section is recorded.
    4. What an earlier run failed to get, or did not come to, is asked for by its old address where no list shows it any
       more; then what was issued in the last `revisit_days`, if a few of these prove that old addresses still lead
       to their articles.
    """

    name = "rodong"

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        """The arguments are those of `parse_arguments`; raises ArgumentError for a wrong one."""
        super().__init__(name)
        self.arguments: Arguments = parse_arguments(**kwargs)
        self.ledger = Ledger(self.arguments, dt.datetime.now(PYONGYANG).date())
        self.listings: list[Listing] = []
        self.patience = Patience()
        self.rendered: set[str] = set()
        self.waves = self._waves()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> RodongSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.ask_for_the_unlisted, signal=signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        engine = open_archive(self.settings["ARCHIVE_URL"], read_only=True)
        failed = failed_articles(engine, self.arguments.language)
        self.ledger.known = known_articles(engine, self.arguments.language)
        self.ledger.failed = {each.news_id: each for each in failed}
        if not self.arguments.sections:  # whoever reads some of the lists does not know what is in none
            held = read_articles(engine, language=self.arguments.language, since=self.ledger.first_recent_day)
            self.ledger.recent = old_entries(held, self.arguments.base_url)
        engine.dispose()
        yield Request(self.arguments.base_url, callback=self.parse_home, errback=self.home_failed)

    # The home page

    def parse_home(self, response: Response) -> Output:
        try:
            links = self._read(response, read_home)
        except PageError as error:
            if again := self._rendering(response, error):
                yield again
            else:
                yield self._home_failure(str(error), response.url, raw_page("home", response))
            return
        yield Recovered(self.arguments.language, "home", "")
        choice = choose_sections(links, self.arguments)
        self.findings += choice.findings
        self.notes += choice.notes
        for position, section in enumerate(choice.sections):
            url = response.urljoin(section.href)
            listing = Listing(section.label, section.category, section.keyword, url)
            self.listings.append(listing)
            # A section's articles come after its lists and before the next section's.
            yield self._list_request(listing, 1, url, priority=2 * (len(choice.sections) - position))

    def home_failed(self, failure: TwistedFailure) -> Output:
        reason, url = failure_reason(failure), self.arguments.base_url
        if not reason.startswith((BLOCKED, FORBIDDEN, UNKNOWN_LAYOUT)):
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
            if again := self._rendering(response, error):
                yield again
                return
            raw = raw_page("list", response)
            yield from self._list_failure(listing, number, start, response.url, str(error), raw)
            self._stop_if_refused(str(error))
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
        self._stop_if_silent(failure)

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
        language, url = self.arguments.language, response.urljoin(entry.href)
        if not self.ledger.enter(section, entry):
            yield Sighting(language, entry.news_id, section, entry.page)
            return
        if entry.news_id not in self.ledger.known:
            # Tomorrow's lists may not show it: should this run not come to it, the next one knows of it.
            yield Pending(language, url, (section,), entry)
        yield self._article_request(url, entry, priority)

    def _article_request(self, url: str, entry: ListEntry, priority: int) -> Request:
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
            if again := self._rendering(response, error):
                self.rendered.add(entry.news_id)
                yield again
                return
            yield from self._article_failure(entry, str(error), response.url, raw)
            self._stop_if_refused(str(error))
            return
        self.ledger.answered.add(entry.news_id)
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
            listed=self.ledger.listed[entry.news_id],
            raw=raw,
        )

    def article_failed(self, failure: TwistedFailure) -> Output:
        request: Request = failure.request  # type: ignore[attr-defined]
        raw = failed_page("article", failure)
        entry = request.cb_kwargs["entry"]
        yield from self._article_failure(entry, failure_reason(failure), request.url, raw)
        self._stop_if_silent(failure)

    def _article_failure(
        self, entry: ListEntry, reason: str, url: str, raw: RawPage | None
    ) -> Iterator[Failure]:
        news_id = entry.news_id
        if news_id in self.ledger.probed:
            self.ledger.forget(news_id)
            return
        self.ledger.answered.add(news_id)
        # Only whoever has read all lists to their ends can say that none of them shows an article.
        everything = not self.arguments.sections and bool(self.listings)
        complete = everything and all(listing.problem() is None for listing in self.listings)
        unlisted = complete and news_id not in self.listed
        if unlisted and self.ledger.is_missing(news_id, reason):
            self.crawler.stats.inc_value("archive/missing")
        reason = self.ledger.final_reason(news_id, reason, unlisted=unlisted)
        sections = tuple(self.ledger.listed[news_id].sections)
        yield Failure(self.arguments.language, "article", news_id, url, reason, sections, raw, entry)

    def ask_for_the_unlisted(self) -> None:
        """Once the lists are read: ask for what no list shows any more, one wave after the other."""
        for wave in self.waves if self.listings else ():
            for entry in wave:
                self.crawler.engine.crawl(self._article_request(entry.href, entry, 0))
            if wave:
                raise DontCloseSpider

    def _waves(self) -> Iterator[list[ListEntry]]:
        """What earlier runs did not get; a few recent articles; all of them, where one of the few was had."""
        yield self.ledger.left_over()
        probes = self.ledger.probes()
        yield probes
        if any(entry.news_id in self.ledger.answered for entry in probes):
            yield self.ledger.recent_rest()
        elif probes:
            self.notes.append(
                f"none of {len(probes)} recent articles that left all lists was to be had by its old address: "
                "changes to such articles cannot be seen"
            )

    # Pages in general

    def _read(self, response: Response, read: Callable[[str], T]) -> T:
        """What a reader makes of a page; raises PageError, also where the reader itself breaks."""
        try:
            result = read(html(response))
        except PageError as error:
            if error.reason != BLOCKED:
                self.patience.after_answer()
            raise
        except Exception as error:
            self.logger.exception("the reader broke on %s", response.url)
            raise PageError("reader broke", repr(error)) from error
        self.patience.after_answer()
        return result

    def _rendering(self, response: Response, error: PageError) -> Request | None:
        """The request that runs the scripts of a page, where there is a browser and that may be of use."""
        return rendering(response, error) if self.settings.getbool("BROWSER_ENABLED") else None

    def _stop_if_refused(self, reason: str) -> None:
        if is_refusal(reason) and (why := self.patience.after_block()):
            raise CloseSpider(why)

    def _stop_if_silent(self, failure: TwistedFailure) -> None:
        if is_silence(failure):
            if why := self.patience.after_silence():
                raise CloseSpider(why)
        elif is_refusal(reason := failure_reason(failure)):
            self._stop_if_refused(reason)
        else:
            self.patience.after_answer()

    @property
    def progress(self) -> tuple[int, int]:
        return len(self.ledger.answered), len(self.ledger.asked)

    def counts(self) -> dict[str, int]:
        return {"listed": len(self.listed), "requested": len(self.ledger.asked)}

    def summary(self) -> str:
        counts = self.counts()
        return f"{len(self.listings)} sections, {counts['listed']} articles listed, {counts['requested']} asked for"

    def details(self) -> Mapping[str, Any]:
        lists = [
            {
                "section": listing.label,
                "articles": len(listing.news_ids),
                "declared": listing.total,
                "pages": len(listing.answered),
                "problem": listing.problem(),
            }
            for listing in self.listings
        ]
        return {"lists": lists}

    def conclude(self) -> list[str]:
        problems = ((listing.label, listing.problem()) for listing in self.listings)
        found = self.findings + [f"list {label} is incomplete: {why}" for label, why in problems if why]
        today = [each for each in self.listings if TODAY in (each.category, section_number(each.label))]
        if any(not listing.news_ids for listing in today) or (self.listings and not self.listed):
            found.append("nothing was listed where today's articles are expected")
        if needed := len(self.rendered):
            said = f"{needed} of {len(self.ledger.asked)} articles needed the browser"
            if needed > MAX_RENDERED * len(self.ledger.asked):
                found.append(f"{said}: has the site changed?")
            else:
                self.notes.append(said)
        if silent := self.ledger.asked - self.ledger.answered:
            found.append(f"{len(silent)} articles were asked for and never answered")
        return found

    @property
    def listed(self) -> set[str]:
        """The newsIds of all lists that were read."""
        return set().union(*(listing.news_ids for listing in self.listings))
