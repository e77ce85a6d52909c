"""A folder that is either there as a whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.schema import CorpusError, Manifest

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # the disk, a quota, or the limit of a file's size


@contextmanager
def replacing(target: Path, *, force: bool = False) -> Iterator[Path]:
    """A hidden folder beside `target` to write into; it becomes `target` if the block ends without an error.

    Whatever happens before that, a kill included, `target` stays as it was. What a killed run left is cleared
    away by the next one.

    Raises:
        CorpusError: `target` is there and `force` is off, or it is not a corpus, or another run is writing it.
    """
    target = target.resolve()
    _check(target, force)
    hidden = target.with_name(f".{target.name}.partial")
    old = target.with_name(f".{target.name}.old")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = target.with_name(f".{target.name}.lock").open("w")
    except OSError as error:
        raise CorpusError(f"cannot write beside {target}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CorpusError(f"another export is writing {target}: wait for it") from None
        if old.exists() and not target.exists():  # killed between the two renames below
            old.rename(target)
            _check(target, force)
        for leftover in (hidden, old):
            shutil.rmtree(leftover, ignore_errors=True)
        hidden.mkdir()
        try:
            yield hidden
            if target.exists():
                target.rename(old)
            hidden.rename(target)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise CorpusError(
                f"no room to write {target} ({os.strerror(error.errno)}): make some, or choose another --output; "
                "what was there is as it was"
            ) from None
        finally:
            shutil.rmtree(hidden, ignore_errors=True)
            Path(lock.name).unlink()
        shutil.rmtree(old, ignore_errors=True)


def _check(target: Path, force: bool) -> None:
    """Nothing that is not a corpus is ever replaced."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    try:
        Manifest.read(target)
    except CorpusError:
        raise CorpusError(
            f"{target} exists and is not a corpus, so it is left alone: choose another --output"
        ) from None
    if not force:
        raise CorpusError(
            f"{target} already holds a corpus, of other options, sources or articles: bring it up to date with "
            "--update, replace it with --force, or choose another --output"
        )
