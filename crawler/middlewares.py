"""Downloader middlewares: patience with a small, slow and distant server."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Request, Response, TextResponse
from scrapy.utils.misc import load_object

from crawler.backoff import backoff, retry_after
from crawler.responses import CUT, is_cut, is_passing_status


class ImpatientRobots:
    """Ask for robots.txt once and briefly.

    Nobody knows whether the site has one. Without this a server that leaves the question open would hold up every
    crawl for RETRY_TIMES + 1 full time-outs; what cannot be had forbids nothing.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ImpatientRobots:
        return cls(crawler.settings.getfloat("ROBOTSTXT_TIMEOUT"))

    def process_request(self, request: Request) -> None:
        if request.url.endswith("/robots.txt"):
            request.meta["download_timeout"] = self.timeout
            request.meta["dont_retry"] = True


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
        elif response.status == 200 and not response.body.strip():
            reason, asked = "empty page", None
        elif response.status == 200 and self._is_cut(request, response):
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
            if not self.crawler.crawling:  # interrupted: nobody should wait for this
                return None
            await asyncio.sleep(min(left, 0.5))
        return again


def _retry_after(response: Response) -> float | None:
    value = response.headers.get("Retry-After") or b""
    return retry_after(value.decode("latin-1"), dt.datetime.now(dt.UTC))
