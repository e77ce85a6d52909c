"""What a run says about itself: the row in table `crawls`, the last lines of the log, the exit code, a progress bar."""

from __future__ import annotations

import datetime as dt
import logging

import sqlalchemy as sa
from scrapy import signals
from scrapy.crawler import Crawler
from tqdm import tqdm

from crawler.archive import ArchiveError, open_archive
from crawler.database import one_line, writing
from crawler.spiders.archiving import ArchivingSpider
from crawler.storing import end_crawl
from crawler.verdict import FAILED, Verdict, judge


class CrawlReport:
    """Judges the run when it has ended.

    The stats `crawl/exit_code`, `crawl/report` (lines, the last one says what to do) and `crawl/details` (what the JSON
    report holds beyond these) are for the crawl command.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CrawlReport:
        report = cls(crawler)
        crawler.signals.connect(report.spider_closed, signal=signals.spider_closed)
        return report

    def spider_closed(self, spider: ArchivingSpider, reason: str) -> None:
        stats = self.crawler.stats
        refused = stats.get_value("crawl/refused")
        if refused:
            self._publish(Verdict(*refused), [])
            return
        counts = {
            name: stats.get_value(f"archive/{name}", 0) for name in ("new", "changed", "unchanged", "failed")
        }
        counts |= spider.counts()
        findings, notes = spider.conclude(), list(spider.notes)
        if missing := stats.get_value("archive/missing", 0):
            counts["failed"] -= missing
            notes.append(
                f"{missing} archived articles, in no list any more, were not found: the next run asks again"
            )
        if gone := stats.get_value("archive/gone", 0):
            notes.append(f"{gone} articles are gone from the site and will not be asked for again")
        if errors := stats.get_value("spider_exceptions/count", 0):
            findings.append(f"the spider broke {errors} times, see the log")
        fatal = stats.get_value("crawl/fatal") or spider.fatal
        verdict = judge(reason, fatal=fatal, findings=findings, failed=counts["failed"])
        row = {
            "finished_at": dt.datetime.now(dt.UTC),
            "outcome": verdict.outcome,
            "exit_code": verdict.exit_code,
            "message": verdict.message,
            "findings": findings + [f"note: {note}" for note in notes],
        }
        try:
            engine = open_archive(self.crawler.settings["ARCHIVE_URL"])
            with writing(engine) as connection:
                end_crawl(connection, stats.get_value("crawl/id"), row | counts)
            engine.dispose()
        except (ArchiveError, sa.exc.SQLAlchemyError) as error:
            verdict = Verdict(FAILED, fatal or f"cannot write the report of the crawl: {one_line(error)}")
        summary = (
            f"{spider.summary()}: {counts['new']} new, {counts['changed']} changed, {counts['unchanged']} unchanged; "
            f"{counts['failed']} pages failed"
        )
        self._publish(verdict, [summary, *notes, *findings])
        details = {
            "crawl_id": stats.get_value("crawl/id"),
            "started_at": stats.get_value("start_time"),
            "finished_at": row["finished_at"],
            "counts": counts | {"gone": gone, "retries": stats.get_value("retry/count", 0)},
            **spider.details(),
            "findings": findings,
            "notes": notes,
        }
        stats.set_value("crawl/details", details)

    def _publish(self, verdict: Verdict, lines: list[str]) -> None:
        self.crawler.stats.set_value("crawl/exit_code", verdict.exit_code)
        self.crawler.stats.set_value("crawl/report", [*lines, verdict.message])


class ProgressBar:
    """Articles answered of articles asked for so far; on a terminal only, and out of the way of the log's lines."""

    def __init__(self) -> None:
        self.bar: tqdm | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ProgressBar:
        progress = cls()
        crawler.signals.connect(progress.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(progress.spider_closed, signal=signals.spider_closed)
        return progress

    def item_scraped(self, spider: ArchivingSpider) -> None:
        if self.bar is None:
            self.bar = tqdm(desc="articles", unit="", leave=False, disable=None)
            for handler in logging.root.handlers:
                handler.addFilter(self._make_room)
        answered, self.bar.total = spider.progress
        self.bar.update(answered - self.bar.n)

    def spider_closed(self) -> None:
        if self.bar is not None:
            self.bar.close()
            for handler in logging.root.handlers:
                handler.removeFilter(self._make_room)

    def _make_room(self, record: logging.LogRecord) -> bool:
        if self.bar is not None:
            self.bar.clear()
        return True
