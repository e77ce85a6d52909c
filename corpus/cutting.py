"""Where one shard ends and the next begins: decided by the documents there, not by how many came before.

Shards of a fixed number of rows all change when an article is added to the first. Here a shard ends after a document
whose hash says so (content-defined chunking: Muthitacharoen, Chen and Mazières 2001, on whole documents), so that an
added or changed document changes its own shard and seldom another. The same documents give the same shards, whether a
corpus grew to them or was exported at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from corpus.documents import Document

SHARD_BYTES = 64_000_000  # of text: some 300,000 sentences of a newspaper, 20 MB on disk
_BATCH_BYTES = 250_000  # of text: some 20 ms of work for a process


@dataclass(frozen=True, slots=True)
class Batch:
    """Neighbouring documents of one shard, each with the label of its source.

    Attributes:
        ends: the fingerprint of the shard that ends here: of its documents, before any treatment.
        kept: whether the shard is one of those that were there; then there are no documents here.
    """

    split: str
    documents: tuple[tuple[str, Document], ...]
    ends: str | None = None
    kept: bool = False


def batches(
    placed: Iterable[tuple[str, Document, str]], size: int, known: Collection[tuple[str, str]] = frozenset()
) -> Iterator[Batch]:
    """The documents, given with the label of their source and their split, in batches, shard by shard of each split.

    A shard has about `size` bytes of text (UTF-8): it ends between half of that and the document that reaches it.
    Shards whose split and fingerprint are `known` are passed on as kept, without their documents; to find them,
    memory holds the documents of one shard a split.
    """
    lanes: dict[str, _Lane] = {}
    for label, document, split in placed:
        if split not in lanes:
            lanes[split] = _Lane(split, size, known)
        yield from lanes[split].add(label, document)
    for lane in lanes.values():
        yield from lane.end()


def ends_shard(document_id: str, before: int, after: int, size: int) -> bool:
    """Whether a shard of `before` bytes ends after the document with which it has `after` bytes."""
    if after >= size:
        return True
    if after < size / 2:
        return False
    place = int.from_bytes(blake2b(document_id.encode(), digest_size=8).digest()) / 2**64
    return place < (after - before) / (size / 4)  # on average a quarter of `size` after the half


@dataclass(slots=True)
class _Lane:
    """The shard of one split that is being filled."""

    split: str
    size: int
    known: Collection[tuple[str, str]]
    bytes: int = 0  # of the shard so far
    digest: Any = field(default_factory=blake2b)
    full: list[Batch] = field(default_factory=list)  # not passed on yet
    documents: list[tuple[str, Document]] = field(default_factory=list)  # of the next batch
    started: int = 0  # the bytes of the shard before them

    def add(self, label: str, document: Document) -> Iterator[Batch]:
        text = document.text.encode()
        about = (
            label,
            document.id,
            document.title,
            document.date,
            document.section,
            document.split,
            document.repeated,
            len(text),
        )
        self.digest.update(repr(about).encode() + text)
        self.documents.append((label, document))
        before, self.bytes = self.bytes, self.bytes + len(text)
        if ends_shard(document.id, before, self.bytes, self.size):
            yield from self.end()
        elif self.bytes - self.started >= _BATCH_BYTES:
            self.full.append(Batch(self.split, tuple(self.documents)))
            self.documents, self.started = [], self.bytes
            if not self.known:  # then nothing hangs on how the shard ends
                yield from self.full
                self.full = []

    def end(self) -> Iterator[Batch]:
        if self.bytes:
            fingerprint = self.digest.hexdigest()[:32]
            if (self.split, fingerprint) in self.known:
                yield Batch(self.split, (), fingerprint, kept=True)
            else:
                yield from self.full
                yield Batch(self.split, tuple(self.documents), fingerprint)
        self.bytes = self.started = 0
        self.digest = blake2b()
        self.full, self.documents = [], []
