"""Archives of older versions become archives of the present one, and lose nothing on the way."""

import os
import signal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from crawler.archive import ArchiveError, open_archive, read_articles
from crawler.database import connect, writing
from crawler.lock import ArchiveLock, LockedError
from crawler.storing import store
from crawler.upgrade import migrations, upgrade_archive
from crawler.versions import SCHEMA_VERSION, version_of

from .conftest import scrapy
from .test_archive import NOW, article, url

V2 = {
    "articles": "1, 'ko', '2026-08-20-012', '2026-08-20', 4, '제목', '', '글', '림단비', 'http://x', 'B', 'hash', "
    "'2026-08-20 03:00:00+00', '2026-08-20 03:00:00+00'",
    "article_sections": "1, '오늘호 기사'",
    "revisions": "1, 1, '제목', '', '옛글', '', 'B', 'old', '2026-08-20 03:00:00+00'",
    "pages": "1, 'ko', 'article', '2026-08-20-013', 'http://x', 200, 'utf-8', '2026-08-20 03:00:00+00', 'sha', "
    "'zstd', '글'",
    "crawls": "1, '2026-08-20 03:00:00+00', NULL, 7, '{}', 'healthy', 0, '', 1, 2, 3, 4, 5, 6, '[]'",
    "failures": "1, 'ko', 'article', '2026-08-20-013', '2026-08-20-013', 'http://x', 'unknown layout', '[\"사설\"]', "
    "2, '2026-08-20 03:00:00+00', '2026-08-20 03:00:00+00', 1",
}


def older(database: str, version: int) -> sa.Engine:
    """An archive with a row in each table as a version before the third left it, which kept no version of its own."""
    engine = connect(database, create=True, read_only=False)
    config = migrations()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, f"{version:04}")
        for table, row in V2.items():
            columns = [each["name"] for each in sa.inspect(connection).get_columns(table)]
            first = [
                name for name in columns if name not in ("title", "author", "page") or table != "failures"
            ]
            connection.exec_driver_sql(
                f"INSERT INTO {table} ({', '.join(map(quoted, first))}) VALUES ({row})"
            )
        connection.exec_driver_sql("DROP TABLE archive_version")
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA user_version = {version}")
    return engine


def quoted(name: str) -> str:
    return f'"{name}"'


def contents(engine: sa.Engine) -> dict[str, list[tuple[str, ...]]]:
    """Every row of every table, as far as version 1 knew its columns."""
    columns = {
        "failures": "language, key, reason, sections, attempts, page_id",
        "pages": "id, news_id, url, sha256, content, fetched_at",
        "crawls": "id, pid, outcome, listed, failed, started_at",
    }
    with engine.connect() as connection:
        return {
            table: [
                tuple(map(str, row)) for row in connection.execute(sa.text(f"SELECT {names} FROM {table}"))
            ]
            for table, names in (dict.fromkeys(V2, "*") | columns).items()
        }


def schema(engine: sa.Engine) -> dict[str, Any]:
    """What the database itself says of its tables. Columns have no order: one that came later stands last."""
    inspector = sa.inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": inspector.get_foreign_keys(table),
            "unique": inspector.get_unique_constraints(table),
            "indexes": inspector.get_indexes(table),
        }
        for table in sorted(inspector.get_table_names())
    }


def test_the_last_step_leads_to_the_version_of_this_software() -> None:
    steps = ScriptDirectory.from_config(migrations())
    assert steps.get_heads() == [f"{SCHEMA_VERSION:04}"]
    assert [step.revision for step in steps.walk_revisions()] == [
        f"{n:04}" for n in range(SCHEMA_VERSION, 0, -1)
    ]


@pytest.mark.parametrize("version", [1, 2])
def test_upgraded_archive_holds_every_row_in_the_tables_of_a_new_one(
    database: str, version: int, postgres_server: Any, tmp_path: Path
) -> None:
    engine = older(database, version)
    assert version_of(engine) == version
    before = contents(engine)
    assert all(len(rows) == 1 for rows in before.values())
    done = upgrade_archive(database)
    assert (done.before, set(done.brought)) == (version, set(range(version + 1, SCHEMA_VERSION + 1)))
    assert contents(engine) == before
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.scalar(sa.text("PRAGMA user_version")) == 0, "one truth about the version"
    fresh = postgres_server.new_database() if "postgres" in database else url(tmp_path / "fresh.db")
    assert schema(engine) == schema(open_archive(fresh, create=True))
    assert [found.body for found in read_articles(open_archive(database, read_only=True))] == ["글"]
    assert upgrade_archive(database).brought == {}


def test_upgraded_archive_takes_new_rows(database: str) -> None:
    older(database, 2)
    upgrade_archive(database)
    engine = open_archive(database)
    if engine.dialect.name == "postgresql":  # the row of the test was put in with its id
        with engine.begin() as connection:
            for table in ("articles", "pages"):
                connection.exec_driver_sql(f"SELECT setval('{table}_id_seq', 1)")
    with writing(engine) as connection:
        assert store(connection, article("2026-08-21-001"), NOW) == "new"
        assert connection.scalar(sa.text("SELECT headers FROM pages WHERE id = 1")) in ("[]", [])


def test_archive_of_an_older_version_says_how_to_upgrade(database: str) -> None:
    engine = older(database, 2)
    before = contents(engine)
    for create in (True, False):
        with pytest.raises(ArchiveError, match=r"is of version 2 and .* run scrapy upgrade$"):
            open_archive(database, create=create)
    assert contents(engine) == before


def test_archive_of_a_newer_version_is_refused_and_left_as_it_is(database: str) -> None:
    engine = open_archive(database, create=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE archive_version SET version_num = '0999'")
    for opening in (open_archive, upgrade_archive):
        with pytest.raises(ArchiveError, match=r"of version 999 .* update the software$"):
            opening(database)
    assert version_of(engine) == 999


def test_database_without_an_archive_is_not_upgraded(database: str) -> None:
    connect(database, create=True, read_only=False).connect().close()
    with pytest.raises(ArchiveError, match="holds no archive"):
        upgrade_archive(database)


def test_archive_is_not_upgraded_while_somebody_writes_to_it(database: str) -> None:
    engine = older(database, 2)
    with ArchiveLock(engine), pytest.raises(LockedError, match=f"pid {os.getpid()}"):
        upgrade_archive(database)
    assert version_of(engine) == 2


def upgrade_in_a_process(database: str, statements: int) -> int:
    """Upgrade in a process that kills itself after so many statements; its exit code."""
    child = os.fork()
    if not child:
        executed = count(1)

        def kill(*_: object) -> None:
            if next(executed) == statements:
                os.kill(os.getpid(), signal.SIGKILL)

        sa.event.listen(sa.Engine, "after_cursor_execute", kill)
        try:
            upgrade_archive(database)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_upgrade_that_is_killed_leaves_the_old_archive(database: str) -> None:
    engine = older(database, 1)
    before, old = contents(engine), schema(engine)
    for statements in count(1):
        engine.dispose()  # connections are not to be shared with another process
        exit_code = upgrade_in_a_process(database, statements)
        assert contents(engine) == before
        if version_of(engine) == SCHEMA_VERSION:  # killed after the end, or not at all
            break
        assert exit_code == -signal.SIGKILL
        assert (version_of(engine), schema(engine)) == (1, old)
    assert statements > 10
    assert upgrade_archive(database).brought == {}


@pytest.mark.slow
def test_command_says_what_it_did(tmp_path: Path) -> None:
    database = url(tmp_path / "rodong.db")
    older(database, 1)
    setting = f"ARCHIVE_URL={database}"
    refused = scrapy("health", "-s", setting)
    assert (refused.returncode, refused.stderr.strip().endswith("run scrapy upgrade")) == (1, True)
    done = scrapy("upgrade", "-s", setting)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:3] == [
        f"{database} was of version 1 and is of version {SCHEMA_VERSION} now:",
        "  2: failures keep what lists told of the article",
        "  3: pages keep the headers of their responses",
    ]
