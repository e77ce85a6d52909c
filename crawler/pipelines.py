"""The way of the spider's records into the archive."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from dataclasses import asdict
from typing import NoReturn

import sqlalchemy as sa
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from sqlalchemy.engine import Engine

from crawler.archive import ArchiveError, open_archive
from crawler.batches import BatchWriter, StorageError
from crawler.database import one_line, shown, writing
from crawler.items import Record
from crawler.lock import ArchiveLock, LockedError
from crawler.spiders.archiving import ArchivingSpider
from crawler.storing import begin_crawl
from crawler.verdict import FAILED, LOCKED


class ArchivePipeline:
    """Holds the archive's lock for the run, and lets a record count as scraped only when it is on disk.

    Stats: `crawl/id`, the row of the run; `archive/<outcome>`, how many records were new, changed and so on;
    `crawl/refused`, exit code and reason where the run could not begin; `crawl/fatal`, why it had to end.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.url: str = crawler.settings["ARCHIVE_URL"]
        self.engine: Engine | None = None
        self.lock: ArchiveLock | None = None
        self.writer: BatchWriter | None = None
        self.closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchivePipeline:
        return cls(crawler)

    async def open_spider(self) -> None:
        try:
            engine = self.engine = open_archive(self.url, create=True)
            lock = self.lock = ArchiveLock(engine)
            with writing(engine) as connection:
                crawl_id = begin_crawl(connection, os.getpid(), self._arguments(), dt.datetime.now(dt.UTC))
        except LockedError as error:
            self._refuse(LOCKED, str(error))
        except (ArchiveError, sa.exc.SQLAlchemyError, OSError) as error:
            self._refuse(FAILED, one_line(error))
        self.crawler.stats.set_value("crawl/id", crawl_id)
        self.writer = BatchWriter(engine, lock)

    async def process_item(self, item: Record) -> Record:
        assert self.writer is not None
        try:
            outcome = await self.writer.write(item)
        except StorageError as error:
            if self.closing is None:
                where = shown(self.url)
                message = f"cannot write to {where}: {error}; mend that and run again, nothing stored is lost"
                self.crawler.stats.set_value("crawl/fatal", message)
                # Closing waits for the records under way, this one too: it must not be awaited here.
                self.closing = asyncio.create_task(self.crawler.engine.close_spider_async(reason="storage"))
            raise
        self.crawler.stats.inc_value(f"archive/{outcome}")
        return item

    async def close_spider(self) -> None:
        if self.writer is not None:
            await self.writer.close()
        if self.lock is not None:
            self.lock.release()
        if self.engine is not None:
            self.engine.dispose()

    def _arguments(self) -> dict[str, object]:
        assert isinstance(self.crawler.spider, ArchivingSpider)
        given = {"spider": self.crawler.spider.name} | asdict(self.crawler.spider.arguments)
        return {name: str(value) if isinstance(value, dt.date) else value for name, value in given.items()}

    def _refuse(self, exit_code: int, message: str) -> NoReturn:
        self.crawler.stats.set_value("crawl/refused", (exit_code, message))
        raise CloseSpider("refused")
