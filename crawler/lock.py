"""One crawl per archive at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType


class LockedError(Exception):
    """Another process crawls into this archive."""


class ArchiveLock:
    """A lock on the file `<archive>.lock`. The kernel frees it when its process ends, however it ends.

    The file holds the pid of the process that holds the lock, and stays when the lock is free.
    """

    def __init__(self, archive: Path) -> None:
        """Take the lock; raises LockedError, which names the holder, where another process has it."""
        path = Path(f"{archive}.lock")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 20).decode("ascii", "replace").strip()
            os.close(self._file)
            raise LockedError(
                f"another crawl (pid {holder or 'unknown'}) writes to {archive}: wait until it has ended"
            ) from None
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        os.close(self._file)

    def __enter__(self) -> ArchiveLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
