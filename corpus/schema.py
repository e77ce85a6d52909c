"""The contract with whoever reads a corpus: the columns of its shards, and its manifest.

A corpus is a folder::

    data/train-00000-of-00002.parquet      one row a sentence, columns as in `SCHEMA`
    data/validation-00000-of-00001.parquet     and test, where a third split was asked for; or all, where none was
    README.md                              a data card that model hubs read
    manifest.json                          `Manifest`: counts, options, text treatment, checksums
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

FORMAT = "dprk-bert corpus 1"
MANIFEST = "manifest.json"

SCHEMA = pa.schema(
    [
        pa.field("text", pa.string(), nullable=False),  # one sentence, normalised and mapped
        pa.field("document_id", pa.string(), nullable=False),  # unique in the corpus
        pa.field("position", pa.int32(), nullable=False),  # index of the sentence in its document, from 0
        pa.field("date", pa.date32()),
        pa.field("source", pa.string(), nullable=False),  # KIND:NAME of the source it came from
        pa.field("section", pa.string()),
        pa.field("title", pa.string()),
    ]
)


class CorpusError(Exception):
    """Something that the user must put right; the message is one line that says what to do."""


def open_corpus(folder: Path, split: str | None = None) -> Manifest:
    """The manifest of a corpus that is there as a whole and has `split`, where one is named.

    Raises:
        CorpusError: no corpus there, an unreadable manifest, a shard that is missing or not as long as the
            export left it, or a split that it does not have.
    """
    manifest = Manifest.load(folder)
    if split is not None and split not in manifest.splits:
        raise CorpusError(
            f"{folder} has no split {split!r}, only: {', '.join(manifest.splits)}"
            + (" (export it with --split to get train and validation)" if "all" in manifest.splits else "")
        )
    return manifest


def shard_paths(folder: Path, split: str) -> list[Path]:
    """The Parquet files of a split in order, after the checks of `open_corpus`."""
    return [folder / shard.path for shard in open_corpus(folder, split).shards if shard.split == split]


@dataclass(frozen=True, slots=True)
class Shard:
    """One Parquet file; `path` is relative to the corpus and uses forward slashes."""

    path: str
    split: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Counts:
    documents: int = 0
    sentences: int = 0
    characters: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.documents + other.documents,
            self.sentences + other.sentences,
            self.characters + other.characters,
        )


@dataclass(frozen=True, slots=True)
class Treatment:
    """What the text went through: names of `corpus.text.STEPS` in order, then the syllable mapping."""

    steps: tuple[str, ...]
    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything about a corpus except its sentences. Holds no time and no path, so equal exports are equal.

    Attributes:
        options: the options that chose the text, as the command line names them.
        splits: what each split holds; `sources` and `years` say the same of each source and year
            (a document without a date counts under the year `undated`), and `sections` of each section: a document of
            several counts in each.
        lengths: split -> class of length in characters (`20-39`) -> sentences.
        dropped: reason -> count; a reason begins with the unit that it counts, as in `document: no text`.
        examples: reason -> the first few documents (or lines) that it struck.
        replaced: source of a mapping entry -> how many times it was replaced.
        assigned: what decided the split, where that was not each document's hash: the first day of each split, or
            each section -> split.
        made_from: digests of what the corpus was made from and by: `sources`, one each in the order of the option
            (null where none can be had), and `program`. An export with equal ones, and equal options, is the same.
    """

    options: Mapping[str, Any]
    treatment: Treatment
    splits: Mapping[str, Counts] = field(default_factory=dict)
    sources: Mapping[str, Counts] = field(default_factory=dict)
    years: Mapping[str, Counts] = field(default_factory=dict)
    sections: Mapping[str, Counts] = field(default_factory=dict)
    lengths: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    replaced: Mapping[str, int] = field(default_factory=dict)
    shards: tuple[Shard, ...] = ()
    assigned: Mapping[str, str] = field(default_factory=dict)
    made_from: Mapping[str, Any] = field(default_factory=dict)
    format: str = field(default=FORMAT)

    @property
    def checksum(self) -> str:
        """One SHA-256 for the rows and their order: what a training run notes about its corpus."""
        return hashlib.sha256("\n".join(shard.sha256 for shard in self.shards).encode()).hexdigest()

    def sentences(self, split: str) -> int:
        """How many rows a split has."""
        return self.splits[split].sentences

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Read `folder`/manifest.json and look whether every shard is there with its size.

        Contents are not hashed: a look at every size is instant, even for a corpus of many gigabytes.

        Raises:
            CorpusError: no manifest, not one of ours, or a shard missing or cut short.
        """
        manifest = cls.read(folder)
        for shard in manifest.shards:
            _check(folder, shard)
        return manifest

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest alone, whatever became of the shards."""
        path = folder / MANIFEST
        try:
            raw = json.loads(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            raise CorpusError(
                f"{folder} is not a corpus (no {MANIFEST}): make one with `corpus export --split --output DIR`"
            ) from None
        except (OSError, ValueError) as error:
            raise CorpusError(f"{path} cannot be read ({error}): export the corpus again") from None
        if not isinstance(raw, dict) or raw.get("format") != FORMAT:
            raise CorpusError(f"{path} is not the manifest of a {FORMAT!r}: export the corpus again")
        try:
            return cls(
                options=raw["options"],
                treatment=Treatment(tuple(raw["treatment"]["steps"]), raw["treatment"]["mapping"]),
                splits={name: Counts(**counts) for name, counts in raw["splits"].items()},
                sources={name: Counts(**counts) for name, counts in raw["sources"].items()},
                years={name: Counts(**counts) for name, counts in raw["years"].items()},
                sections={name: Counts(**counts) for name, counts in raw.get("sections", {}).items()},
                lengths=raw.get("lengths", {}),
                dropped=raw["dropped"],
                examples={reason: tuple(names) for reason, names in raw["examples"].items()},
                replaced=raw["replaced"],
                shards=tuple(Shard(**shard) for shard in raw["shards"]),
                assigned=raw.get("assigned", {}),
                made_from=raw.get("made_from", {}),
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise CorpusError(
                f"{path} lacks a part or has one too many ({error}): export the corpus again"
            ) from None

    def save(self, folder: Path) -> None:
        content = {"format": self.format} | {k: v for k, v in asdict(self).items() if k != "format"}
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")


def _check(folder: Path, shard: Shard) -> None:
    path = folder / shard.path
    try:
        size = path.stat().st_size
    except OSError:
        raise CorpusError(f"{path} is missing: export or copy the corpus again") from None
    if size != shard.bytes:
        raise CorpusError(
            f"{path} has {size:,} bytes instead of {shard.bytes:,} (half-written or half-copied?): "
            "export or copy the corpus again"
        )
