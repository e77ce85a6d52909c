"""Downloader middlewares: patience with a small, slow and distant server."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
import time
from typing import Any
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Request, Response, TextResponse
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import load_object

from crawler.backoff import backoff, retry_after
from crawler.pages.photographs import without_photographs
from crawler.responses import CUT, error_reason, is_cut, is_passing_status

logger = logging.getLogger(__name__)


class Manners:
    """Ask for robots.txt once and briefly, and keep the pause that it asks for.

    Nobody knows whether the site has one. Without this a server that leaves the question open would hold up every
    crawl for RETRY_TIMES + 1 full time-outs; what cannot be had forbids nothing, and the report says so. Scrapy obeys
    the rules of a robots.txt but not its Crawl-delay, which counts here where it is longer than the crawl's own pause.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.timeout = crawler.settings.getfloat("ROBOTSTXT_TIMEOUT")
        self.longest = crawler.settings.getfloat("RETRY_AFTER_MAX")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Manners:
        manners = cls(crawler)
        crawler.signals.connect(manners.robots_parsed, signal=signals.robots_parsed)
        return manners

    def process_request(self, request: Request) -> None:
        if _is_robots(request):
            request.meta["download_timeout"] = self.timeout
            request.meta["dont_retry"] = True

    def process_response(self, request: Request, response: Response) -> Response:
        if not _is_robots(request) or response.status == 200:
            return response
        if response.status not in (404, 410):
            self._note(f"http {response.status}")
        return response.replace(body=b"")  # the page of an error is no rule, whatever words it has

    def process_exception(self, request: Request, exception: Exception) -> Response | None:
        if not _is_robots(request):
            return None
        self._note(error_reason(exception))
        return Response(request.url)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        settings, downloader = self.crawler.settings, self.crawler.engine.downloader
        asked = robotparser.crawl_delay(settings["USER_AGENT"]) or 0.0
        if asked <= settings.getfloat("DOWNLOAD_DELAY"):
            return
        pause = min(asked, self.longest)
        self._notes.append(f"robots.txt asks for {asked:g} s between requests: kept at {pause:g} s")
        key = downloader.get_slot_key(request)
        # For the slot that there is, and for the one that takes its place when the site was not asked for a minute.
        if slot := downloader.slots.get(key):
            slot.delay, slot.jitter = pause, 0.0
        downloader.per_slot_settings[key] = {"delay": pause, "jitter": 0.0}
        if throttle := self.crawler.get_extension(AutoThrottle):
            throttle.mindelay, throttle.maxdelay = pause, max(pause, throttle.maxdelay)

    def _note(self, why: str) -> None:
        note = f"robots.txt could not be had ({why}): taken as forbidding nothing"
        logger.warning(note)
        self._notes.append(note)

    @property
    def _notes(self) -> list[str]:
        spider: Any = self.crawler.spider
        return spider.notes


class WithoutPhotographs:
    """Drop the photographs inside a page as soon as it is here: they are nearly all of 16 MiB, and none of the text."""

    def process_response(self, request: Request, response: Response) -> Response:
        body = without_photographs(response.body)
        return response if body is response.body else response.replace(body=body)


class PatientRetry:
    """Ask again for what may pass, after a while: Scrapy's own middleware asks again at once.

    What may pass: 408, 429 and every status from 500, no connection, time-outs, empty pages and pages that were cut
    off. While a request waits it takes up one of CONCURRENT_REQUESTS, so a server in distress is left alone.

    A page that was cut off shows by its missing end tag, but only where the site writes one: the first whole page of
    each kind says so. Such a page goes on with the flag `CUT` once the attempts are used up. Requests with
    `as_it_is` in their meta take a page as it comes: captures of a web archive never change.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.first = settings.getfloat("RETRY_DELAY")
        self.longest = settings.getfloat("RETRY_DELAY_MAX")
        self.longest_asked_for = settings.getfloat("RETRY_AFTER_MAX")
        self.passing = tuple(
            load_object(each) if isinstance(each, str) else each
            for each in settings.getlist("RETRY_EXCEPTIONS")
        )
        self.closing_kinds: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PatientRetry:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        if request.meta.get("dont_retry"):
            return response
        if is_passing_status(response.status):
            reason, asked = f"http {response.status}", _retry_after(response)
        elif request.meta.get("as_it_is"):
            return response
        elif response.status != 200 or request.callback in (None, NO_CALLBACK):
            return response  # the scripts of a page and what they fetch may be empty and end as they like
        elif not response.body.strip():
            reason, asked = "empty page", None
        elif self._is_cut(request, response):
            response = response.replace(flags=[*response.flags, CUT])
            reason, asked = CUT, None
        else:
            return response
        return await self._again(request, reason, asked) or response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if not isinstance(exception, self.passing) or request.meta.get("dont_retry"):
            return None
        return await self._again(request, exception, None)

    def _is_cut(self, request: Request, response: Response) -> bool:
        kind = getattr(request.callback, "__name__", "")
        if isinstance(response, TextResponse) and is_cut(response, closes=kind in self.closing_kinds):
            return True
        if b"</html>" in response.body[-1000:].lower():
            self.closing_kinds.add(kind)
        return False

    async def _again(self, request: Request, reason: str | Exception, asked: float | None) -> Request | None:
        assert self.crawler.spider is not None
        again = get_retry_request(request, spider=self.crawler.spider, reason=reason)
        if again is None:
            return None
        attempt = again.meta["retry_times"]
        delay = backoff(attempt, first=self.first, longest=self.longest, luck=random.random())
        if asked is not None:
            delay = max(delay, min(asked, self.longest_asked_for))
        until = time.monotonic() + delay
        while (left := until - time.monotonic()) > 0:
            if self._is_closing():  # nobody should wait for this
                return None
            await asyncio.sleep(min(left, 0.5))
        return again

    def _is_closing(self) -> bool:
        """Whether the crawl is interrupted, or ended by CloseSpider, of which Scrapy tells only when all is over."""
        slot = self.crawler.engine._slot
        return not self.crawler.crawling or slot is None or slot.closing is not None


def _is_robots(request: Request) -> bool:
    return urlsplit(request.url).path == "/robots.txt"


def _retry_after(response: Response) -> float | None:
    value = response.headers.get("Retry-After") or b""
    return retry_after(value.decode("latin-1"), dt.datetime.now(dt.UTC))
