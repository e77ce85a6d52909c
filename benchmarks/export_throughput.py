"""A whole export beside the same steps in `datasets` and in `datatrove`: time, and memory of all processes together.

    pip install datasets 'datatrove[io]'
    DPRK_DATA=data python benchmarks/export_throughput.py --sentences 1000000 --rounds 3
    python benchmarks/export_throughput.py --sentences 250000 --sentences 1000000 --side ours

Read JSON lines, leave out documents whose normalised text was there before, normalise, map syllables, split into
sentences, leave out those without a letter, write Parquet: with two worker processes on each side, and with the very
same functions of `corpus.text`, `corpus.syllables` and `corpus.sentences` inside. What differs is what carries them.
`datasets` comes twice: with a map a step, as its guide has it, and with as few maps as the steps allow. Every side must
come to the same number of sentences. "Of work" is processor time as far as the system tells it; datatrove's processes
are a server's children, so theirs is missing.

The text is that of `DPRK_DATA`/dprk/kyongje_yongu.jsonl.gz, else generated prose, repeated until there are as many
sentences as asked for. Each copy of an article begins with a line of its own, or it would be left out as a repetition;
one article in twenty is there twice without.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import click
import psutil

from corpus.sentences import split_sentences
from corpus.syllables import needed, replace
from corpus.text import normalize

JOBS = 2
_LETTER = re.compile(r"[^\W\d_]")


def articles() -> Iterator[dict[str, Any]]:
    """Real articles where there are any, else generated ones without end."""
    real = Path(os.environ.get("DPRK_DATA", "../shared/data")) / "dprk/kyongje_yongu.jsonl.gz"
    if real.is_file():
        with gzip.open(real, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
        return
    from crawler.replica.prose import document

    for number in range(5_000):
        made = document("dprk", 0, number)
        yield {"id": made.id, "title": made.title, "text": "\n".join(made.paragraphs), "date": str(made.date)}


def write_source(folder: Path, sentences: int) -> int:
    """Two files of JSON lines with that many sentences, or just above; the number of documents."""
    once = list(articles())
    sizes = [len(sentences_of(article["text"])) + 1 for article in once]
    folder.mkdir()
    written = documents = 0
    with (
        (folder / "0.jsonl").open("w", encoding="utf-8") as a,
        (folder / "1.jsonl").open("w", encoding="utf-8") as b,
    ):
        for copy in count():
            for number, (article, size) in enumerate(zip(once, sizes, strict=True)):
                text = f"{copy}번째 호입니다.\n{article['text']}"
                line = json.dumps(
                    {**article, "id": f"{article['id']}/{copy}", "text": text}, ensure_ascii=False
                )
                for _ in range(1 + (number % 20 == 0)):
                    (a, b)[documents % 2].write(line + "\n")
                    documents += 1
                written += size
                if written >= sentences:
                    return documents
    raise AssertionError


def sentences_of(text: str) -> list[str]:
    """What every side does to a text, with the functions of this project."""
    return _split([replace(line, _mapping()) for line in _normal(text)])


def _normal(text: str) -> list[str]:
    return [normalize(line) for line in text.splitlines() if line]


def _split(paragraphs: list[str]) -> list[str]:
    found = (sentence for paragraph in paragraphs for sentence in split_sentences(paragraph.strip()))
    return [sentence for sentence in found if _LETTER.search(sentence)]


def _digest(normal: str) -> str:
    """By what a repetition is known."""
    return hashlib.blake2b(normal.encode(), digest_size=16).hexdigest()


@cache
def _mapping() -> dict[str, str]:
    return needed(None)


def ours(source: Path, output: Path) -> None:
    """The command, without the cleaning of whole documents, which the other sides lack."""
    from corpus.cleaning import CLEANINGS
    from corpus.cli import corpus

    files = [f"--source=jsonl:{path}" for path in sorted(source.iterdir())]
    left = [f"--without={name}" for name in CLEANINGS]
    corpus(["export", *files, *left, f"--output={output}", f"--jobs={JOBS}"], standalone_mode=False)


def with_datasets(source: Path, output: Path) -> None:
    """A batched map a step in two processes; the one step that needs memory of what was there is a filter in one."""
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()
    data = load_dataset(
        "json", data_files=str(source / "*.jsonl"), split="train", cache_dir=str(output.with_name("cache"))
    )
    text = {"batched": True, "num_proc": JOBS, "input_columns": "text"}
    data = data.map(lambda texts: {"text": ["\n".join(_normal(each)) for each in texts]}, **text)
    first_time = _FirstTime()
    data = data.filter(
        lambda texts: [first_time(_digest(" ".join(each.split()))) for each in texts],
        batched=True,
        input_columns="text",
    )
    data = data.map(lambda texts: {"text": [replace(each, _mapping()) for each in texts]}, **text)
    data = data.map(
        lambda batch: _rows(batch, lambda each: _split(each.splitlines())),
        batched=True,
        batch_size=200,
        num_proc=JOBS,
        remove_columns=data.column_names,
    )
    output.mkdir()
    data.to_parquet(str(output / "train.parquet"))


def with_datasets_fused(source: Path, output: Path) -> None:
    """The same with all work on a text in one map, and in another only the digest for the filter."""
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()
    data = load_dataset(
        "json", data_files=str(source / "*.jsonl"), split="train", cache_dir=str(output.with_name("cache"))
    )
    data = data.map(
        lambda texts: {"digest": [_digest(" ".join(normalize(text).split())) for text in texts]},
        batched=True,
        num_proc=JOBS,
        input_columns="text",
    )
    first_time = _FirstTime()
    data = data.filter(lambda digests: list(map(first_time, digests)), batched=True, input_columns="digest")
    data = data.map(
        lambda batch: _rows(batch, sentences_of),
        batched=True,
        batch_size=200,
        num_proc=JOBS,
        remove_columns=data.column_names,
    )
    output.mkdir()
    data.to_parquet(str(output / "train.parquet"))


class _FirstTime:
    """Whether a digest was not there before."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, digest: str) -> bool:
        known = len(self._seen)
        self._seen.add(digest)
        return len(self._seen) > known


def _rows(batch: dict[str, list[Any]], split: Callable[[str], list[str]]) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {name: [] for name in ("text", "document_id", "position", "title", "date")}
    for place, text in enumerate(batch["text"]):
        found = split(text)
        rows["text"] += found
        rows["document_id"] += [batch["id"][place]] * len(found)
        rows["position"] += range(len(found))
        rows["title"] += [batch["title"][place]] * len(found)
        rows["date"] += [str((batch.get("date") or batch["year"])[place])] * len(found)
    return rows


def with_datatrove(source: Path, output: Path) -> None:
    """Its exact deduplication in three stages around steps of our own; two tasks, a file each."""
    from datatrove.data import Document
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.base import PipelineStep
    from datatrove.pipeline.dedup import ExactDedupFilter, ExactDedupSignature, ExactFindDedups
    from datatrove.pipeline.dedup.exact_dedup import ExactDedupConfig
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import ParquetWriter
    from datatrove.utils.logging import logger

    logger.remove()

    def content(document: Document) -> bytes:
        return " ".join(normalize(document.text).split()).encode()

    class Sentences(PipelineStep):
        name = "sentences"

        def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
            for document in data:
                about = {"document_id": document.id, "title": document.metadata["title"]}
                about["date"] = str(document.metadata.get("date") or document.metadata["year"])
                for position, sentence in enumerate(sentences_of(document.text)):
                    yield Document(
                        sentence, f"{document.id}/{position}", metadata={**about, "position": position}
                    )

    content.__annotations__["return"] = bytes  # the hash is chosen by the annotation itself, not by its name
    work = output.with_name("datatrove")
    config = ExactDedupConfig(content_getter=content)
    stages = [
        [
            JsonlReader(str(source)),
            ExactDedupSignature(str(work / "signatures"), config, finder_workers=JOBS),
        ],
        [ExactFindDedups(str(work / "signatures"), str(work / "repetitions"), config)],
        [
            JsonlReader(str(source)),
            ExactDedupFilter(str(work / "repetitions"), config),
            Sentences(),
            ParquetWriter(str(output), compression="zstd", batch_size=10_000, expand_metadata=True),
        ],
    ]
    for number, stage in enumerate(stages):
        logs = str(work / f"logs{number}")
        LocalPipelineExecutor(stage, tasks=JOBS, workers=JOBS, logging_dir=logs, skip_completed=False).run()


SIDES: dict[str, Callable[[Path, Path], None]] = {
    "ours": ours,
    "datasets": with_datasets,
    "datasets, fused": with_datasets_fused,
    "datatrove": with_datatrove,
}


def measure(side: str, source: Path) -> tuple[float, float, float, int]:
    """Seconds, seconds of processor time, peak MiB of the process and all that it started (shared pages once), and
    sentences written."""
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "corpus"
        quiet = subprocess.DEVNULL
        command = [sys.executable, __file__, "--run", side, str(source), str(output)]
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=quiet, stderr=quiet, env={**os.environ, "HF_HOME": scratch}
        )
        peak = [0.0]
        watching = threading.Thread(target=_watch, args=(process, peak))
        watching.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        watching.join()
        if process.returncode:
            raise click.ClickException(f"{side} failed with exit code {process.returncode}")
        rows = sum(pq.read_metadata(path).num_rows for path in output.rglob("*.parquet"))
    return seconds, usage.ru_utime + usage.ru_stime, peak[0], rows


def _watch(process: subprocess.Popen[bytes], peak: list[float]) -> None:
    root = psutil.Process(process.pid)
    while process.returncode is None:
        total = 0
        try:
            for each in (root, *root.children(recursive=True)):
                total += each.memory_full_info().pss
        except psutil.Error:
            pass
        peak[0] = max(peak[0], total / 2**20)
        time.sleep(0.2)


@click.command(context_settings={"show_default": True})
@click.option("--sentences", "sizes", type=int, multiple=True, default=(1_000_000,), help="May be repeated.")
@click.option("--rounds", default=3)
@click.option("--side", "sides", type=click.Choice(list(SIDES)), multiple=True, default=list(SIDES))
@click.option("--run", nargs=3, hidden=True)
def main(
    sizes: tuple[int, ...], rounds: int, sides: tuple[str, ...], run: tuple[str, str, str] | None
) -> None:
    """Measure exports of many sentences."""
    if run:
        SIDES[run[0]](Path(run[1]), Path(run[2]))
        return
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "source"
            documents = write_source(source, size)
            found: dict[str, list[tuple[float, float, float, int]]] = {side: [] for side in sides}
            for number in range(rounds):  # in turn, so that a machine that slows down slows all of them
                for side in sides:
                    found[side].append(measure(side, source))
                    seconds, work, memory, _ = found[side][-1]
                    told = f"{seconds:.1f} s ({work:.1f} s of work), {memory:,.0f} MiB"
                    click.echo(f"round {number + 1}: {side} {told}", err=True)
        rows = {row for results in found.values() for *_, row in results}
        if len(rows) > 1:
            raise click.ClickException(f"the sides differ in what they found: {rows}")
        click.echo(
            f"{rows.pop():,} sentences of {documents:,} documents, {JOBS} processes, median of {rounds}"
        )
        for side, results in found.items():
            ratio = ""
            if "ours" in found:
                pairs = zip(results, found["ours"], strict=True)
                ratio = f"{statistics.median(theirs[0] / our[0] for theirs, our in pairs):6.2f} ×"
            seconds, work = (statistics.median(each[part] for each in results) for part in (0, 1))
            click.echo(
                f"{ratio}  {seconds:7.1f} s  {size / seconds:9,.0f} sentences/s  {work:7.1f} s of work"
                f"  {max(each[2] for each in results):6,.0f} MiB  {side}"
            )


if __name__ == "__main__":
    main()
