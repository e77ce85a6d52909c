"""`scrapy warc`: the archived pages as a WARC file, and the pages of WARC files into the archive."""

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from tqdm import tqdm

from crawler.archive import ArchiveError, open_archive
from crawler.arguments import LANGUAGES
from crawler.database import one_line
from crawler.lock import ArchiveLock, LockedError
from crawler.pages.addresses import HOSTS
from crawler.verdict import FAILED, LOCKED
from crawler.warc_export import count_pages, export, wanted_pages
from crawler.warc_import import Import


class Command(ScrapyCommand):
    """0 done, 1 failed (a file that breaks off among it), 2 wrong usage, 75 a crawl writes to the archive."""

    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "export FILE.warc.gz [options] | import FILE.warc[.gz]... [options]"

    def short_desc(self) -> str:
        return "Exchange pages with other archives as WARC files"

    def long_desc(self) -> str:
        return (
            "Write the archived pages to a WARC file, or import the pages of WARC files, also those of wget, "
            "Browsertrix or Heritrix. Examples: scrapy warc export rodong-2026.warc.gz --since 2026-01-01; "
            "scrapy warc import from-a-colleague.warc.gz"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--since", metavar="YYYY-MM-DD", help="export: only issues of that day and later")
        parser.add_argument("--until", metavar="YYYY-MM-DD", help="export: only issues up to that day")
        parser.add_argument("--language", choices=LANGUAGES, help="export: only that edition")
        parser.add_argument(
            "--host",
            action="append",
            default=[],
            help=f"import: also pages of this host, beside {' and '.join(HOSTS)} (may be repeated)",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        url = self.settings["ARCHIVE_URL"]
        work: Callable[[], None]
        if args[:1] == ["export"] and len(args) == 2:
            since, until = (_day(name, getattr(opts, name)) for name in ("since", "until"))
            wanted = wanted_pages(since, until, opts.language)
            work = partial(self._export, url, Path(args[1]), wanted)
        elif args[:1] == ["import"] and len(args) > 1:
            if opts.since or opts.until or opts.language:
                raise UsageError("--since, --until and --language are for the export", print_help=False)
            work = partial(self._import, url, [Path(name) for name in args[1:]], opts.host)
        else:
            raise UsageError("say export and one file, or import and files")
        try:
            work()
        except LockedError as error:
            self._fail(LOCKED, str(error))
        except OSError as error:
            self._fail(FAILED, f"{error.filename or args[1]}: {error.strerror or error}")
        except (ArchiveError, sa.exc.SQLAlchemyError) as error:
            self._fail(FAILED, one_line(error))

    def _export(self, url: str, path: Path, wanted: sa.ColumnElement[bool]) -> None:
        engine = open_archive(url, read_only=True)
        total = count_pages(engine, wanted)
        if not total:
            self._fail(FAILED, "the archive has no page of that period and edition: nothing was written")
            return
        for _ in tqdm(export(engine, path, wanted), total=total, unit=" pages", disable=None):
            pass
        engine.dispose()
        print(f"{path}: {total} pages, {path.stat().st_size / 1e6:.1f} MB")

    def _import(self, url: str, paths: list[Path], hosts: list[str]) -> None:
        size = sum(path.stat().st_size for path in paths)
        engine = open_archive(url, create=True)
        run = Import(engine, {*HOSTS, *hosts})
        try:
            with ArchiveLock(engine), tqdm(total=size, unit="B", unit_scale=True, disable=None) as progress:
                run.read(paths, progress)
        finally:
            engine.dispose()
            for reason, count in sorted(run.counts.items(), key=lambda each: -each[1]):
                print(f"{count:8} {reason}")
        if run.problems:
            self._fail(FAILED, "; ".join(run.problems) + ": get it anew and import it again")

    def _fail(self, exit_code: int, message: str) -> None:
        print(f"warc: {message}", file=sys.stderr)
        self.exitcode = exit_code


def _day(name: str, text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"--{name}={text!r} is not a date like 2026-08-20", print_help=False) from None
