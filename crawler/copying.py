"""An archive moves to another database: from a file to a server, or back."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crawler.archive import ArchiveError, open_archive
from crawler.database import shown, writing
from crawler.lock import ArchiveLock
from crawler.tables import archive_version, metadata

_BATCH = 200
_TABLES = [table for table in metadata.sorted_tables if table is not archive_version]


def copy_archive(source: str, target: str, progress: Callable[[int, int], None]) -> dict[str, int]:
    """Copy every row, ids included, to a new or empty database, and return how many rows each table has.

    All of it is one transaction of the target, and nobody else writes to either meanwhile. `progress` is called with
    the rows copied since the last call and the rows in all. Raises ArchiveError where the target is no empty archive,
    LockedError while somebody writes to one of the two, SQLAlchemyError where a database refuses.
    """
    old, new = open_archive(source), open_archive(target, create=True)
    with new.connect() as connection:
        if any(_counts(connection).values()):
            raise ArchiveError(f"{shown(target)} holds an archive already: copy to a new database")
    with ArchiveLock(old), ArchiveLock(new), old.connect() as reading, writing(new) as connection:
        counts = _counts(reading)
        for table in _TABLES:
            rows = reading.execution_options(yield_per=_BATCH).execute(sa.select(table)).mappings()
            for batch in rows.partitions():
                connection.execute(table.insert(), [dict(row) for row in batch])
                progress(len(batch), sum(counts.values()))
            if new.dialect.name == "postgresql" and "id" in table.c:
                # The server counts ids by itself and has not seen these.
                sequence = sa.func.pg_get_serial_sequence(table.name, "id")
                connection.execute(sa.select(sa.func.setval(sequence, sa.func.max(table.c.id))))
    old.dispose()
    new.dispose()
    return counts


def _counts(connection: Connection) -> dict[str, int]:
    return {
        table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in _TABLES
    }
