"""`scrapy matches`: which numbers are of one article, as CSV."""

import argparse
import csv
import sys
from collections import Counter
from typing import ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.archive import ArchiveError, numbered_articles, open_archive
from crawler.arguments import LANGUAGES, ArgumentError, read_date
from crawler.matches import AMBIGUOUS, NEAR, SAME, matches
from crawler.verdict import FAILED

COLUMNS = ("language", "issue_date", "old_id", "new_id", "old_title", "new_title", "similarity", "verdict")


class Command(ScrapyCommand):
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options] > matches.csv"

    def short_desc(self) -> str:
        return "List the articles that the archive holds under more than one number, as CSV"

    def long_desc(self) -> str:
        return (
            "Articles of one issue with the same title under numbers of different times (2022-10-31-0012 of the old "
            "site, 2022-10-31-N012 of its successor). Example: scrapy matches --since 2022-10-01 > matches.csv"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--language", choices=LANGUAGES, default="ko", help="the edition (default: ko)")
        parser.add_argument("--since", metavar="YYYY-MM-DD", help="only issues of that day and later")
        parser.add_argument("--until", metavar="YYYY-MM-DD", help="only issues up to that day")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if args:
            raise UsageError("matches takes options only")
        try:
            since, until = read_date("--since", opts.since), read_date("--until", opts.until)
            engine = open_archive(self.settings["ARCHIVE_URL"], read_only=True)
        except ArgumentError as error:
            raise UsageError(str(error), print_help=False) from None
        except ArchiveError as error:
            print(f"matches: {error}", file=sys.stderr)
            self.exitcode = FAILED
            return
        verdicts: Counter[str] = Counter()
        table = csv.writer(sys.stdout, lineterminator="\n")
        table.writerow(COLUMNS)
        for match in matches(numbered_articles(engine, opts.language, since, until)):
            old, new = match.old, match.new
            ids = (old.language, old.issue_date, old.news_id, new.news_id)
            table.writerow((*ids, old.title, new.title, match.similarity, match.verdict))
            verdicts[match.verdict] += 1
        engine.dispose()
        counts = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in (SAME, NEAR, AMBIGUOUS))
        print(f"{verdicts.total()} pairs: {counts}", file=sys.stderr)
