"""Whether a corpus on disk is what its manifest says, to the last byte and row."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.schema import SCHEMA, Counts, Manifest, Shard

_NAMED = 3  # how many documents one finding names
_COLUMNS = ["text", "document_id", "position", "date", "source"]


def verify(folder: Path, progress: Callable[[int], object] = lambda rows: None) -> list[str]:
    """Everything that is wrong with the corpus in `folder`, a line each; an empty list where all is well.

    Every shard: there, the size and SHA-256 of the manifest, readable, the columns of `SCHEMA`, the options and
    treatment of the manifest in its metadata, its number of rows. The whole: the shards are numbered without a gap,
    no file lies beside them, documents, sentences and characters of every split, source and year are as counted,
    every document is in one piece, with its sentences numbered from 0, and in one split only.

    Memory holds a group of rows, and some 100 bytes for each document. `progress` is called with rows read.

    Raises:
        CorpusError: no manifest to compare with.
    """
    manifest = Manifest.read(folder)
    wrong = [*_names(folder, manifest)]
    seen = _Seen()
    whole = True
    for shard in manifest.shards:
        faults = list(_shard(folder / shard.path, shard, manifest))
        wrong += [f"{shard.path}: {fault}" for fault in faults]
        try:
            for batch in _batches(folder / shard.path):
                seen.add(shard.split, batch)
                progress(batch.num_rows)
        except (OSError, pa.ArrowException, ValueError) as error:
            whole = False
            if not faults:
                wrong.append(f"{shard.path}: cannot be read ({_first_line(error)})")
    wrong += seen.faults()
    if whole:  # what a lost shard held is missing from every count: one cause, one line
        wrong += _counts("split", manifest.splits, seen.splits)
        wrong += _counts("source", manifest.sources, seen.sources)
        wrong += _counts("year", manifest.years, seen.years)
    return wrong


def _names(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Whether the files are those of the manifest, under the names that readers look for."""
    totals = Counter(shard.split for shard in manifest.shards)
    numbers: Counter[str] = Counter()
    for shard in manifest.shards:
        expected = f"data/{shard.split}-{numbers[shard.split]:05}-of-{totals[shard.split]:05}.parquet"
        numbers[shard.split] += 1
        if shard.path != expected:
            yield f"manifest.json: the shard {shard.path} should be called {expected}"
    listed = {shard.path for shard in manifest.shards}
    for path in sorted(folder.glob("data/**/*")):
        if path.is_file() and (name := path.relative_to(folder).as_posix()) not in listed:
            yield f"{name}: not in the manifest, yet readers of the folder would take it"
    if not (folder / "README.md").is_file():
        yield "README.md: missing"


def _shard(path: Path, shard: Shard, manifest: Manifest) -> Iterator[str]:
    """What is wrong with one file."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
    except FileNotFoundError:
        yield "missing"
        return
    except OSError as error:
        yield f"cannot be read ({error.strerror})"
        return
    if size != shard.bytes:
        yield f"{size:,} bytes instead of {shard.bytes:,}"
    if digest != shard.sha256:
        yield f"the SHA-256 is {digest[:12]}… instead of {shard.sha256[:12]}…"
    try:
        with pq.ParquetFile(path) as parquet:
            schema, rows = parquet.schema_arrow, parquet.metadata.num_rows
    except (OSError, pa.ArrowException) as error:
        yield f"not a Parquet file ({_first_line(error)})"
        return
    if rows != shard.rows:
        yield f"{rows:,} rows instead of {shard.rows:,}"
    for column in SCHEMA:
        found = schema.field(column.name) if column.name in schema.names else None
        if found is None:
            yield f"no column {column.name}"
        elif not found.equals(column):
            yield f"the column {column.name} is {_kind(found)} instead of {_kind(column)}"
    yield from (f"a column {name} that no corpus has" for name in schema.names if name not in SCHEMA.names)
    metadata = schema.metadata or {}
    treatment = {"steps": list(manifest.treatment.steps), "mapping": dict(manifest.treatment.mapping)}
    for key, value in (("options", dict(manifest.options)), ("treatment", treatment)):
        try:
            same = json.loads(metadata[f"dprk_bert.{key}".encode()]) == value
        except (KeyError, ValueError):
            same = False
        if not same:
            yield f"other {key} in its metadata than in the manifest (a shard of another export?)"


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as parquet:
        if not set(_COLUMNS) <= set(parquet.schema_arrow.names):
            raise ValueError("columns are missing")
        yield from parquet.iter_batches(batch_size=10_000, columns=_COLUMNS)


@dataclass(slots=True)
class _Seen:
    """What the rows so far amount to."""

    splits: dict[str, Counts] = field(default_factory=dict)
    sources: dict[str, Counts] = field(default_factory=dict)
    years: dict[str, Counts] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)  # document -> the split where it was first seen
    crossing: list[str] = field(default_factory=list)
    scattered: list[str] = field(default_factory=list)
    misnumbered: list[str] = field(default_factory=list)
    current: tuple[str, str] = ("", "")
    expected: int = 0

    def add(self, split: str, batch: pa.RecordBatch) -> None:
        lengths = pc.utf8_length(batch["text"])
        columns = (batch[name].to_pylist() for name in ("document_id", "position", "date", "source"))
        for document, position, date, source, characters in zip(*columns, lengths.to_pylist(), strict=True):
            new = (split, document) != self.current
            if new:
                self._begin(split, document)
            if position != self.expected and self.misnumbered[-1:] != [document]:
                self.misnumbered.append(document)
            self.expected = position + 1
            for table, key in (
                (self.splits, split),
                (self.sources, source),
                (self.years, str(date.year) if date else "undated"),
            ):
                old = table.get(key, Counts())
                table[key] = Counts(
                    old.documents + new, old.sentences + 1, old.characters + (characters or 0)
                )

    def _begin(self, split: str, document: str) -> None:
        self.current, self.expected = (split, document), 0
        home = self.homes.setdefault(document, "")
        if home:
            (self.scattered if home == split else self.crossing).append(document)
        else:
            self.homes[document] = split

    def faults(self) -> Iterator[str]:
        for documents, what in (
            (self.crossing, "in more than one split"),
            (self.scattered, "not in one piece"),
            (self.misnumbered, "without sentences numbered 0, 1, 2, ..."),
        ):
            if documents:
                named = ", ".join(documents[:_NAMED]) + (", ..." if len(documents) > _NAMED else "")
                yield f"{len(documents):,} document{'s' * (len(documents) > 1)} {what}: {named}"


def _counts(what: str, told: Mapping[str, Counts], found: Mapping[str, Counts]) -> Iterator[str]:
    for key in sorted({*told, *found}):
        for unit in ("documents", "sentences", "characters"):
            expected, actual = (getattr(table.get(key, Counts()), unit) for table in (told, found))
            if expected != actual:
                yield f"{what} {key}: {actual:,} {unit} instead of {expected:,}"


def _kind(column: pa.Field) -> str:
    return f"{column.type}{'' if column.nullable else ' without nulls'}"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
