"""The crawl with its archive on a PostgreSQL server, which may go away at any time."""

import os
import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from corpus.export import export
from corpus.sources import Source
from crawler.archive import ArchiveError, StoredArticle, open_archive, read_articles
from crawler.database import writing
from crawler.lock import ArchiveLock
from crawler.storing import store
from crawler.tables import articles

from ..conftest import PostgresServer
from .conftest import Crawl, Crawls, SmallSite, crawl_command, scrapy
from .test_archive import NOW, article

Run = Callable[..., Crawl]
COMMANDS = (["health", "--max-age", "36500d"], ["revisions", "2026-08-20-001"], ["reparse"])
MANY = [f"2026-08-20-{number:03}" for number in range(1, 201)]


def stored(url: str) -> list[StoredArticle]:
    return list(read_articles(open_archive(url, read_only=True)))


def answers(url: str, query: str) -> list[tuple[object, ...]]:
    """Read without any of the project's code."""
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def midway(small_site: SmallSite, url: str, act: Callable[[int], object]) -> Callable[[int], None]:
    """What to do in the middle of a crawl of many articles, when some of them are stored."""
    small_site.lists = {2: MANY, 5: MANY[:40]}

    def meanwhile(child: int) -> None:
        deadline = time.monotonic() + 60
        with psycopg.connect(url, autocommit=True) as connection:
            while time.monotonic() < deadline:
                with suppress(psycopg.errors.UndefinedTable):
                    row = connection.execute("SELECT count(*) FROM articles").fetchone()
                    if row is not None and row[0] >= 20:
                        break
                time.sleep(0.005)
        act(child)

    return meanwhile


@pytest.mark.slow
def test_nights_leave_what_they_leave_in_a_file(
    crawl: Run, small_site: SmallSite, postgres: str, tmp_path: Path
) -> None:
    # By the same name, which a corpus tells of its source.
    file = f"sqlite:///{tmp_path}/{postgres.rpartition('/')[2]}"

    def night(exit_code: int, **arguments: object) -> None:
        for url in (file, postgres):
            assert crawl(ARCHIVE_URL=url, **arguments).exit_code == exit_code
        ours, theirs = (
            [(each.news_id, each.title, each.body, each.sections) for each in stored(url)]
            for url in (file, postgres)
        )
        assert ours == theirs

    failing, changed = "2026-08-20-003", "2026-08-20-001"
    small_site.bodies[failing] = small_site.titles[failing] = ""
    night(3)
    assert answers(postgres, "SELECT news_id, page_id IS NULL FROM failures") == [(failing, False)]
    small_site.bodies = {changed: "고친 글이다.\0 그리고 \0&#0;더 있다."}
    small_site.titles = {changed: "새\0 제목"}
    night(0, revisit_days=100_000)
    assert answers(postgres, "SELECT count(*) FROM failures") == [(0,)]
    assert answers(postgres, "SELECT outcome, new, changed, failed FROM crawls ORDER BY id") == [
        ("unhealthy", 3, 0, 1),
        ("healthy", 1, 1, 0),
    ]

    shown = [scrapy(*command, "-s", f"ARCHIVE_URL={postgres}") for command in COMMANDS]
    assert [(each.returncode, each.stderr) for each in shown] == [(0, "")] * len(COMMANDS)
    assert shown[0].stdout.splitlines()[-1] == "healthy"
    assert f"  title: [-온실에서 거둔 남새 {changed[-3:]}-]{{+새 제목+}}" in shown[1].stdout.splitlines()
    assert shown[2].stdout == "4 articles: 4 unchanged, 0 changed, 0 new, 0 unreadable\n"

    exported = []
    for name, url in (("file", file), ("server", postgres)):
        export([Source("archive", url)], tmp_path / name)
        paths = [*(tmp_path / name / "data").iterdir(), tmp_path / name / "manifest.json"]
        exported.append({path.name: path.read_bytes() for path in paths})
    assert exported[0] == exported[1]
    assert any(name.endswith(".parquet") for name in exported[0])


@pytest.mark.slow
def test_killed_crawl_leaves_no_lock_and_the_next_one_does_the_rest(
    crawls: Crawls, crawl: Run, small_site: SmallSite, postgres: str, tmp_path: Path
) -> None:
    command = crawl_command(tmp_path / "none", small_site.base_url, ARCHIVE_URL=postgres)
    killed = crawls.run(command, midway(small_site, postgres, lambda child: os.kill(child, signal.SIGKILL)))
    assert killed.exit_code == -signal.SIGKILL
    had = len(stored(postgres))
    assert 0 < had < 200
    small_site.requests.clear()
    assert crawl(ARCHIVE_URL=postgres, revisit_days=0).exit_code == 0
    assert len(small_site.articles_asked()) == 200 - had, "what is archived is not asked for again"
    assert [each.news_id for each in stored(postgres)] == MANY
    assert answers(postgres, "SELECT count(*) FROM article_sections") == [(240,)]
    assert answers(postgres, "SELECT outcome FROM crawls ORDER BY id") == [("interrupted",), ("healthy",)]


@pytest.mark.slow
def test_server_that_goes_away_ends_the_crawl_and_nothing_is_half_written(
    crawls: Crawls,
    crawl: Run,
    small_site: SmallSite,
    postgres: str,
    postgres_server: PostgresServer,
    tmp_path: Path,
) -> None:
    command = crawl_command(tmp_path / "none", small_site.base_url, ARCHIVE_URL=postgres)
    try:
        run = crawls.run(command, midway(small_site, postgres, lambda child: postgres_server.stop()))
        gone = scrapy("health", "-s", f"ARCHIVE_URL={postgres}")
    finally:
        postgres_server.start()
    assert run.exit_code == 1
    assert "ERROR: cannot write to postgresql://rodong:***@127.0.0.1" in run.last_line
    assert run.last_line.endswith("mend that and run again, nothing stored is lost")
    assert f":{PostgresServer.PASSWORD}@" not in run.log
    assert (gone.returncode, len(gone.stderr.splitlines())) == (1, 1)
    assert "cannot use postgresql://rodong:***@" in gone.stderr
    had = stored(postgres)
    assert 0 < len(had) < 200
    assert all(each.sections and each.body for each in had)
    assert answers(postgres, "SELECT count(*) FROM pages") == [(len(had),)]
    assert crawl(ARCHIVE_URL=postgres, revisit_days=0).exit_code == 0
    assert [each.news_id for each in stored(postgres)] == MANY


@pytest.mark.slow
def test_crawl_whose_lock_is_lost_ends(
    crawls: Crawls, small_site: SmallSite, postgres: str, tmp_path: Path
) -> None:
    def free(child: int) -> None:
        answers(postgres, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")

    command = crawl_command(tmp_path / "none", small_site.base_url, ARCHIVE_URL=postgres)
    run = crawls.run(command, midway(small_site, postgres, free))
    assert run.exit_code == 1
    assert "cannot write to postgresql://" in run.last_line
    # The server's last words arrive, or only its hanging up.
    assert re.search("terminating connection due to|server closed the connection", run.last_line)
    assert answers(postgres, "SELECT outcome FROM crawls") == [("failed",)]


@pytest.mark.slow
def test_second_crawl_of_one_archive_is_refused(crawl: Run, small_site: SmallSite, postgres: str) -> None:
    with ArchiveLock(open_archive(postgres, create=True)):
        run = crawl(ARCHIVE_URL=postgres)
    assert run.exit_code == 75
    assert f"another crawl (pid {os.getpid()} on " in run.last_line
    assert small_site.requests == []


@pytest.mark.parametrize(
    ("database", "password", "why"),
    [
        ("none", None, 'database "none" does not exist'),
        ("postgres", "틀림", "password authentication failed"),
    ],
)
def test_wrong_name_or_password_is_one_line_without_the_password(
    postgres_server: PostgresServer, database: str, password: str | None, why: str
) -> None:
    url = postgres_server.url(database, password or PostgresServer.PASSWORD)
    with pytest.raises(ArchiveError, match=why) as error:
        open_archive(url, create=True)
    assert "\n" not in str(error.value)
    assert PostgresServer.PASSWORD not in str(error.value)
    assert "틀림" not in str(error.value)


def test_archive_may_share_a_database_with_other_tables(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE TABLE harvest (tons int)")
        connection.execute("CREATE TABLE alembic_version (version_num text)")
    for _ in range(2):
        open_archive(postgres, create=True).dispose()
    assert stored(postgres) == []


def test_reading_takes_a_few_rows_at_a_time_and_sees_one_state(postgres: str) -> None:
    engine = open_archive(postgres, create=True)
    with writing(engine) as connection:
        for number in range(1, 701):
            store(connection, article(f"2026-08-20-{number:04}"), NOW)
    reading = read_articles(open_archive(postgres, read_only=True))
    first = next(reading)
    fetching = "SELECT query FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()"
    assert [str(query)[:13] for (query,) in answers(postgres, fetching)] == ["FETCH FORWARD"]
    with writing(engine) as connection:
        connection.execute(articles.delete().where(articles.c.id > 300))
    assert len([first, *reading]) == 700


def test_reader_sees_one_state_of_the_archive_over_several_questions(postgres: str) -> None:
    engine = open_archive(postgres, create=True)
    count = sa.select(sa.func.count()).select_from(articles)
    with open_archive(postgres, read_only=True).connect() as reader:
        assert reader.scalar(count) == 0
        with writing(engine) as connection:
            store(connection, article(), NOW)
        assert reader.scalar(count) == 0


def test_connection_does_not_wait_forever(postgres: str) -> None:
    engine = open_archive(postgres, create=True)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW lock_timeout")) == "30s"
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        parameters = driver.info.get_parameters()
    assert (parameters["connect_timeout"], parameters["tcp_user_timeout"]) == ("10", "60000")
    other = open_archive(f"{postgres}?connect_timeout=3&options=-csearch_path%3Dpublic")
    with other.connect() as connection:
        assert connection.scalar(sa.text("SHOW lock_timeout")) == "0"


def test_two_that_begin_an_archive_at_once_find_it_made(postgres: str) -> None:
    # Each in a process of its own, let go at one moment by a pipe that closes.
    ready, go = os.pipe()
    children = []
    for _ in range(4):
        child = os.fork()
        if not child:
            os.close(go)
            os.read(ready, 1)
            try:
                open_archive(postgres, create=True)
            except BaseException:
                os._exit(1)
            os._exit(0)
        children.append(child)
    os.close(go)
    os.close(ready)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    assert stored(postgres) == []
