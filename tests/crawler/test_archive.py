import datetime as dt
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.archive import ArchiveError, failed_articles, known_articles, open_archive, read_articles
from crawler.database import writing
from crawler.items import Article, Failure, Listed, RawPage, Record, Recovered, Sighting
from crawler.storing import begin_crawl, content_hash, page_content, store
from crawler.tables import articles, metadata, pages, revisions

NOW = dt.datetime(2026, 8, 20, 3, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
RAW, OTHER = (RawPage("article", "http://127.0.0.1/ko/", 200, "utf-8", text) for text in (b"<p>", b"<b>"))


def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def engine(database: str) -> sa.Engine:
    return open_archive(database, create=True)


def article(news_id: str = "2026-08-20-012", **changes: object) -> Article:
    values: dict[str, object] = {
        "language": "ko",
        "news_id": news_id,
        "issue_date": dt.date.fromisoformat(news_id[:10]),
        "page": 4,
        "title": "푸른 잎새",
        "subtitle": "",
        "body": "새벽이였다.\n이슬이 맺혔다.",
        "byline": "본사기자 림단비",
        "url": "http://127.0.0.1/ko/index.php?TOKEN==",
        "layout": "B",
        "listed": Listed(["오늘호 기사"]),
        "raw": RawPage("article", "http://127.0.0.1/ko/", 200, "utf-8", f"<p>{news_id}</p>".encode()),
    }
    return Article(**(values | changes))  # type: ignore[arg-type]


def put(engine: sa.Engine, *records: Record, now: dt.datetime = NOW) -> list[str]:
    with writing(engine) as connection:
        return [store(connection, record, now) for record in records]


def query(engine: sa.Engine, text: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(text))]


def select(engine: sa.Engine, *columns: sa.ColumnElement[Any]) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns))]


class TestOpening:
    def test_new_archive_has_every_table_and_survives_reopening(self, tmp_path: Path) -> None:
        path = tmp_path / "rodong.db"
        open_archive(url(path), create=True).dispose()
        engine = open_archive(url(path), create=True)
        assert set(sa.inspect(engine).get_table_names()) == set(metadata.tables)
        assert query(engine, "PRAGMA journal_mode") == [("wal",)]
        assert query(engine, "PRAGMA foreign_keys") == [(1,)]
        assert query(engine, "PRAGMA synchronous") == [(2,)]

    @pytest.mark.parametrize(
        ("bad", "advice"),
        [
            ("rodong.db", "not a database URL"),
            ("mysql://host/db", "begins with sqlite"),
            ("sqlite://", "names no file"),
            ("sqlite:///{tmp}", "is a folder"),
            ("sqlite:///{tmp}/none.db", "crawl first"),
            ("sqlite:///{tmp}/no/none.db", "crawl first"),
        ],
    )
    def test_wrong_url_says_what_to_do(self, tmp_path: Path, bad: str, advice: str) -> None:
        with pytest.raises(ArchiveError, match=advice) as error:
            open_archive(bad.format(tmp=tmp_path))
        assert "\n" not in str(error.value)
        assert list(tmp_path.iterdir()) == []

    def test_folder_that_is_missing_is_not_made(self, tmp_path: Path) -> None:
        with pytest.raises(ArchiveError, match="make it first"):
            open_archive(url(tmp_path / "no" / "rodong.db"), create=True)

    def test_text_file_is_refused_and_left_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("나의 기록", encoding="utf-8")
        with pytest.raises(ArchiveError, match="not an archive"):
            open_archive(url(path), create=True)
        assert path.read_text(encoding="utf-8") == "나의 기록"

    def test_database_of_something_else_is_refused_and_left_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "other.db"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE harvest (tons)")
        before = path.read_bytes()
        with pytest.raises(ArchiveError, match="something else"):
            open_archive(url(path), create=True)
        assert path.read_bytes() == before

    def test_database_with_a_table_of_the_same_name_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "old.db"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE articles (id, title)")
        with pytest.raises(ArchiveError, match="something else"):
            open_archive(url(path), create=True)

    def test_archive_cut_short_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "rodong.db"
        open_archive(url(path), create=True).dispose()
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size // 2)
        with pytest.raises(ArchiveError, match="cannot use"):
            open_archive(url(path))

    def test_reader_cannot_write(self, engine: sa.Engine, database: str) -> None:
        reader = open_archive(database, read_only=True)
        with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"):
            put(reader, article())

    def test_archive_can_be_read_while_it_is_written(self, engine: sa.Engine, database: str) -> None:
        put(engine, article())
        with writing(engine) as connection:
            store(connection, article("2026-08-20-013"), NOW)
            reader = open_archive(database, read_only=True)
            assert [found.news_id for found in read_articles(reader)] == ["2026-08-20-012"]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_archive_in_a_read_only_folder_can_be_read(self, tmp_path: Path) -> None:
        folder = tmp_path / "share"
        folder.mkdir()
        open_archive(url(folder / "rodong.db"), create=True).dispose()
        folder.chmod(0o555)
        try:
            assert list(read_articles(open_archive(url(folder / "rodong.db"), read_only=True))) == []
        finally:
            folder.chmod(0o755)


class TestStoring:
    def test_article_comes_back_as_it_was_stored(self, engine: sa.Engine) -> None:
        assert put(engine, article()) == ["new"]
        (found,) = read_articles(engine)
        assert (found.news_id, found.issue_date, found.page) == ("2026-08-20-012", dt.date(2026, 8, 20), 4)
        assert (found.body, found.sections) == ("새벽이였다.\n이슬이 맺혔다.", ("오늘호 기사",))

    def test_articles_are_read_in_order_within_the_period_and_language(self, engine: sa.Engine) -> None:
        ids = ["2026-08-21-001", "2026-08-20-012", "2026-08-20-002", "2026-08-19-001"]
        put(engine, *(article(news_id) for news_id in ids), article("2026-08-20-001", language="en"))
        assert [found.news_id for found in read_articles(engine, language="ko")] == sorted(ids)
        day = dt.date(2026, 8, 20)
        assert [(found.language, found.news_id) for found in read_articles(engine, since=day, until=day)] == [
            ("en", "2026-08-20-001"),
            ("ko", "2026-08-20-002"),
            ("ko", "2026-08-20-012"),
        ]
        assert known_articles(engine, "en") == {"2026-08-20-001"}

    def test_order_is_that_of_code_points_whatever_the_language_of_the_database(
        self, engine: sa.Engine
    ) -> None:
        sections = ["가", "b", "A", "农", "［ㄱ", "a b", "a-c", "N"]
        put(engine, article(listed=Listed(sections)), article("2026-08-20-N01"), article("2026-08-20-a"))
        found = list(read_articles(engine))
        assert [each.news_id for each in found] == ["2026-08-20-012", "2026-08-20-N01", "2026-08-20-a"]
        assert found[0].sections == tuple(sorted(sections))

    def test_article_in_several_sections_is_one_row(self, engine: sa.Engine) -> None:
        put(
            engine,
            article(),
            article(listed=Listed(["사회문화생활"])),
            Sighting("ko", "2026-08-20-012", "사설", None),
        )
        (found,) = read_articles(engine)
        assert set(found.sections) == {"오늘호 기사", "사회문화생활", "사설"}

    def test_changed_text_makes_a_revision_and_the_same_text_none(self, engine: sa.Engine) -> None:
        put(engine, article())
        assert put(engine, article(title="푸른\u00a0 잎새"), now=LATER) == ["unchanged"]
        assert put(engine, article(body="밤이였다."), now=LATER) == ["changed"]
        assert select(engine, revisions.c.body, revisions.c.replaced_at) == [
            ("새벽이였다.\n이슬이 맺혔다.", LATER)
        ]
        assert select(engine, articles.c.body, articles.c.first_seen_at, articles.c.last_seen_at) == [
            ("밤이였다.", NOW, LATER)
        ]

    def test_text_is_never_replaced_by_none(self, engine: sa.Engine) -> None:
        put(engine, article())
        assert put(engine, article(body="", layout="B-photo"), now=LATER) == ["failed"]
        assert [found.body for found in read_articles(engine)] == ["새벽이였다.\n이슬이 맺혔다."]
        assert query(engine, "SELECT news_id, reason FROM failures") == [("2026-08-20-012", "text vanished")]

    def test_paper_page_is_kept_where_a_later_list_does_not_tell_it(self, engine: sa.Engine) -> None:
        put(
            engine, article(page=None), Sighting("ko", "2026-08-20-012", "오늘호 기사", 3), article(page=None)
        )
        assert [found.page for found in read_articles(engine)] == [3]

    def test_what_lists_tell_until_the_article_is_stored_counts(self, engine: sa.Engine) -> None:
        listed = Listed(["사설"])
        record = article(page=None, listed=listed)
        listed.sections.append("오늘호 기사")
        listed.page = 2
        put(engine, record)
        assert [(found.page, set(found.sections)) for found in read_articles(engine)] == [
            (2, {"사설", "오늘호 기사"})
        ]

    def test_sighting_of_an_article_yet_to_come_is_no_row(self, engine: sa.Engine) -> None:
        assert put(engine, Sighting("ko", "2026-08-20-012", "사설", None)) == ["seen"]
        assert list(read_articles(engine)) == []

    def test_raw_page_is_kept_once_and_without_photographs(self, engine: sa.Engine) -> None:
        content = b"<p>" + "글".encode() + b'</p><img src="data:image/jpeg;base64,' + b"QUJD" * 5000 + b'==">'
        raw = RawPage("article", "http://127.0.0.1/ko/", 200, "utf-8", content)
        put(engine, article(raw=raw), article(raw=raw, body="다른 글"))
        (row,) = query(engine, "SELECT news_id, codec, content FROM pages")
        assert isinstance(row[2], bytes)
        assert page_content(str(row[1]), row[2]).decode() == '<p>글</p><img src="data:,">'

    def test_headers_are_those_of_the_last_arrival(self, engine: sa.Engine) -> None:
        for night in ("20", "21"):
            headers = (("Date", f"{night} Aug"), ("Set-Cookie", "가"), ("Set-Cookie", "b"))
            raw = RawPage("article", "http://127.0.0.1/ko/", 200, "utf-8", b"<p>", headers)
            put(engine, Failure("ko", "article", "2026-08-20-012", "http://x", "empty page", raw=raw))
        assert select(engine, pages.c.headers) == [
            ([["Date", "21 Aug"], ["Set-Cookie", "가"], ["Set-Cookie", "b"]],)
        ]

    def test_failure_counts_its_attempts_and_ends_with_success(self, engine: sa.Engine) -> None:
        failure = Failure("ko", "article", "2026-08-20-012", "http://x", "unknown layout", ["사설"])
        put(engine, failure)
        put(engine, failure, now=LATER)
        assert query(engine, "SELECT attempts, first_failed_at < last_failed_at FROM failures") == [(2, 1)]
        (failed,) = failed_articles(engine, "ko")
        assert (failed.news_id, failed.url, failed.sections) == ("2026-08-20-012", "http://x", ("사설",))
        put(engine, article())
        assert query(engine, "SELECT * FROM failures") == []

    def test_recovered_list_clears_its_own_failures_only(self, engine: sa.Engine) -> None:
        put(
            engine,
            Failure("ko", "list", "1:2", "http://x", "timed out"),
            Failure("ko", "list", "11:2", "http://x", "timed out"),
            Failure("en", "list", "1:2", "http://x", "timed out"),
            Recovered("ko", "list", "1:"),
        )
        assert query(engine, "SELECT language, key FROM failures ORDER BY id") == [
            ("ko", "11:2"),
            ("en", "1:2"),
        ]

    def test_success_of_one_id_does_not_clear_a_longer_one(self, engine: sa.Engine) -> None:
        put(engine, Failure("ko", "article", "2026-08-20-0121", "http://x", "timed out"), article())
        assert query(engine, "SELECT news_id FROM failures") == [("2026-08-20-0121",)]

    def test_times_of_an_article_do_not_go_back_with_the_clock(self, engine: sa.Engine) -> None:
        put(engine, article(), now=LATER)
        put(
            engine,
            Sighting("ko", "2026-08-20-012", "사설", None),
            article(body="밤이였다.", raw=RAW),
            now=NOW,
        )
        put(
            engine,
            Failure("ko", "article", "2026-08-20-012", "http://x", "unknown layout", raw=OTHER),
            now=NOW,
        )
        ((seen, body),) = select(engine, articles.c.last_seen_at, articles.c.body)
        assert (seen >= LATER, body) == (True, "밤이였다.")
        moment = dt.timedelta.resolution
        assert select(engine, revisions.c.replaced_at) == [(LATER + moment,)]
        fetched = select(engine, pages.c.fetched_at)
        assert fetched == [(LATER,), (LATER + moment,), (LATER + 2 * moment,)]

    def test_crawl_that_was_killed_is_marked_by_the_next(self, engine: sa.Engine) -> None:
        for now in (NOW, LATER):
            with writing(engine) as connection:
                begin_crawl(connection, 1, {"language": "ko"}, now)
        assert query(engine, "SELECT outcome FROM crawls ORDER BY id") == [("interrupted",), ("running",)]


def test_content_hash_sees_words_and_not_their_dress() -> None:
    assert content_hash("제목 １０", "가\n나") == content_hash("제목  10", "가 나 ")
    assert content_hash("제목", "가나") != content_hash("제목", "가나다")
    assert content_hash("가", "나") != content_hash("가나", "")
