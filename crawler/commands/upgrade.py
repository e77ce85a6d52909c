"""`scrapy upgrade`: bring an archive of an older version to the present one."""

import argparse
import sys
from typing import ClassVar

import sqlalchemy as sa
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.archive import ArchiveError
from crawler.database import one_line, shown
from crawler.lock import LockedError
from crawler.upgrade import upgrade_archive
from crawler.verdict import FAILED, LOCKED
from crawler.versions import SCHEMA_VERSION


class Command(ScrapyCommand):
    """0 done or nothing to do, 1 failed, 2 wrong usage, 75 a crawl writes to the archive."""

    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_ENABLED": False}

    def short_desc(self) -> str:
        return "Bring an archive that an older version of this software made up to date"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if args:
            raise UsageError("upgrade takes options only")
        url = self.settings["ARCHIVE_URL"]
        try:
            done = upgrade_archive(url)
        except LockedError as error:
            return self._fail(LOCKED, str(error))
        except (ArchiveError, sa.exc.SQLAlchemyError) as error:
            return self._fail(FAILED, f"{one_line(error)}; the archive is as it was")
        if not done.brought:
            print(f"{shown(url)} is of version {done.before}, the present one")
            return None
        print(f"{shown(url)} was of version {done.before} and is of version {SCHEMA_VERSION} now:")
        for version, what in done.brought.items():
            print(f"  {version}: {what}")
        return None

    def _fail(self, exit_code: int, message: str) -> None:
        print(f"upgrade: {message}", file=sys.stderr)
        self.exitcode = exit_code
