"""Corpus shards to token ids: one flat array and the sentences' offsets in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm
from transformers import PreTrainedTokenizerFast

from corpus.schema import CorpusError, Manifest, open_corpus, shard_paths
from model.errors import ModelError

CHUNK = 2_000  # sentences a call of the tokenizer: enough to keep its threads busy, small enough for the progress bar


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus folder whose shards are all there, with its manifest."""

    folder: Path
    manifest: Manifest

    @property
    def splits(self) -> tuple[str, ...]:
        return tuple(self.manifest.splits)


@dataclass(frozen=True, slots=True)
class Sentences:
    """Tokenised sentences, special tokens included: sentence i is `ids[offsets[i]:offsets[i + 1]]`.

    `documents[i]` is the number of the document that sentence i stands in, in the order of the split.
    """

    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    documents: npt.NDArray[np.int32]
    truncated: int = 0  # sentences that were longer than the maximum length and lost their tail

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        return np.diff(self.offsets)

    def subset(self, limit: int | None, seed: int = 0) -> Sentences:
        """At most `limit` sentences, drawn without replacement by `seed`, in their order."""
        if limit is None or limit >= len(self):
            return self
        chosen = _sample(len(self), limit, seed)
        pieces = [self.ids[self.offsets[i] : self.offsets[i + 1]] for i in chosen]
        return _flat(pieces, self.documents[chosen], self.truncated)


def find_corpus(folder: Path, split: str | None = None) -> Corpus:
    """The corpus in `folder`. Raises `ModelError` when it is none, lacks `split`, or a shard is missing or cut."""
    try:
        return Corpus(folder, open_corpus(folder, split))
    except CorpusError as error:
        raise ModelError(str(error)) from error


def read_texts(corpus: Corpus, split: str) -> Iterator[list[str]]:
    """The sentences of a split, in batches, in the order of the shards."""
    return (texts for texts, _ in read_sentences(corpus, split))


def sampled_texts(corpus: Corpus, split: str, limit: int | None, seed: int = 0) -> list[str]:
    """At most `limit` sentences of a split, drawn without replacement by `seed`, in their order."""
    texts = [text for batch in read_texts(corpus, split) for text in batch]
    return [texts[place] for place in _sample(len(texts), limit, seed)]


def read_sentences(corpus: Corpus, split: str) -> Iterator[tuple[list[str], list[str]]]:
    """The sentences of a split and the ids of their documents, in batches, in the order of the shards."""
    try:
        paths = shard_paths(corpus.folder, split)
    except CorpusError as error:
        raise ModelError(str(error)) from error
    for path in paths:
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=CHUNK, columns=["text", "document_id"]):
                    yield batch.column("text").to_pylist(), batch.column("document_id").to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise ModelError(f"cannot read {path} ({error}); export the corpus again") from error


def tokenize(
    corpora: Sequence[tuple[Corpus, str]],
    tokenizer: PreTrainedTokenizerFast,
    max_length: int,
    *,
    describe: str,
) -> Sentences:
    """Tokenise the given splits one after the other, cut at `max_length` tokens; cut sentences are counted.

    Sentences without a single token of their own are left out; their documents keep their numbers. Raises `ModelError`
    when nothing is left.
    """
    backend = tokenizer.backend_tokenizer
    backend.enable_truncation(max_length)
    backend.no_padding()
    pieces: list[npt.NDArray[np.int32]] = []
    documents: list[int] = []
    document, truncated = -1, 0
    total = sum(corpus.manifest.sentences(split) for corpus, split in corpora)
    with tqdm(total=total, desc=describe, unit=" sentences", disable=None, leave=False) as progress:
        for corpus, split in corpora:
            latest = None
            for texts, names in read_sentences(corpus, split):
                encodings = backend.encode_batch_fast(texts)
                truncated += sum(bool(encoding.overflowing) for encoding in encodings)
                for encoding, name in zip(encodings, names, strict=True):
                    if name != latest:
                        document, latest = document + 1, name
                    if len(encoding.ids) > 2:
                        pieces.append(np.array(encoding.ids, dtype=np.int32))
                        documents.append(document)
                progress.update(len(texts))
    backend.no_truncation()
    if not pieces:
        raise ModelError(
            f"{', '.join(str(corpus.folder) for corpus, _ in corpora)}: no sentence to read; the split is empty"
        )
    return _flat(pieces, np.array(documents, dtype=np.int32), truncated)


def _sample(count: int, limit: int | None, seed: int) -> npt.NDArray[np.int64]:
    return np.sort(np.random.default_rng(seed).permutation(count)[:limit])


def _flat(
    pieces: Sequence[npt.NDArray[np.int32]], documents: npt.NDArray[np.int32], truncated: int
) -> Sentences:
    offsets = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(piece) for piece in pieces], out=offsets[1:])
    return Sentences(np.concatenate(pieces), offsets, documents, truncated)
