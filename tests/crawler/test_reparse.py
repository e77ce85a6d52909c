"""What the archived pages give when they are read anew."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from crawler.archive import open_archive, read_articles
from crawler.database import writing
from crawler.items import Article, Failure, Listed, RawPage, Record
from crawler.lock import ArchiveLock
from crawler.pages.list_page import ListEntry
from crawler.reparse import Outcome, reparse
from crawler.storing import store

from .conftest import Crawl, scrapy

NEWS_ID = "2026-08-20-012"
DAYS = [dt.datetime(2026, 8, day, 3, 0, tzinfo=dt.UTC) for day in range(20, 25)]


@pytest.fixture
def engine(database: str) -> sa.Engine:
    return open_archive(database, create=True)


def page(body: str, title: str = "제목", date: str = "") -> bytes:
    return (
        f'<html><div id="article-date">{date}</div><div id="articleContent"><div id="ContDIV">'
        f'<p class="TitleP">{title}</p><p class="TextP">{body}</p></div></div></html>'
    ).encode()


def raw(content: bytes, status: int = 200, encoding: str = "utf-8") -> RawPage:
    return RawPage("article", "http://127.0.0.1/ko/?TOKEN==", status, encoding, content)


def article(body: str, content: bytes, news_id: str = NEWS_ID, **changes: object) -> Article:
    day = dt.date.fromisoformat(news_id[:10])
    values: dict[str, object] = {"page": 4, "title": "제목", "subtitle": "", "body": body, "byline": "림단비"}
    values |= {"url": "http://x", "layout": "B", "listed": Listed(["사설"]), "raw": raw(content)}
    return Article("ko", news_id, day, **(values | changes))  # type: ignore[arg-type]


def failure(reason: str, content: bytes | None, **entry: object) -> Failure:
    told = {"title": "", "page": None, "author": ""} | entry
    listed = ListEntry(NEWS_ID, "", str(told["title"]), "", told["page"], DAYS[0].date(), str(told["author"]))  # type: ignore[arg-type]
    return Failure("ko", "article", NEWS_ID, "http://x", reason, ["사설"], content and raw(content), listed)


def put(engine: sa.Engine, *records: Record) -> None:
    """Store one record a day."""
    for record, now in zip(records, DAYS, strict=False):
        with writing(engine) as connection:
            store(connection, record, now)


def bodies(engine: sa.Engine) -> list[str]:
    return [found.body for found in read_articles(engine)]


def count(engine: sa.Engine, table: str) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0


def kinds(outcomes: list[Outcome]) -> list[str]:
    return [outcome.kind for outcome in outcomes]


def test_text_that_is_read_as_before_stays_as_it_is(engine: sa.Engine) -> None:
    put(engine, article("글", page("글")))
    before = list(read_articles(engine))
    assert kinds(list(reparse(engine, write=True))) == ["unchanged"]
    assert list(read_articles(engine)) == before


def test_what_an_older_parser_misread_is_corrected_without_a_revision(engine: sa.Engine) -> None:
    put(engine, article("글의 반", page("글의 반과 나머지")))
    (planned,) = reparse(engine, write=False)
    assert (planned.kind, planned.old and planned.old.body, planned.new and planned.new.body) == (
        "changed", "글의 반", "글의 반과 나머지"
    )  # fmt: skip
    assert bodies(engine) == ["글의 반"], "a dry run writes nothing"
    assert kinds(list(reparse(engine, write=True))) == ["changed"]
    (found,) = read_articles(engine)
    assert (found.body, found.byline, found.page, found.sections) == (
        "글의 반과 나머지",
        "림단비",
        4,
        ("사설",),
    )
    assert count(engine, "revisions") == 0
    assert kinds(list(reparse(engine, write=True))) == ["unchanged"]


def test_newest_text_counts_even_where_an_old_one_came_back(engine: sa.Engine) -> None:
    put(engine, *(article(body, page(body)) for body in ("가", "나", "가")))
    assert count(engine, "pages") == 2
    assert kinds(list(reparse(engine, write=True))) == ["unchanged"]
    assert bodies(engine) == ["가"]


@pytest.mark.parametrize("later", ["나", "나가"])
def test_newest_text_counts_even_where_the_clock_went_back(engine: sa.Engine, later: str) -> None:
    with writing(engine) as connection:
        store(connection, article("가", page("가")), DAYS[4])
        for body in later:
            store(connection, article(body, page(body)), DAYS[0])
    assert kinds(list(reparse(engine, write=True))) == ["unchanged"]
    assert bodies(engine) == [later[-1]]


def test_page_of_a_layout_that_is_known_now_becomes_the_article(engine: sa.Engine) -> None:
    put(engine, failure("unknown layout", page("글"), page=3, author="한기철"), failure("http 404", None))
    assert kinds(list(reparse(engine, write=False))) == ["new"]
    assert count(engine, "articles") == 0
    assert kinds(list(reparse(engine, write=True))) == ["new"]
    (found,) = read_articles(engine)
    assert (found.body, found.byline, found.sections) == ("글", "한기철", ("사설",))
    assert count(engine, "failures") == 0


def test_later_page_that_no_crawl_could_read_makes_a_revision(engine: sa.Engine) -> None:
    put(engine, article("가", page("가")), failure("unknown layout", page("나")))
    assert kinds(list(reparse(engine, write=True))) == ["changed"]
    assert bodies(engine) == ["나"]
    assert count(engine, "revisions") == 1
    assert count(engine, "failures") == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (page("다른 글", "온실의 아침", "2026년 8월 19일"), "wrong article"),
        (b"<html><meta name='kcsc' content='blocking'></html>", "blocked"),
        ("<html><main>새 얼개</main></html>".encode(), "unknown layout"),
    ],
)
def test_page_that_is_no_article_stays_a_failure_and_harms_none(
    engine: sa.Engine, content: bytes, reason: str
) -> None:
    put(engine, failure(reason, content))
    (outcome,) = reparse(engine, write=True)
    assert (outcome.kind, outcome.reason) == ("unreadable", reason)
    assert (count(engine, "articles"), count(engine, "failures")) == (0, 1)
    put(engine, article("가", page("가")), failure(reason, content))
    assert kinds(list(reparse(engine, write=True))) == ["unchanged"]
    assert bodies(engine) == ["가"]


def test_text_is_not_replaced_by_none(engine: sa.Engine) -> None:
    put(
        engine,
        article("가", page("가")),
        article("", page("").replace(b"</p></div>", b"<img src='x.jpg'></p></div>")),
    )
    assert kinds(list(reparse(engine, write=True))) == ["unchanged"]
    assert bodies(engine) == ["가"]


def test_page_of_another_encoding_is_read_as_it_came(engine: sa.Engine) -> None:
    text = page("글").decode().encode("euc-kr")
    put(engine, article("글", text, raw=raw(text, encoding="euc-kr")))
    assert kinds(list(reparse(engine, write=True))) == ["unchanged"]


def test_many_articles_are_read_in_batches_and_only_those_of_the_period(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        for day in ("2026-08-19", "2026-08-20"):
            for number in range(250):
                store(connection, article("반", page("글"), f"{day}-{number:03}"), DAYS[0])
            store(
                connection,
                Failure("ko", "list", "5:1", "http://x", "unknown layout", (), raw(b"<p>")),
                DAYS[0],
            )
    # All have one page in common, which the archive keeps once: only the first of them can be read anew.
    assert count(engine, "pages") == 2
    with writing(engine) as connection:
        for day in ("2026-08-19", "2026-08-20"):
            for number in range(250):
                news_id = f"{day}-{number:03}"
                store(connection, article("중간", page(f"글 {news_id}"), news_id), DAYS[1])
    assert kinds(list(reparse(engine, since=dt.date(2026, 8, 20), write=True))) == ["changed"] * 250
    assert sorted(set(bodies(engine)))[:2] == ["글 2026-08-20-000", "글 2026-08-20-001"]


@pytest.mark.slow
def test_command_shows_what_changes_before_it_is_written(
    crawl: Callable[..., Crawl], tmp_path: Path, rows: Callable[..., list[tuple[object, ...]]]
) -> None:
    url = f"ARCHIVE_URL=sqlite:///{tmp_path}/rodong.db"
    assert crawl().exit_code == 0
    with writing(open_archive(f"sqlite:///{tmp_path}/rodong.db")) as connection:
        connection.execute(
            sa.text("UPDATE articles SET title = '틀린 제목' WHERE news_id = '2026-08-20-001'")
        )
    dry = scrapy("reparse", "--dry-run", "-s", url)
    assert dry.returncode == 0
    assert dry.stdout.splitlines() == [
        "ko 2026-08-20-001 changed",
        "  title: [-틀린 제목-]{+온실에서 거둔 남새 001+}",
        "4 articles: 3 unchanged, 1 changed, 0 new, 0 unreadable; nothing was written",
    ]
    assert rows("SELECT count(*) FROM articles WHERE title = '틀린 제목'") == [(1,)]
    with ArchiveLock(open_archive(f"sqlite:///{tmp_path}/rodong.db")):
        assert scrapy("reparse", "-s", url).returncode == 75
    done = scrapy("reparse", "--since", "2026-08-20", "-s", url)
    assert done.stdout.splitlines()[-1] == "3 articles: 2 unchanged, 1 changed, 0 new, 0 unreadable"
    assert rows("SELECT count(*) FROM articles WHERE title = '틀린 제목'") == [(0,)]
    assert scrapy("reparse", "--since", "gestern").returncode == 2
