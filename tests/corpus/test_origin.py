from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from corpus.origin import digest_of
from corpus.schema import CorpusError
from corpus.sources import Source
from crawler.archive import article_sections, articles, open_archive


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


class TestFiles:
    def test_a_copy_has_the_same_digest_wherever_it_lies(self, tmp_path: Path) -> None:
        for folder in ("a", "b"):
            write(tmp_path / folder / "x.txt", "봄이다.")
        assert digest_of(Source("text", f"{tmp_path}/a/x.txt")) == digest_of(
            Source("text", f"{tmp_path}/b/x.txt")
        )
        assert digest_of(Source("text", f"{tmp_path}/a")) == digest_of(Source("text", f"{tmp_path}/b"))

    def test_a_change_that_size_and_time_hide_is_seen(self, tmp_path: Path) -> None:
        path = tmp_path / "a" / "x.txt"
        for location in (path, path.parent):
            write(path, "봄이다.")
            before = digest_of(Source("text", str(location)))
            write(path, "논이다.")
            os.utime(path, (0, 0))
            assert digest_of(Source("text", str(location))) != before

    def test_another_name_in_a_folder_is_another_source(self, tmp_path: Path) -> None:
        write(tmp_path / "a" / "x.txt", "봄이다.")
        before = digest_of(Source("text", f"{tmp_path}/a"))
        (tmp_path / "a" / "x.txt").rename(tmp_path / "a" / "y.txt")
        assert digest_of(Source("text", f"{tmp_path}/a")) != before

    def test_what_is_no_file_has_none(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert digest_of(Source("text", str(tmp_path / "pipe"))) is None

    def test_nothing_there_is_an_error_that_names_it(self, tmp_path: Path) -> None:
        with pytest.raises(CorpusError, match=r"nothing\.txt does not exist"):
            digest_of(Source("text", str(tmp_path / "nothing.txt")))


class TestArchive:
    NOW = dt.datetime(2024, 4, 2, 3, 0, tzinfo=dt.UTC)

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        url = f"sqlite:///{tmp_path / 'rodong.db'}"
        engine = open_archive(url, create=True)
        with engine.begin() as connection:
            for number, language in enumerate(("ko", "ko", "en")):
                connection.execute(articles.insert().values(self.row(number, language)))
            connection.execute(article_sections.insert().values(article_id=1, section="농업"))
        engine.dispose()
        return url

    def row(self, number: int, language: str = "ko") -> dict[str, object]:
        same = dict.fromkeys(("title", "subtitle", "body", "byline", "url", "layout", "content_hash"), "봄")
        seen = {"first_seen_at": self.NOW, "last_seen_at": self.NOW}
        name = f"2024-04-01-{number:03}"
        return (
            {"language": language, "news_id": name, "issue_date": dt.date(2024, 4, 1), "page": 1}
            | same
            | seen
        )

    def change(self, url: str, statement: sa.Executable) -> bool:
        """Whether the digest is another after it."""
        before = digest_of(Source("archive", url))
        engine = open_archive(url)
        with engine.begin() as connection:
            connection.execute(statement)
        engine.dispose()
        return digest_of(Source("archive", url)) != before

    @pytest.mark.parametrize("column", ["title", "subtitle", "body", "news_id", "issue_date"])
    def test_whatever_a_corpus_takes_of_an_article_counts(self, url: str, column: str) -> None:
        value = dt.date(2024, 4, 2) if column == "issue_date" else "여름"
        assert self.change(url, articles.update().where(articles.c.id == 2).values({column: value}))

    def test_an_article_more_or_less_counts_and_so_does_a_section(self, url: str) -> None:
        assert self.change(url, articles.insert().values(self.row(7)))
        assert self.change(url, articles.delete().where(articles.c.id == 2))
        assert self.change(url, article_sections.insert().values(article_id=1, section="경제"))
        assert self.change(url, article_sections.update().values(article_id=4))

    def test_what_a_crawl_renews_every_night_does_not(self, url: str) -> None:
        later = self.NOW + dt.timedelta(days=1)
        assert not self.change(url, articles.update().values(last_seen_at=later, page=2))
        assert not self.change(url, articles.update().where(articles.c.language == "en").values(body="가을"))

    def test_no_archive_is_one_clear_line(self, tmp_path: Path) -> None:
        with pytest.raises(CorpusError, match="no archive at"):
            digest_of(Source("archive", f"sqlite:///{tmp_path}/none.db"))
