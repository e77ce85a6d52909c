"""One function over a stream, in several processes, with the results in the order of the stream."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process
from typing import TypeVar

from corpus.schema import CorpusError

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_ALONE = 0.3  # seconds
_AHEAD = 4  # how many items a process may be ahead: enough that none waits, few enough that memory stays flat


def available_processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    function: Callable[[_Item], _Result], items: Iterable[_Item], jobs: int
) -> Iterator[tuple[_Item, _Result]]:
    """Each item with what `function` makes of it. Memory holds a few items a process.

    All is done in this process with one job, and until it has taken longer than to start others.

    Raises:
        CorpusError: a process was killed.
    """
    stream = iter(items)
    started = time.monotonic()
    for item in stream:
        yield item, function(item)
        if jobs > 1 and time.monotonic() - started >= _ALONE:
            break
    else:
        return
    # "spawn": a fork of a process that runs Arrow's threads may hang.
    executor = ProcessPoolExecutor(jobs, get_context("spawn"), _end_with_parent)
    try:
        waiting: deque[tuple[_Item, Future[_Result]]] = deque()
        for item in stream:
            waiting.append((item, executor.submit(function, item)))
            if len(waiting) >= _AHEAD * jobs:
                done, future = waiting.popleft()
                yield done, future.result()
        while waiting:
            done, future = waiting.popleft()
            yield done, future.result()
    except BrokenProcessPool:
        raise CorpusError(
            "a worker process was ended from outside (out of memory?): run again, with fewer --jobs"
        ) from None
    finally:
        executor.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for ever for work."""
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
