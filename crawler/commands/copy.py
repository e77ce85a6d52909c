"""`scrapy copy`: copy the archive to another database."""

import argparse
import sys
from typing import ClassVar

import sqlalchemy as sa
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from tqdm import tqdm

from crawler.archive import ArchiveError
from crawler.copying import copy_archive
from crawler.database import one_line, shown
from crawler.lock import LockedError
from crawler.verdict import FAILED, LOCKED


class Command(ScrapyCommand):
    """0 done, 1 failed, 2 wrong usage, 75 a crawl writes to one of the archives."""

    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "URL"

    def short_desc(self) -> str:
        return "Copy the archive to a new database, e.g. postgresql://user@host/rodong or sqlite:///copy.db"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if len(args) != 1:
            raise UsageError("name the new database: scrapy copy postgresql://user@host/rodong")
        try:
            with tqdm(unit=" rows", disable=None) as bar:

                def progress(rows: int, total: int) -> None:
                    bar.total = total
                    bar.update(rows)

                counts = copy_archive(self.settings["ARCHIVE_URL"], args[0], progress)
        except LockedError as error:
            return self._fail(LOCKED, str(error))
        except (ArchiveError, sa.exc.SQLAlchemyError) as error:
            return self._fail(FAILED, f"{one_line(error)}; nothing was copied")
        print("copied " + ", ".join(f"{count} {table}" for table, count in counts.items()))
        print(f"next: ARCHIVE_URL={shown(args[0])}")
        return None

    def _fail(self, exit_code: int, message: str) -> None:
        print(f"copy: {message}", file=sys.stderr)
        self.exitcode = exit_code
