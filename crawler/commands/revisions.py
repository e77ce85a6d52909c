"""`scrapy revisions`: which articles changed after publication, and how."""

import argparse
import sys
from itertools import pairwise
from typing import ClassVar

import sqlalchemy as sa
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.archive import ArchiveError, open_archive
from crawler.arguments import LANGUAGES
from crawler.database import one_line
from crawler.history import changed_articles, differences, texts
from crawler.verdict import FAILED


class Command(ScrapyCommand):
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[NEWS_ID]"

    def short_desc(self) -> str:
        return "List the articles that changed after publication, or show how one did"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--language", choices=LANGUAGES, default="ko", help="the edition (default: ko)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if len(args) > 1:
            raise UsageError("name one article at most, such as 2026-08-20-012")
        try:
            self._show(open_archive(self.settings["ARCHIVE_URL"], read_only=True), opts.language, *args)
        except (ArchiveError, sa.exc.SQLAlchemyError) as error:
            self._fail(one_line(error))

    def _show(self, engine: sa.Engine, language: str, news_id: str | None = None) -> None:
        if news_id is None:
            for changed in changed_articles(engine, language):
                last = changed.last_change.isoformat(" ", "seconds")
                print(f"{changed.news_id}  {changed.texts} texts, the last since {last}  {changed.title}")
            return
        found = texts(engine, language, news_id)
        if not found:
            self._fail(f"the archive has no article {news_id} in {language}: see scrapy revisions")
            return
        print(f"{news_id} since {found[0].since.isoformat(' ', 'seconds')}: {found[0].title}")
        for old, new in pairwise(found):
            print(f"\nsince {new.since.isoformat(' ', 'seconds')}:")
            print("\n".join(differences(old, new)))

    def _fail(self, message: str) -> None:
        print(f"revisions: {message}", file=sys.stderr)
        self.exitcode = FAILED
