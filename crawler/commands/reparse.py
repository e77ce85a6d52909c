"""`scrapy reparse`: read the archived pages anew, after a parser has learnt something."""

import argparse
import datetime as dt
import sys
from collections import Counter
from contextlib import nullcontext
from typing import ClassVar

import sqlalchemy as sa
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from tqdm import tqdm

from crawler.archive import ArchiveError, open_archive
from crawler.database import one_line
from crawler.history import differences
from crawler.lock import ArchiveLock, LockedError
from crawler.reparse import CHANGED, NEW, UNCHANGED, UNREADABLE, Outcome, count_articles, reparse
from crawler.verdict import FAILED, LOCKED

_MOST_LINES, _WIDTH = 6, 160


class Command(ScrapyCommand):
    """0 done, 1 failed, 2 wrong usage, 75 a crawl writes to the archive."""

    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[--dry-run] [--since YYYY-MM-DD]"

    def short_desc(self) -> str:
        return "Build the articles anew from the archived pages, without the network"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--dry-run", action="store_true", help="show what would change and write nothing")
        parser.add_argument("--since", metavar="YYYY-MM-DD", help="only articles issued on or after that day")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if args:
            raise UsageError("reparse takes options only")
        since = _day(opts.since) if opts.since else None
        try:
            engine = open_archive(self.settings["ARCHIVE_URL"], read_only=opts.dry_run)
            with nullcontext() if opts.dry_run else ArchiveLock(engine):
                _run(engine, since, write=not opts.dry_run)
            engine.dispose()
        except LockedError as error:
            self._fail(LOCKED, str(error))
        except (ArchiveError, sa.exc.SQLAlchemyError) as error:
            self._fail(FAILED, f"{one_line(error)}; what was done before is kept, run it again")

    def _fail(self, exit_code: int, message: str) -> None:
        print(f"reparse: {message}", file=sys.stderr)
        self.exitcode = exit_code


def _run(engine: sa.Engine, since: dt.date | None, *, write: bool) -> None:
    kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    total = count_articles(engine, since=since)
    with tqdm(total=total, unit=" articles", disable=None) as progress:
        for outcome in reparse(engine, since=since, write=write):
            kinds[outcome.kind] += 1
            if outcome.kind == UNREADABLE:
                reasons[outcome.reason] += 1
            if outcome.kind in (CHANGED, NEW):
                progress.write("\n".join(_shown(outcome)), file=sys.stdout)
            progress.update()
    counts = ", ".join(f"{kinds[kind]} {kind}" for kind in (UNCHANGED, CHANGED, NEW, UNREADABLE))
    why = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    print(
        f"{total} articles: {counts}"
        + (f" ({why})" if why else "")
        + ("" if write else "; nothing was written")
    )


def _shown(outcome: Outcome) -> list[str]:
    """The article and the first lines that differ."""
    head = f"{outcome.language} {outcome.news_id} {outcome.kind}"
    if outcome.new is None or outcome.old is None:
        return [head if outcome.new is None else f"{head}: {outcome.new.title}"]
    lines = differences(outcome.old, outcome.new)
    cut = [line if len(line) <= _WIDTH else line[:_WIDTH] + "…" for line in lines[:_MOST_LINES]]
    more = [f"  … and {len(lines) - _MOST_LINES} more lines"] if len(lines) > _MOST_LINES else []
    return [head, *cut, *more]


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--since={text!r} is not a date like 2026-08-20", print_help=False) from None
