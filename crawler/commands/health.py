"""`scrapy health`: does the archive keep up with the newspaper?"""

import argparse
import datetime as dt
import re
import sys
from typing import ClassVar

import sqlalchemy as sa
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.archive import ArchiveError, open_archive
from crawler.arguments import LANGUAGES
from crawler.database import one_line
from crawler.health import as_lines, as_prometheus, examine
from crawler.verdict import FAILED, HEALTHY, UNHEALTHY

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Command(ScrapyCommand):
    """0 healthy, 1 no archive, 2 wrong usage, 3 unhealthy."""

    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[--max-age 36h] [--prometheus]"

    def short_desc(self) -> str:
        return "Say whether the archive keeps up with the newspaper (exit code 3: it does not)"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--max-age",
            default="36h",
            metavar="36h",
            help="the last good run and issue may be that old (m, h, d)",
        )
        parser.add_argument("--language", choices=LANGUAGES, default="ko", help="the edition (default: ko)")
        parser.add_argument(
            "--days", type=int, default=30, help="look for gaps in that many days (default: 30)"
        )
        parser.add_argument("--prometheus", action="store_true", help="write Prometheus' text format")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if args:
            raise UsageError("health takes options only")
        if opts.days < 1:
            raise UsageError("--days must be at least 1", print_help=False)
        max_age = _duration(opts.max_age)
        now = dt.datetime.now(dt.UTC)
        try:
            engine = open_archive(self.settings["ARCHIVE_URL"], read_only=True)
            health = examine(engine, language=opts.language, now=now, max_age=max_age, days=opts.days)
        except (ArchiveError, sa.exc.SQLAlchemyError) as error:
            print(f"health: {one_line(error)}", file=sys.stderr)
            self.exitcode = FAILED
            return
        engine.dispose()
        print("\n".join((as_prometheus if opts.prometheus else as_lines)(health)))
        self.exitcode = UNHEALTHY if health.problems else HEALTHY


def _duration(text: str) -> dt.timedelta:
    match = re.fullmatch(r"(\d{1,6})([mhd])", text.strip())
    if not match:
        raise UsageError(f"--max-age={text!r} is not a time like 90m, 36h or 2d", print_help=False)
    return dt.timedelta(**{_UNITS[match[2]]: int(match[1])})
