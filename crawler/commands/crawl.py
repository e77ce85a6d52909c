"""`scrapy crawl` with exit codes that a scheduler can rely on (Scrapy's own is 0 even where the site is down)."""

from __future__ import annotations

import argparse
import logging
import sys

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from crawler.arguments import ArgumentError
from crawler.verdict import FAILED, HEALTHY

logger = logging.getLogger(__name__)


class Command(ScrapyCrawl):
    """0 healthy, 1 failed or could not start, 2 wrong usage, 3 ran but is not healthy, 75 locked by another run."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None
        assert self.settings is not None
        if len(args) != 1:
            raise UsageError("name one spider: scrapy crawl rodong")
        try:
            spider_class = self.crawler_process.spider_loader.load(args[0])
        except KeyError:
            raise UsageError(f"no spider {args[0]!r}: there is rodong", print_help=False) from None
        try:
            spider_class(**opts.spargs)
        except ArgumentError as error:
            raise UsageError(str(error), print_help=False) from None

        crawler = self._create_crawler(args[0])
        self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        if self.crawler_process.bootstrap_failed:
            self.exitcode, report = FAILED, ["the crawl could not start, the log above says why"]
        else:
            self.exitcode = crawler.stats.get_value("crawl/exit_code", FAILED)
            report = crawler.stats.get_value(
                "crawl/report", ["the crawl ended without a report, see the log"]
            )
        level = logging.INFO if self.exitcode == HEALTHY else logging.ERROR
        for line in report:
            logger.log(level, line)
        hidden = not self.settings.getbool("LOG_ENABLED") or self.settings["LOG_FILE"]
        if hidden and self.exitcode != HEALTHY:
            print(report[-1], file=sys.stderr)
