"""`scrapy crawl` with exit codes that a scheduler can rely on (Scrapy's own is 0 even where the site is down)."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import Any

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from crawler import browser
from crawler.arguments import ArgumentError
from crawler.report import write_report
from crawler.verdict import FAILED, HEALTHY, OUTCOMES

logger = logging.getLogger(__name__)


class Command(ScrapyCrawl):
    """0 healthy, 1 failed or could not start, 2 wrong usage, 3 ran but is not healthy, 75 locked by another run."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--report", type=Path, metavar="FILE", help="write the report of the run as JSON")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None
        if len(args) != 1:
            raise UsageError("name one spider: scrapy crawl rodong, or rodong_wayback")
        try:
            spider_class = self.crawler_process.spider_loader.load(args[0])
        except KeyError:
            raise UsageError(
                f"no spider {args[0]!r}: there are rodong and rodong_wayback", print_help=False
            ) from None
        try:
            spider_class(**opts.spargs)
        except ArgumentError as error:
            raise UsageError(str(error), print_help=False) from None
        if opts.report and (opts.report.is_dir() or not opts.report.absolute().parent.is_dir()):
            raise UsageError(
                f"--report={opts.report} is not a file in a folder that exists", print_help=False
            )

        if lack := self._lack():
            self.exitcode, lines = FAILED, [lack]
            details: dict[str, Any] = {}
        else:
            lines, details = self._crawl(args[0], opts.spargs)
        if opts.report:
            lines += self._write(opts.report, lines[-1], {"arguments": opts.spargs} | details)
        self._tell(lines)

    def _lack(self) -> str | None:
        assert self.settings is not None
        try:
            return browser.missing(self.settings)
        except ValueError as error:
            raise UsageError(f"BROWSER_ENABLED is 0 or 1: {error}", print_help=False) from None

    def _crawl(self, spider: str, arguments: dict[str, str]) -> tuple[list[str], dict[str, Any]]:
        """Run the crawl; return its last lines and the details of its report."""
        assert self.crawler_process is not None
        crawler = self._create_crawler(spider)
        self.crawler_process.crawl(crawler, **arguments)
        self.crawler_process.start()
        if self.crawler_process.bootstrap_failed:
            self.exitcode = FAILED
            return ["the crawl could not start, the log above says why"], {}
        self.exitcode = crawler.stats.get_value("crawl/exit_code", FAILED)
        lines = crawler.stats.get_value("crawl/report", ["the crawl ended without a report, see the log"])
        return lines, crawler.stats.get_value("crawl/details", {})

    def _write(self, path: Path, message: str, details: dict[str, Any]) -> list[str]:
        """Write the report, and return what is to be said where that fails."""
        head = {"outcome": OUTCOMES[self.exitcode], "exit_code": self.exitcode, "message": message}
        try:
            write_report(path, head | details)
        except OSError as error:
            self.exitcode = self.exitcode or FAILED
            return [f"cannot write the report {path}: {error.strerror}; the crawl itself: {message}"]
        return []

    def _tell(self, lines: list[str]) -> None:
        assert self.settings is not None
        level = logging.INFO if self.exitcode == HEALTHY else logging.ERROR
        for line in lines:
            logger.log(level, line)
        hidden = not self.settings.getbool("LOG_ENABLED") or self.settings["LOG_FILE"]
        if hidden and self.exitcode != HEALTHY:
            print(lines[-1], file=sys.stderr)
