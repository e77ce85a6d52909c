"""One process at a time writes to an archive."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from crawler.database import shown

# The first half of the advisory lock's key, any number that nobody else uses; the second is the table's own.
_KEY = 0x726F646F

_TAKE = sa.text("SELECT pg_try_advisory_lock(:key, CAST(CAST(CAST('crawls' AS regclass) AS oid) AS int))")
_HOLDER = sa.text(
    "SELECT application_name, client_addr FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND classid = :key AND objid = CAST('crawls' AS regclass) AND granted"
)


class LockedError(Exception):
    """Another process writes to this archive."""


class ArchiveLock:
    """A lock that its holder cannot leave behind, however it ends.

    SQLite: on the file `<archive>.lock`, freed by the kernel. The file holds the pid of the process that has the lock,
    and stays when the lock is free. PostgreSQL: an advisory lock of a connection of its own, freed by the server.
    """

    def __init__(self, engine: Engine) -> None:
        """Take the lock; raises LockedError, which names the holder, where another process has it."""
        self._held = (
            _lock_file(Path(f"{engine.url.database}.lock"), engine)
            if engine.dialect.name == "sqlite"
            else _lock_table(engine)
        )

    def check(self) -> None:
        """Raises SQLAlchemyError where the lock was lost with its connection: another process may have it now."""
        if isinstance(self._held, Connection):
            self._held.exec_driver_sql("SELECT 1")

    def release(self) -> None:
        if isinstance(self._held, Connection):
            with suppress(sa.exc.SQLAlchemyError):  # where the connection is lost, so is the lock
                self._held.exec_driver_sql("SELECT pg_advisory_unlock_all()")
            self._held.close()
        else:
            os.close(self._held)

    def __enter__(self) -> ArchiveLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.check()
        finally:
            self.release()


def _lock_file(path: Path, engine: Engine) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(file, 20).decode("ascii", "replace").strip()
        os.close(file)
        raise _locked(f"pid {holder or 'unknown'}", engine) from None
    os.ftruncate(file, 0)
    os.write(file, f"{os.getpid()}\n".encode())
    return file


def _lock_table(engine: Engine) -> Connection:
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    # A server takes a moment to notice that a process was killed.
    for _ in range(30):
        if connection.scalar(_TAKE, {"key": _KEY}):
            return connection
        time.sleep(0.1)
    holder = connection.execute(_HOLDER, {"key": _KEY}).first()
    connection.close()
    # Who may not look at others' connections sees no name.
    name = holder.application_name if holder and holder.application_name else "pid unknown"
    raise _locked(name.removeprefix("dprk-bert "), engine)


def _locked(holder: str, engine: Engine) -> LockedError:
    where = engine.url.database if engine.dialect.name == "sqlite" else shown(engine.url)
    return LockedError(f"another crawl ({holder}) writes to {where}: wait until it has ended")
