"""Rows to Parquet shards under the names that `datasets` finds by itself."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.schema import SCHEMA, Shard

ROWS_A_GROUP = 10_000  # a reader holds one group in memory: about 1.5 MB of newspaper sentences
ROWS_A_SHARD = 1_000_000  # about 100 MB


class ShardWriter:
    """Writes one split, a group of rows at a time; `close` gives the files their final names.

    How many shards there are is part of every name and known only at the end.
    """

    def __init__(
        self, folder: Path, split: str, metadata: dict[str, str], rows_a_shard: int = ROWS_A_SHARD
    ) -> None:
        self._folder = folder
        self._split = split
        self._schema = SCHEMA.with_metadata(metadata)
        self._rows_a_shard = rows_a_shard
        self._rows: list[dict[str, Any]] = []
        self._writer: pq.ParquetWriter | None = None
        self._sizes: list[int] = []  # rows of each shard

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Rows are dicts with the columns of `SCHEMA`."""
        self._rows += rows
        while len(self._rows) >= (room := self._room()):
            self._write(self._rows[:room])
            del self._rows[:room]

    def close(self) -> tuple[Shard, ...]:
        """Write what is left, rename, and describe the files. A split without a row has no file."""
        if self._rows:
            self._write(self._rows)
            self._rows = []
        self._end_shard()
        count = len(self._sizes)
        return tuple(
            self._finish(number, f"data/{self._split}-{number:05}-of-{count:05}.parquet")
            for number in range(count)
        )

    def _room(self) -> int:
        """How many rows the next group takes: a full group, or what the shard still wants."""
        written = self._sizes[-1] if self._writer else 0
        return min(ROWS_A_GROUP, self._rows_a_shard - written)

    def _write(self, rows: list[dict[str, Any]]) -> None:
        if self._writer is None:
            self._sizes.append(0)
            # Sentences seldom repeat, so a dictionary of them would be dead weight; the other strings repeat a lot.
            self._writer = pq.ParquetWriter(
                self._path(len(self._sizes) - 1),
                self._schema,
                compression="zstd",
                use_dictionary=["document_id", "source", "section", "title"],
                write_page_index=True,
            )
        self._writer.write_table(pa.Table.from_pylist(rows, self._schema))
        self._sizes[-1] += len(rows)
        if self._sizes[-1] >= self._rows_a_shard:
            self._end_shard()

    def _end_shard(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _path(self, number: int) -> Path:
        return self._folder / "data" / f"{self._split}-{number:05}.writing"

    def _finish(self, number: int, name: str) -> Shard:
        path = self._folder / name
        self._path(number).rename(path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        return Shard(name, self._split, self._sizes[number], path.stat().st_size, digest)
