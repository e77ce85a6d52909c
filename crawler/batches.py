"""Storing off the event loop: one thread owns the connection, and one transaction holds all that waits
for it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.engine import Engine

from crawler.captures import store_capture
from crawler.database import one_line, writing
from crawler.items import Capture, Record
from crawler.lock import ArchiveLock
from crawler.storing import store


class StorageError(Exception):
    """A batch could not be written; nothing of it is in the archive, and nothing more will be accepted."""


class BatchWriter:
    """Writes records in the order of their arrival.

    While a transaction is under way the next batch gathers, so a fast crawl shares each flush to disk
    among many records and a slow one waits for none.
    """

    def __init__(self, engine: Engine, lock: ArchiveLock, *, size: int = 50) -> None:
        """Without the lock nothing is written."""
        self._engine = engine
        self._lock = lock
        self._size = size
        self._waiting: deque[tuple[Record, asyncio.Future[str]]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._running: asyncio.Task[None] | None = None
        self._error: Exception | None = None

    async def write(self, record: Record) -> str:
        """Return what the record was (see `store`) once it is on disk; raises StorageError if it never
        will be.
        """
        if self._error is not None:
            raise StorageError(one_line(self._error)) from self._error
        stored: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((record, stored))
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._write_all())
        return await stored

    async def close(self) -> None:
        """Finish what waits and let the thread go."""
        if self._running is not None:
            await self._running
        self._thread.shutdown()

    async def _write_all(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(self._size, len(self._waiting)))]
            records = [record for record, _ in batch]
            try:
                outcomes = await asyncio.get_running_loop().run_in_executor(
                    self._thread, self._commit, records
                )
            except Exception as error:
                self._error = error
                lost = [stored for _, stored in batch] + [stored for _, stored in self._waiting]
                self._waiting.clear()
                for stored in lost:
                    if not stored.done():
                        stored.set_exception(StorageError(one_line(error)))
                break
            for (_, stored), outcome in zip(batch, outcomes, strict=True):
                if not stored.done():
                    stored.set_result(outcome)
        self._running = None

    def _commit(self, records: Sequence[Record]) -> list[str]:
        self._lock.check()
        now = dt.datetime.now(dt.UTC)
        with writing(self._engine) as connection:
            return [
                store_capture(connection, record, now)
                if isinstance(record, Capture)
                else store(connection, record, now)
                for record in records
            ]
