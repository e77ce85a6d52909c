"""The version of an archive's tables: made in a new database, known in an old one, refused where it is another.

`crawler.migrations` holds the steps from each version to the next, `crawler.upgrade` takes them.
"""

from __future__ import annotations

from contextlib import closing

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from crawler.database import ArchiveError, writing
from crawler.tables import archive_version, metadata

SCHEMA_VERSION = 4  # the last step in crawler/migrations

_CREATION = 0x726F646F6E67  # a lock of PostgreSQL, any number that nobody else uses
_FIRST_TABLES = {"articles", "article_sections", "revisions", "pages", "crawls", "failures"}


def check_tables(engine: Engine, shown: str, *, create: bool) -> None:
    """Create the tables of a new archive; accept an archive; refuse anything else untouched."""
    sqlite = engine.dialect.name == "sqlite"
    present = set(sa.inspect(engine).get_table_names())
    if not present & set(metadata.tables):
        if present and sqlite:
            raise ArchiveError(
                f"{shown} holds something else than an archive: set ARCHIVE_URL to another file"
            )
        if not create:
            raise ArchiveError(f"{shown} is empty: crawl first (scrapy crawl rodong) or set ARCHIVE_URL")
        if sqlite:
            # Stays with the file; cannot be set inside a transaction, so not through SQLAlchemy's connection.
            with closing(engine.raw_connection()) as raw:
                raw.cursor().execute("PRAGMA journal_mode = WAL")
        with writing(engine) as connection:
            if not sqlite:  # where two begin at once, the second waits and finds the tables made
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CREATION)))
            metadata.create_all(connection)
            set_version(connection, SCHEMA_VERSION)
        return
    version = version_of(engine)
    if version is None:
        raise ArchiveError(
            f"{shown} holds something else than an archive, or the half of one: set ARCHIVE_URL to another"
        )
    refuse_newer(version, shown)
    if version < SCHEMA_VERSION:
        raise ArchiveError(
            f"{shown} is of version {version} and this software works with {SCHEMA_VERSION}: run scrapy upgrade"
        )


def version_of(engine: Engine) -> int | None:
    """The version of an archive's tables, None where the database holds no archive."""
    inspector = sa.inspect(engine)
    present = set(inspector.get_table_names())
    if not present >= _FIRST_TABLES:
        return None
    if archive_version.name in present:
        with engine.connect() as connection:
            version = connection.scalar(sa.select(archive_version.c.version_num))
        return None if version is None else int(version)
    # Before version 3 nothing but their columns told archives apart.
    return 2 if "title" in {column["name"] for column in inspector.get_columns("failures")} else 1


def set_version(connection: Connection, version: int) -> None:
    """Note the version of an archive that does not know it yet."""
    archive_version.create(connection, checkfirst=True)
    if connection.scalar(sa.select(archive_version.c.version_num)) is None:
        connection.execute(archive_version.insert().values(version_num=f"{version:04}"))


def refuse_newer(version: int, shown: str) -> None:
    if version > SCHEMA_VERSION:
        raise ArchiveError(
            f"{shown} is of version {version} and this software knows {SCHEMA_VERSION}: update the software"
        )
