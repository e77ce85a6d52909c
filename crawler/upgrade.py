"""An archive of an older version becomes one of the present version, whole or not at all."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from crawler.archive import ArchiveError
from crawler.database import connect, shown, writing
from crawler.lock import ArchiveLock
from crawler.versions import SCHEMA_VERSION, refuse_newer, set_version, version_of


@dataclass(frozen=True, slots=True)
class Upgrade:
    """From which version an archive came, and what the later ones brought; empty where it was up to date."""

    before: int
    brought: dict[int, str]


def upgrade_archive(url: str) -> Upgrade:
    """Bring an archive to the version of this software, in one transaction: a run that is killed changes nothing.

    Raises LockedError while somebody writes to the archive, ArchiveError where it is none or of a newer version, and
    SQLAlchemyError where the database refuses.
    """
    engine = connect(url, create=False, read_only=False)
    if engine.dialect.name == "sqlite":
        # A table that is rebuilt is dropped first, and its references must not go with it.
        sa.event.listen(engine, "connect", _without_foreign_keys)
    try:
        if version_of(engine) is None:
            raise ArchiveError(f"{shown(url)} holds no archive: set ARCHIVE_URL to one")
        with ArchiveLock(engine):
            return _upgrade(engine, url)
    finally:
        engine.dispose()


def migrations() -> Config:
    """Alembic's configuration for the steps in `crawler.migrations`."""
    config = Config()
    config.set_main_option("script_location", "crawler:migrations")
    return config


def _upgrade(engine: sa.Engine, url: str) -> Upgrade:
    before = version_of(engine)
    assert before is not None
    refuse_newer(before, shown(url))
    if before == SCHEMA_VERSION:
        return Upgrade(before, {})
    config = migrations()
    steps = ScriptDirectory.from_config(config).iterate_revisions("head", f"{before:04}")
    with writing(engine) as connection:
        set_version(connection, before)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if engine.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise ArchiveError(f"{shown(url)} has rows that refer to none: it stays of version {before}")
    return Upgrade(before, {int(step.revision): step.doc for step in reversed(list(steps))})


def _without_foreign_keys(connection: sqlite3.Connection, _: Any) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")
