"""Words are found wherever they stand, whether short or long, with an index and without."""

import datetime as dt
import os
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.archive import open_archive
from crawler.reparse import reparse
from crawler.search import build_index, search
from crawler.tables import articles

from .conftest import PROJECT, scrapy
from .test_archive import NOW, article, put, url

TEXTS = {
    "2026-08-18-001": ("온실의 아침", "로동자들이 과학기술을 배운다.\n《Robot》이 온실에서 일한다."),
    "2026-08-19-001": ("물고기떼", "양어장에 물고기가 그득하다. 100% 완수, 50_60."),
    "2026-08-20-001": ("과학기술 보급실", "그는 체육로동에 나섰다."),
}


def texts(engine: sa.Engine) -> None:
    for news_id, (title, body) in TEXTS.items():
        put(engine, article(news_id, title=title, body=body))


@pytest.fixture(params=["plain", "indexed"])
def engine(request: pytest.FixtureRequest, database: str) -> sa.Engine:
    engine = open_archive(database, create=True)
    if request.param == "indexed":
        assert build_index(engine)
        assert not build_index(engine)
    texts(engine)
    return engine


def found(engine: sa.Engine, *words: str) -> list[str]:
    return [each.news_id[5:10] for each in search(engine, words)]


WORDS: list[tuple[list[str], list[str]]] = [
    (["로동"], ["08-20", "08-18"]),
    (["떼"], ["08-19"]),
    (["과학기술"], ["08-20", "08-18"]),
    (["과학기술", "온실"], ["08-18"]),
    (["과학기술", "물고기"], []),
    (["학기술을"], ["08-18"]),
    (["배운다.\n《r"], ["08-18"]),
    (["ROBOT"], ["08-18"]),
    (["0%"], ["08-19"]),
    (["50_60"], ["08-19"]),
    (["50x60"], []),
    (["온실에"], ["08-18"]),
    (['"과학기술'], []),
    (["과학기술*"], []),
    (["보급실 OR 물고기"], []),
]


def test_every_part_of_a_text_is_found_and_nothing_else(engine: sa.Engine) -> None:
    assert [(words, found(engine, *words)) for words, _ in WORDS] == WORDS


def test_word_is_shown_where_it_stands(engine: sa.Engine) -> None:
    assert [(each.title, each.context) for each in search(engine, ["로동"])] == [
        ("과학기술 보급실", "그는 체육⟪로동⟫에 나섰다."),
        ("온실의 아침", "⟪로동⟫자들이 과학기술을 배운다. 《Robot》이 온실에서 일…"),
    ]
    assert [each.context for each in search(engine, ["물고기떼"])] == ["⟪물고기떼⟫"]


def test_period_and_edition_limit_what_is_found(engine: sa.Engine) -> None:
    day = dt.date(2026, 8, 20)
    assert [each.news_id for each in search(engine, ["과학기술"], since=day)] == ["2026-08-20-001"]
    assert [each.news_id for each in search(engine, ["과학기술"], until=day - dt.timedelta(1))] == [
        "2026-08-18-001"
    ]
    assert list(search(engine, ["과학기술"], language="en")) == []


def test_word_of_decomposed_letters_is_found(engine: sa.Engine) -> None:
    assert found(engine, unicodedata.normalize("NFD", "온실에서")) == ["08-18"]


def test_index_follows_every_change(engine: sa.Engine) -> None:
    put(engine, article("2026-08-19-001", title="메기", body="메기들이 자란다."), now=NOW + dt.timedelta(1))
    assert (found(engine, "물고기"), found(engine, "메기들")) == ([], ["08-19"])
    list(reparse(engine, write=True))
    with engine.begin() as connection:
        connection.execute(articles.delete().where(articles.c.news_id == "2026-08-18-001"))
    assert found(engine, "과학기술") == ["08-20"]
    if engine.dialect.name == "sqlite" and sa.inspect(engine).has_table("articles_fts"):
        assert whole(engine)


def whole(engine: sa.Engine) -> bool:
    """SQLite compares the index with the articles; it raises where they differ."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)"
        )
    return True


def test_articles_that_were_there_before_the_index_are_in_it(database: str) -> None:
    engine = open_archive(database, create=True)
    texts(engine)
    build_index(engine)
    assert found(engine, "과학기술") == ["08-20", "08-18"]


def test_server_uses_its_index(postgres: str) -> None:
    engine = open_archive(postgres, create=True)
    put(engine, *(article(f"2026-08-20-{n:03}", body=f"온실 {n}에서 남새를 거두었다.") for n in range(300)))
    build_index(engine)
    asked: list[tuple[str, Any]] = []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def executed(connection: object, cursor: object, statement: str, parameters: Any, *rest: object) -> None:
        asked.append((statement, parameters))

    assert found(engine, "과학기술") == []
    statement, parameters = asked[-1]
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE articles")
        connection.exec_driver_sql("SET enable_seqscan = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all()
    assert "Bitmap Index Scan on articles_by_trigram" in str(plan)


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from crawler.archive import open_archive
from tests.crawler.test_archive import article, put
engine = open_archive(sys.argv[1])
put(engine, article("2026-08-20-001", body="새로 고친 글이다."))
@sa.event.listens_for(engine, "after_cursor_execute")
def executed(connection, cursor, statement, *rest):
    if statement.startswith("UPDATE articles"):
        os.kill(os.getpid(), signal.SIGKILL)
put(engine, article("2026-08-20-001", body="다시 고친 글이다."))
"""


def test_killed_writer_leaves_index_and_articles_equal(tmp_path: Path) -> None:
    engine = open_archive(url(tmp_path / "rodong.db"), create=True)
    build_index(engine)
    texts(engine)
    command = [sys.executable, "-c", KILLED, url(tmp_path / "rodong.db")]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    assert subprocess.run(command, cwd=PROJECT, env=environment).returncode == -signal.SIGKILL
    assert whole(engine)
    assert (found(engine, "새로 고친"), found(engine, "다시 고친"), found(engine, "보급실")) == (
        ["08-20"],
        [],
        [],
    )


@pytest.mark.slow
def test_command_finds_and_indexes(tmp_path: Path) -> None:
    engine = open_archive(url(tmp_path / "rodong.db"), create=True)
    texts(engine)
    setting = f"ARCHIVE_URL={url(tmp_path / 'rodong.db')}"
    assert scrapy("search", "--index", "-s", setting).stdout == "the articles are indexed now\n"
    done = scrapy("search", "과학기술", "--limit", "1", "-s", setting)
    assert (done.returncode, done.stdout) == (0, "2026-08-20-001  과학기술 보급실\n    ⟪과학기술⟫ 보급실\n")
    assert "--limit 10" in done.stderr
