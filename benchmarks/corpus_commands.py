"""Time and peak memory of the corpus commands on a JSON-lines source, repeated under new ids to make it larger.

    python benchmarks/corpus_commands.py kyongje_yongu.jsonl.gz --repeat 1 --rounds 3

Every command is a process of its own, so that its start counts and its memory is its own.
"""

from __future__ import annotations

import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from corpus.schema import open_corpus


def repeated(source: Path, repeat: int, target: Path) -> None:
    """Write the documents of `source` `repeat` times, each copy with an id of its own."""
    read = gzip.open if source.suffix == ".gz" else open
    with read(source, "rt", encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        documents = [json.loads(line) for line in lines]
        for copy in range(repeat):
            out.writelines(
                json.dumps(d | {"id": f"{d['id']}/{copy}"}, ensure_ascii=False) + "\n" for d in documents
            )


def measure(command: list[str]) -> tuple[float, float]:
    """Seconds and peak MiB of one process."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "corpus", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise click.ClickException(f"corpus {' '.join(command)} failed with exit code {process.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


@click.command(context_settings={"show_default": True})
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--repeat", default=1, help="Copies of every document.")
@click.option("--rounds", default=3)
@click.option("--word", default="경제", help="For concordance and cooccurrence.")
def main(source: Path, repeat: int, rounds: int, word: str) -> None:
    """Measure export, verify, stats, concordance and cooccurrence."""
    with tempfile.TemporaryDirectory() as scratch:
        text, folder = Path(scratch) / "source.jsonl", str(Path(scratch) / "corpus")
        repeated(source, repeat, text)
        export = ["export", "--split", "--source", f"jsonl:{text}", "--output", folder, "--force"]
        if repeat > 1:
            export += ["--dedup", "none"]
        commands = [export, ["verify", folder], ["stats", folder]]
        commands += [["concordance", word, folder], ["cooccurrence", word, folder]]
        for command in commands:
            seconds, memory = zip(*(measure(command) for _ in range(rounds)), strict=True)
            sentences = sum(counts.sentences for counts in open_corpus(Path(folder)).splits.values())
            rate = sentences / statistics.median(seconds)
            click.echo(
                f"{command[0]:13} {statistics.median(seconds):6.1f} s  {rate:9,.0f} sentences/s"
                f"  {max(memory):6,.0f} MiB  ({sentences:,} sentences)"
            )


if __name__ == "__main__":
    main()
