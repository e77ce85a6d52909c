"""Connections to the database of an archive, SQLite or PostgreSQL, and the types and transactions it needs."""

from __future__ import annotations

import datetime as dt
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url


class ArchiveError(Exception):
    """The archive cannot be opened or used; the message is one line that says what to do."""


def connect(url: str, *, create: bool, read_only: bool) -> Engine:
    """An engine for a database URL; raises ArchiveError where the URL or the file cannot be one of an archive."""
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, create=create, read_only=read_only)
    return _postgresql_engine(parsed, read_only=read_only)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction; on SQLite it holds the write lock from its start: a busy file cannot break it half-way."""
    with engine.execution_options(archive_begin="BEGIN IMMEDIATE").begin() as connection:
        yield connection


def shown(url: str | URL) -> str:
    """An archive's URL for messages, without the password."""
    parsed = make_url(url)
    return parsed.set(drivername=parsed.get_backend_name()).render_as_string(hide_password=True)


def one_line(error: Exception) -> str:
    """What a database says of an error, in one line."""
    told = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig else error
    return " ".join(str(told).split("\n", 1)[0].split())


def bytewise(engine: Engine, column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """A column to order by, by code points as SQLite does, whatever the language of a PostgreSQL database."""
    return column if engine.dialect.name == "sqlite" else sa.collate(column, "C")


class UtcDateTime(sa.types.TypeDecorator[dt.datetime]):
    """Aware times in, aware UTC times out; SQLite, which knows no time zones, holds plain UTC text."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be archived")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except sa.exc.ArgumentError as error:
        raise ArchiveError(
            f"{url!r} is not a database URL: set ARCHIVE_URL to something like sqlite:///rodong.db"
        ) from error
    if backend not in ("sqlite", "postgresql"):
        raise ArchiveError(f"no archive on {backend!r}: ARCHIVE_URL begins with sqlite:/// or postgresql://")
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ArchiveError(f"{url!r} names no file: set ARCHIVE_URL to something like sqlite:///rodong.db")
    # SQLAlchemy 2.0 and 2.1 differ in the driver that the bare name stands for.
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def _sqlite_engine(url: URL, *, create: bool, read_only: bool) -> Engine:
    path = Path(url.database or "")
    if path.is_dir():
        raise ArchiveError(
            f"{path} is a folder, an archive is a file: set ARCHIVE_URL to sqlite:///{path}/rodong.db"
        )
    if path.exists():
        try:
            with path.open("rb") as file:
                head = file.read(16)
        except OSError as error:
            raise ArchiveError(f"cannot read {path}: {error.strerror}") from error
        if head not in (b"", b"SQLite format 3\x00"):
            raise ArchiveError(
                f"{path} is not an archive (not a SQLite file): set ARCHIVE_URL to another file"
            )
    elif not create or read_only:
        raise ArchiveError(f"no archive at {path}: crawl first (scrapy crawl rodong) or set ARCHIVE_URL")
    elif not path.absolute().parent.is_dir():
        raise ArchiveError(f"no folder {path.absolute().parent} for the archive {path.name}: make it first")

    if read_only:
        # On a read-only disk nobody can make the shared memory that WAL wants, and nobody needs it.
        still = not os.access(path.absolute().parent, os.W_OK) and not Path(f"{path}-wal").exists()
        query = {"mode": "ro", "uri": "true"} | ({"immutable": "1"} if still else {})
        url = url.set(database=f"file:{quote(str(path.absolute()))}", query=query)
    engine = sa.create_engine(url)

    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: Any) -> None:
        # The driver would begin transactions late; archive_begin below says when and how they begin.
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout = 30000")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("archive_begin", "BEGIN"))

    return engine


def _postgresql_engine(url: URL, *, read_only: bool) -> Engine:
    # What the URL says goes before these. Seconds; a server that went away is noticed within one or two minutes.
    wanted = {
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,  # milliseconds that what was sent may stay unanswered
        "application_name": f"dprk-bert pid {os.getpid()} on {socket.gethostname()}"[:63],
        "options": "-c lock_timeout=30s",  # as SQLite's busy_timeout
    }
    defaults = {name: value for name, value in wanted.items() if name not in url.query}
    options: dict[str, Any] = {}
    if read_only:
        # One state of the archive for all that is asked within a transaction.
        options = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
    try:
        return sa.create_engine(url, connect_args=defaults, execution_options=options)
    except ImportError as error:
        raise ArchiveError("an archive on PostgreSQL needs its driver: pip install .[postgresql]") from error
