"""Reading a corpus back: the rows of its shards in their order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.schema import CorpusError, open_corpus

_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Sentence:
    """One row: the sentence and where it stands."""

    text: str
    document_id: str
    position: int
    date: dt.date | None


def read_sentences(
    folder: Path, split: str | None = None, progress: Callable[[int], object] = lambda rows: None
) -> Iterator[Sentence]:
    """The sentences of a corpus, or of one split of it; memory holds a group of rows."""
    names = ["text", "document_id", "position", "date"]
    for batch in read_batches(folder, split, names):
        yield from map(Sentence, *(batch[name].to_pylist() for name in names))
        progress(batch.num_rows)


def read_texts(
    folder: Path, split: str | None = None, progress: Callable[[int], object] = lambda rows: None
) -> Iterator[list[str]]:
    """The same sentences without their places, some thousands at a time: for whatever only counts."""
    for batch in read_batches(folder, split, ["text"]):
        yield batch["text"].to_pylist()
        progress(batch.num_rows)


def read_batches(folder: Path, split: str | None, names: list[str]) -> Iterator[pa.RecordBatch]:
    """The named columns, a group of rows at a time.

    Raises:
        CorpusError: no corpus there, no such split, or a shard that cannot be read.
    """
    for shard in open_corpus(folder, split).shards:
        if split in (None, shard.split):
            try:
                with pq.ParquetFile(folder / shard.path) as parquet:
                    yield from parquet.iter_batches(batch_size=_ROWS, columns=names)
            except (OSError, pa.ArrowException) as error:
                detail = str(error).partition("\n")[0]
                raise CorpusError(
                    f"{folder / shard.path} cannot be read ({detail}): see `corpus verify {folder}`"
                ) from None
