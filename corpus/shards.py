"""Rows to Parquet shards under the names that `datasets` finds by itself."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.account import Account
from corpus.schema import SCHEMA, Manifest, Shard

ROWS_A_GROUP = 10_000  # a reader holds one group in memory: some 2 MB of newspaper sentences
_ACCOUNT, _FINGERPRINT = "dprk_bert.account", "dprk_bert.documents"


@dataclass(frozen=True, slots=True)
class OldShard:
    """A shard of an earlier export that can stand in a new one as it is."""

    path: Path
    shard: Shard
    account: Account


def old_shards(folder: Path, manifest: Manifest) -> dict[tuple[str, str], OldShard]:
    """Split and fingerprint of the documents -> shard, of the shards of a corpus that are what the manifest says."""
    found = {}
    for shard in manifest.shards:
        path = folder / shard.path
        try:
            if _sha256(path) == shard.sha256:
                metadata = pq.read_metadata(path).metadata
                account = Account.from_json(metadata[_ACCOUNT.encode()])
                found[shard.split, metadata[_FINGERPRINT.encode()].decode()] = OldShard(path, shard, account)
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
            continue  # damaged, or of an older program: it is written anew
    return found


@dataclass(slots=True)
class ShardWriter:
    """Writes the shards of one split, a group of rows at a time; `close` gives the files their final names.

    How many shards there are is part of every name and known only at the end.
    """

    folder: Path
    split: str
    metadata: dict[str, str]
    account: Account = field(default_factory=Account)  # of all shards that are ended
    _current: Account = field(default_factory=Account)
    _waiting: list[pa.RecordBatch] = field(default_factory=list)
    _rows: int = 0  # of those that wait
    _written: int = 0  # rows of the shard that is open
    _writer: pq.ParquetWriter | None = None
    _ended: list[Shard] = field(default_factory=list)  # under the names of the meantime

    def add(self, batch: pa.RecordBatch, account: Account) -> None:
        """Rows with the columns of `SCHEMA`, and what they amount to."""
        self._current.add(account)
        self._waiting.append(batch)
        self._rows += batch.num_rows
        while self._rows >= ROWS_A_GROUP:
            self._write(ROWS_A_GROUP)

    def end_shard(self, fingerprint: str) -> None:
        """The rows so far are a shard; without a row they are none."""
        if self._rows:
            self._write(self._rows)
        if self._writer is not None:
            self._writer.add_key_value_metadata(
                {_ACCOUNT: self._current.to_json(), _FINGERPRINT: fingerprint}
            )
            self._writer.close()
            self._writer = None
            path = self._path()
            with path.open("rb") as file:
                os.fsync(file.fileno())
            self._ended.append(
                Shard(path.name, self.split, self._written, path.stat().st_size, _sha256(path))
            )
        self.account.add(self._current)
        self._current, self._waiting, self._rows, self._written = Account(), [], 0, 0

    def keep(self, old: OldShard) -> None:
        """Have a shard of an earlier export as the next one; it is not copied where the file system knows links."""
        path = self._path()
        try:
            path.hardlink_to(old.path)
        except OSError:
            shutil.copyfile(old.path, path)
        self._ended.append(Shard(path.name, self.split, old.shard.rows, old.shard.bytes, old.shard.sha256))
        self.account.add(old.account)

    def close(self) -> tuple[Shard, ...]:
        """Rename the shards and describe them. A split without a row has no file."""
        count = len(self._ended)
        named = []
        for number, shard in enumerate(self._ended):
            name = f"data/{self.split}-{number:05}-of-{count:05}.parquet"
            (self.folder / "data" / shard.path).rename(self.folder / name)
            named.append(Shard(name, self.split, shard.rows, shard.bytes, shard.sha256))
        return tuple(named)

    def _write(self, rows: int) -> None:
        """A group of the rows that wait. It is made one piece, so that its bytes do not tell in which it came."""
        table = pa.Table.from_batches(self._waiting, SCHEMA)
        self._waiting = table.slice(rows).to_batches()
        self._rows -= rows
        self._written += rows
        if self._writer is None:
            # Sentences seldom repeat, so a dictionary of them would be dead weight; the other strings repeat a lot.
            # Level 3 makes files 11 % smaller than level 1, for a twentieth of the time of an export.
            self._writer = pq.ParquetWriter(
                self._path(),
                SCHEMA.with_metadata(self.metadata),
                compression="zstd",
                compression_level=3,
                use_dictionary=["document_id", "date", "source", "section", "title"],
                write_page_index=True,
            )
        self._writer.write_table(table.slice(0, rows).combine_chunks())

    def _path(self) -> Path:
        return self.folder / "data" / f"{self.split}-{len(self._ended):05}.writing"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
