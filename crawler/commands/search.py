"""`scrapy search`: find words in the archive."""

import argparse
import datetime as dt
import sys
from itertools import islice
from typing import ClassVar

import sqlalchemy as sa
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.archive import ArchiveError, open_archive
from crawler.arguments import LANGUAGES
from crawler.database import one_line
from crawler.lock import ArchiveLock, LockedError
from crawler.search import build_index, search
from crawler.verdict import FAILED, LOCKED


class Command(ScrapyCommand):
    """0 searched, 1 failed, 2 wrong usage, 75 a crawl writes to the archive (--index only)."""

    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "WORD... | --index"

    def short_desc(self) -> str:
        return "Find articles that have all of some words, e.g. scrapy search 과학기술 온실"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--index", action="store_true", help="make an index, once, for long archives")
        parser.add_argument("--language", choices=LANGUAGES, default="ko", help="the edition (default: ko)")
        parser.add_argument("--since", metavar="YYYY-MM-DD", help="only articles issued on or after that day")
        parser.add_argument(
            "--until", metavar="YYYY-MM-DD", help="only articles issued on or before that day"
        )
        parser.add_argument("--limit", type=int, default=20, help="at most so many (default: 20)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if opts.index == bool(args) or not all(word.strip() for word in args):
            raise UsageError("name words, or --index alone: scrapy search 과학기술")
        if opts.limit < 1:
            raise UsageError("--limit must be at least 1", print_help=False)
        since, until = (_day(name, getattr(opts, name)) for name in ("since", "until"))
        url = self.settings["ARCHIVE_URL"]
        try:
            if opts.index:
                return _index(open_archive(url))
            engine = open_archive(url, read_only=True)
            found = search(engine, args, language=opts.language, since=since, until=until)
            for count, each in enumerate(islice(found, opts.limit + 1), 1):
                if count > opts.limit:
                    print(f"… and more: --limit {10 * opts.limit}, or name a period", file=sys.stderr)
                    break
                print(f"{each.news_id}  {each.title}\n    {each.context}")
        except LockedError as error:
            self._fail(LOCKED, str(error))
        except (ArchiveError, sa.exc.SQLAlchemyError) as error:
            self._fail(FAILED, one_line(error))

    def _fail(self, exit_code: int, message: str) -> None:
        print(f"search: {message}", file=sys.stderr)
        self.exitcode = exit_code


def _index(engine: sa.Engine) -> None:
    with ArchiveLock(engine):
        made = build_index(engine)
    print("the articles are indexed now" if made else "there is an index already")


def _day(name: str, text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"--{name}={text!r} is not a date like 2026-08-20", print_help=False) from None
