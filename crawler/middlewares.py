"""Downloader middlewares."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.http import Request


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
