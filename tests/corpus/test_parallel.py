from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from corpus import parallel
from corpus.parallel import in_order
from corpus.schema import CorpusError


def square(number: int) -> int:
    time.sleep(number % 3 / 1000)  # later ones are done earlier
    return number * number


def end_abruptly(number: int) -> int:
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def fail(number: int) -> int:
    if number == 5:
        raise CorpusError("the fifth is bad")
    return number


@pytest.mark.parametrize(("jobs", "count"), [(1, 50), (2, 5), (2, 0)])
def test_results_come_in_the_order_of_the_items(jobs: int, count: int) -> None:
    assert list(in_order(square, range(count), jobs)) == [(n, n * n) for n in range(count)]


@pytest.mark.slow
class TestProcesses:
    @pytest.fixture(autouse=True)
    def _at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parallel, "_ALONE", 0.0)
        # Processes find the functions above by the name of their module, which begins at the project's folder.
        monkeypatch.syspath_prepend(Path(__file__).parents[2])

    def test_results_come_in_the_order_of_the_items(self) -> None:
        assert list(in_order(square, range(100), 2)) == [(n, n * n) for n in range(100)]

    def test_items_are_taken_only_a_few_ahead(self) -> None:
        taken: list[int] = []
        for done, _ in enumerate(in_order(square, (taken.append(n) or n for n in range(60)), 2)):  # type: ignore[func-returns-value]
            assert len(taken) <= done + 8

    def test_a_killed_process_is_an_error_that_says_what_to_do(self) -> None:
        with pytest.raises(CorpusError, match=r"ended from outside .*--jobs"):
            list(in_order(end_abruptly, range(100), 2))

    def test_an_error_in_a_process_is_raised_here(self) -> None:
        with pytest.raises(CorpusError, match="the fifth is bad"):
            list(in_order(fail, range(100), 2))

    def test_no_process_outlives_a_killed_parent(self, tmp_path: Path) -> None:
        endless = tmp_path / "endless.py"
        endless.write_text(
            "from itertools import count\n"
            "from corpus.parallel import in_order\n"
            "if __name__ == '__main__':\n"
            "    for item in in_order(abs, count(), 2):\n"
            "        pass\n"
        )
        process = subprocess.Popen([sys.executable, str(endless)])
        family: list[psutil.Process] = []
        while len(family) < 3:  # two workers and multiprocessing's tracker of resources
            assert process.poll() is None
            family = psutil.Process(process.pid).children(recursive=True)
            time.sleep(0.02)
        process.kill()
        process.wait()
        _, alive = psutil.wait_procs(family, timeout=30)
        assert not alive
