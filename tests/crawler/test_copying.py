"""An archive that moves to another database is the same archive there."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.archive import ArchiveError, open_archive
from crawler.captures import store_capture
from crawler.copying import copy_archive
from crawler.database import writing
from crawler.items import Capture, Failure, RawPage
from crawler.lock import ArchiveLock, LockedError
from crawler.storing import begin_crawl, end_crawl, page_content
from crawler.tables import metadata

from .conftest import scrapy
from .test_archive import LATER, NOW, article, put, select, url

RAW = RawPage("article", "http://x", 200, "euc-kr", b"\x00\xff<p>", (("Date", "Thu"), ("Date", "가\x00")))


def contents(engine: sa.Engine) -> dict[str, list[tuple[Any, ...]]]:
    return {name: rows(engine, table) for name, table in metadata.tables.items()}


def rows(engine: sa.Engine, table: sa.Table) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]


@pytest.fixture
def filled(tmp_path: Path) -> str:
    """An archive whose every table has rows, with numbers left out among their ids."""
    engine = open_archive(url(tmp_path / "filled.db"), create=True)
    with writing(engine) as connection:
        number = begin_crawl(connection, 7, {"language": "ko", "since": None}, NOW)
        end_crawl(connection, number, {"finished_at": LATER, "outcome": "healthy", "findings": ["note: 글"]})
    put(engine, *(article(f"2026-08-20-{n:03}") for n in range(450)))
    put(engine, article("2026-08-20-007", body="고친 글"), now=LATER + dt.timedelta(microseconds=7))
    put(engine, Failure("ko", "article", "2026-08-19-001", "http://x", "unknown layout", ["사설"], RAW))
    with writing(engine) as connection:
        store_capture(
            connection, Capture("ko", "2018-01-01-0001", "http://w/", NOW, "A", None, "blocked"), NOW
        )
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM articles WHERE id = 3")
    return url(tmp_path / "filled.db")


def copy(source: str, target: str) -> list[tuple[int, int]]:
    calls: list[tuple[int, int]] = []
    copy_archive(source, target, lambda copied, total: calls.append((copied, total)))
    return calls


def test_copy_has_every_row_and_goes_on_where_the_archive_stood(filled: str, database: str) -> None:
    calls = copy(filled, database)
    before, engine = contents(open_archive(filled)), open_archive(database)
    assert contents(engine) == before
    assert all(before.values())
    in_all = sum(map(len, before.values())) - len(before["archive_version"])
    assert sum(copied for copied, _ in calls) == in_all == calls[-1][1]
    assert put(engine, article("2026-08-21-001"), article("2026-08-20-007", body="새 글")) == [
        "new",
        "changed",
    ]
    assert put(engine, Failure("ko", "list", "2:1", "http://x", "timed out", raw=None)) == ["failed"]


def test_archive_comes_back_from_a_server_as_it_went(filled: str, postgres: str, tmp_path: Path) -> None:
    copy(filled, postgres)
    copy(postgres, url(tmp_path / "back.db"))
    back = open_archive(url(tmp_path / "back.db"))
    assert contents(back) == contents(open_archive(filled))
    (page,) = select(back, metadata.tables["pages"].c.codec, metadata.tables["pages"].c.content)[-1:]
    assert page_content(*page) == RAW.content


def test_archive_that_has_rows_is_not_written_over(filled: str, database: str) -> None:
    engine = open_archive(database, create=True)
    put(engine, article())
    for target in (database, filled):
        with pytest.raises(ArchiveError, match="holds an archive already"):
            copy(filled, target)
    assert len(rows(engine, metadata.tables["articles"])) == 1


def test_copy_that_breaks_off_leaves_the_target_empty(filled: str, database: str) -> None:
    engine = open_archive(filled)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE failures SET first_failed_at = 'broken'")
    with pytest.raises(ValueError, match="broken"):
        copy(filled, database)
    assert contents(open_archive(database))["articles"] == []


@pytest.mark.parametrize("side", ["source", "target"])
def test_nobody_else_writes_meanwhile(filled: str, database: str, side: str) -> None:
    with (
        ArchiveLock(open_archive(filled if side == "source" else database, create=True)),
        pytest.raises(LockedError),
    ):
        copy(filled, database)


@pytest.mark.slow
def test_command_says_what_it_copied_and_what_to_do_next(filled: str, postgres: str) -> None:
    done = scrapy("copy", postgres, "-s", f"ARCHIVE_URL={filled}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].startswith("copied ")
    assert " 449 articles" in done.stdout
    assert "next: ARCHIVE_URL=postgresql://rodong:***@" in done.stdout
