"""Run a command as a process of its own, and say how long it took and how much memory it held."""

from __future__ import annotations

import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that has ended: when it started and ended in seconds of the monotonic clock, the seconds that it and
    its own processes kept a core busy, its peak memory, and what it wrote.
    """

    started: float
    ended: float
    busy: float
    mebibytes: float
    output: str

    @property
    def seconds(self) -> float:
        return self.ended - self.started


def run(command: Sequence[str], *, folder: Path | None = None, accepted: Sequence[int] = (0,)) -> Finished:
    """Run a command to its end; raises ClickException where its exit code is not an accepted one."""
    with tempfile.TemporaryFile("w+") as output:
        started, before, peak = time.monotonic(), _busy(), 0
        with subprocess.Popen(command, cwd=folder, stdout=output, stderr=output) as process:
            while process.poll() is None:
                peak = max(peak, _peak(process.pid))
                time.sleep(0.01)
        ended, busy = time.monotonic(), _busy() - before
        output.seek(0)
        said = output.read()
    if process.returncode not in accepted:
        last = "\n".join(said.splitlines()[-5:])
        raise click.ClickException(f"{' '.join(command)}: exit code {process.returncode}\n{last}")
    return Finished(started, ended, busy, peak / 1024, said)


def _busy() -> float:
    """Processor seconds of all processes that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _peak(pid: int) -> int:
    """The largest memory of a running process so far in KiB, as Linux tells it.

    Not `ru_maxrss`, which begins with the memory of the process that started it.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)
