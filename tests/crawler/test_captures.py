"""Where captures of the past go among what the archive holds."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive import failed_articles, open_archive
from crawler.captures import DOUBTED, confirm, store_capture, tried_captures
from crawler.database import writing
from crawler.health import examine
from crawler.history import texts
from crawler.items import Article, Capture, Failure, Listed, RawPage, Sighting
from crawler.reparse import reparse
from crawler.storing import content_hash, store

NEWS_ID = "2022-10-31-0012"
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def day(number: int) -> dt.datetime:
    return dt.datetime(2022, 11, 1, tzinfo=dt.UTC) + dt.timedelta(number)


def page(body: str, news_id: str) -> bytes:
    return (
        f'<html><!-- {news_id} --><div id="articleContent"><div id="ContDIV">'
        f'<p class="TitleP">온실</p><p class="TextP">{body}</p></div></div></html>'
    ).encode()


def article(body: str, news_id: str = NEWS_ID, sections: tuple[str, ...] = ()) -> Article:
    raw = RawPage("article", "http://x", 200, "utf-8", page(body, news_id))
    issued = dt.date.fromisoformat(news_id[:10])
    return Article(
        "ko", news_id, issued, None, "온실", "", body, "", "http://x", "B", Listed(list(sections)), raw
    )


@dataclass
class Archive:
    engine: sa.Engine

    def crawl(self, body: str, number: int, news_id: str = NEWS_ID) -> str:
        with writing(self.engine) as connection:
            return store(connection, article(body, news_id), day(number))

    def capture(self, body: str, number: int, news_id: str = NEWS_ID, **more: str) -> str:
        address = f"http://archive/{news_id}/{number}/{body}"
        found = Capture("ko", news_id, address, day(number), body, article(body, news_id))
        with writing(self.engine) as connection:
            return store_capture(connection, found, NOW)

    def lose(self, reason: str, number: int) -> str:
        raw = RawPage("article", "http://x", 200, "utf-8", f"<p>{number}".encode())
        found = Capture(
            "ko", NEWS_ID, f"http://archive/{number}", day(number), str(number), None, reason, raw
        )
        with writing(self.engine) as connection:
            return store_capture(connection, found, NOW)

    def history(self, news_id: str = NEWS_ID) -> list[tuple[int, str]]:
        return [((each.since - day(0)).days, each.body) for each in texts(self.engine, "ko", news_id)]

    def seen(self, news_id: str = NEWS_ID) -> tuple[int, int]:
        query = f"SELECT first_seen_at, last_seen_at FROM articles WHERE news_id = '{news_id}'"
        first, last = (dt.datetime.fromisoformat(each).replace(tzinfo=dt.UTC) for each in self.rows(query)[0])
        return (first - day(0)).days, (last - day(0)).days

    def rows(self, query: str) -> list[tuple[str, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    engine = open_archive(f"sqlite:///{tmp_path}/rodong.db", create=True)
    yield Archive(engine)
    engine.dispose()


def test_the_first_capture_is_the_article_since_the_time_of_the_capture(archive: Archive) -> None:
    assert archive.capture("가", 3) == "new"
    assert (archive.history(), archive.seen()) == ([(3, "가")], (3, 3))


def test_an_older_capture_of_the_same_text_only_says_that_it_held_sooner(archive: Archive) -> None:
    archive.crawl("가", 5)
    assert archive.capture("가", 3) == "unchanged"
    assert (archive.history(), archive.seen()) == ([(3, "가")], (3, 5))


def test_an_older_capture_of_another_text_becomes_a_revision_and_never_the_text(archive: Archive) -> None:
    archive.crawl("나", 5)
    assert archive.capture("가", 3) == "earlier"
    assert (archive.history(), archive.seen()) == ([(3, "가"), (5, "나")], (3, 5))
    assert archive.rows("SELECT count(*) FROM pages") == [(2,)]
    assert [each.kind for each in reparse(archive.engine, write=True)] == ["unchanged"]


def test_a_newer_capture_is_as_good_as_a_crawl(archive: Archive) -> None:
    archive.crawl("가", 3)
    assert archive.capture("나", 5) == "changed"
    assert archive.history() == [(3, "가"), (5, "나")]


def test_a_text_between_two_that_are_known_is_a_revision_of_its_own(archive: Archive) -> None:
    archive.crawl("가", 1)
    archive.crawl("다", 9)
    assert archive.capture("나", 5) == "earlier"
    assert archive.capture("다", 7) == "unchanged"
    assert archive.history() == [(1, "가"), (5, "나"), (7, "다")]


def test_another_text_is_not_believed_where_the_present_one_was_seen_before_and_after(
    archive: Archive,
) -> None:
    archive.crawl("가", 1)
    with writing(archive.engine) as connection:
        store(connection, Sighting("ko", NEWS_ID, "사회문화생활", None), day(9))
    assert archive.capture("나", 5) == DOUBTED
    assert archive.history() == [(1, "가")]
    assert archive.rows("SELECT outcome FROM captures") == [
        ("differs from a text that was seen before and after",)
    ]


def test_a_capture_without_text_replaces_none(archive: Archive) -> None:
    archive.crawl("가", 1)
    assert archive.capture("", 5) == "text vanished"
    assert archive.history() == [(1, "가")]


def test_the_same_capture_counts_once(archive: Archive) -> None:
    assert [archive.capture("가", 3), archive.capture("가", 3)] == ["new", "known"]
    assert [(each.news_id, each.digest, each.outcome) for each in tried_captures(archive.engine, "ko")] == [
        (NEWS_ID, "가", "new")
    ]
    assert tried_captures(archive.engine, "en") == []


def test_page_that_nobody_understands_is_kept_and_waits_for_a_parser_but_not_for_the_nightly_crawl(
    archive: Archive,
) -> None:
    assert archive.lose("unknown layout: no container", 3) == "rejected"
    assert archive.lose("blocked: a filter", 4) == "rejected"
    assert archive.rows("SELECT kind, news_id, reason FROM failures") == [
        ("capture", NEWS_ID, "unknown layout: no container")
    ]
    assert archive.rows("SELECT count(*) FROM pages") == [(1,)]
    assert failed_articles(archive.engine, "ko") == ()
    health = examine(archive.engine, language="ko", now=NOW, max_age=dt.timedelta(1), days=30)
    assert health.waiting == {}
    assert archive.capture("가", 2) == "new"
    assert archive.rows("SELECT count(*) FROM failures") == [(0,)]


def test_a_page_that_a_crawl_fetched_later_keeps_its_time(archive: Archive) -> None:
    with writing(archive.engine) as connection:
        raw = RawPage("article", "http://x", 200, "utf-8", b"<p>3")
        store(connection, Failure("ko", "article", NEWS_ID, "http://x", "unknown layout", (), raw), day(8))
    archive.lose("unknown layout", 3)
    assert archive.rows("SELECT fetched_at FROM pages") == [("2022-11-09 00:00:00.000000",)]


def test_a_revisit_confirms_a_text_that_is_known(archive: Archive) -> None:
    archive.crawl("가", 3)
    with writing(archive.engine) as connection:
        assert confirm(connection, "ko", NEWS_ID, content_hash("온실", "가"), day(7))
        assert confirm(connection, "ko", NEWS_ID, content_hash("온실", "가"), day(1))
        assert not confirm(connection, "ko", NEWS_ID, content_hash("온실", "나"), day(8))
        assert not confirm(connection, "ko", "2022-10-31-0013", content_hash("온실", "가"), day(8))
    assert archive.seen() == (1, 7)


_numbers = count(1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return Archive(open_archive(f"sqlite:///{tmp_path_factory.mktemp('shared')}/rodong.db", create=True))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_in_which_captures_come_does_not_matter(
    shared: Archive, lengths: list[int], luck: random.Random
) -> None:
    """Texts that follow one another, each captured on one day or several, give one history in any order."""
    captured = [
        (f"글{text}", sum(lengths[:text]) + step)
        for text, length in enumerate(lengths)
        for step in range(length)
    ]
    news_id = f"2022-10-31-{next(_numbers):04d}"
    shuffled = list(captured)
    luck.shuffle(shuffled)
    for body, number in shuffled:
        shared.capture(body, number, news_id)
    assert shared.history(news_id) == [(sum(lengths[:text]), f"글{text}") for text in range(len(lengths))]
    assert shared.seen(news_id) == (0, sum(lengths) - 1)
