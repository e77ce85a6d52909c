"""Documents and sentences that are nearly the same, found by MinHash.

Two documents are as similar as the share that they have in common of all their runs of three words (Jaccard's
index). MinHash estimates it from 128 numbers a document, and banding (32 bands of 4) finds the candidates without
comparing all pairs: at a similarity of 0.7 a pair is missed once in 6,000 times, and the estimate is off by 0.04 (one
standard deviation). Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3.

Sentences are compared by their runs of five characters, white space aside: a word changed in a sentence of fifteen
leaves three quarters of them, and 0.6 of its runs of words. 64 numbers in 16 bands miss a pair at 0.7 once in 80 times.

The numbers come from `rensa`: it found more of the copies planted among generated articles than `datasketch` did, 10
times as fast, in a fifth of the memory, and it needs no SciPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from rensa import RMinHash, RMinHashLSH

from corpus.tally import Tally

_NUMBERS, _BANDS, _RUN = 128, 32, 3
_SENTENCE_NUMBERS, _SENTENCE_BANDS, _SENTENCE_RUN = 64, 16, 5
_SEED = 42  # fixed: which documents are nearly the same does not hang on the split's seed


@dataclass(frozen=True, slots=True)
class Match:
    """An earlier document, where it went, and how similar it is (estimated)."""

    document_id: str
    split: str
    similarity: float


class Neighbours:
    """The documents so far, to be asked for those like a new one. Some 3.5 kB a document, 2 kB a sentence."""

    def __init__(self, threshold: float, *, sentences: bool = False) -> None:
        """`threshold`: the least similarity, above 0 and at most 1, of what is nearly the same.

        `sentences`: the texts are single sentences.
        """
        self._threshold = threshold
        self._numbers = _SENTENCE_NUMBERS if sentences else _NUMBERS
        self._runs: Callable[[str], list[str]] = _runs_of_characters if sentences else _runs_of_words
        self._index: Any = RMinHashLSH(threshold, self._numbers, _SENTENCE_BANDS if sentences else _BANDS)
        self._signatures: list[Any] = []
        self._documents: list[tuple[str, str]] = []
        self._last: tuple[str | None, Any] = (None, None)

    def matches(self, text: str) -> list[Match]:
        """The earlier documents that are nearly the same as `text`, in the order of their coming."""
        signature = self._signature(text)
        found = []
        for number in sorted(self._index.query(signature)):
            similarity = signature.jaccard(self._signatures[number])
            if similarity >= self._threshold:
                document_id, split = self._documents[number]
                found.append(Match(document_id, split, similarity))
        return found

    def add(self, text: str, document_id: str, split: str = "") -> None:
        """Have a document among those that later ones are compared with."""
        signature = self._signature(text)
        self._index.insert(len(self._signatures), signature)
        self._signatures.append(signature)
        self._documents.append((document_id, split))

    def _signature(self, text: str) -> Any:
        if self._last[0] != text:
            signature = RMinHash(self._numbers, _SEED)
            signature.update(self._runs(text))
            self._last = (text, signature)
        return self._last[1]


def _runs_of_words(text: str) -> list[str]:
    """Of a shorter text the whole is one run."""
    words = text.split()
    return [" ".join(words[start : start + _RUN]) for start in range(max(1, len(words) - _RUN + 1))]


def _runs_of_characters(text: str) -> list[str]:
    letters = "".join(text.split())
    return [
        letters[start : start + _SENTENCE_RUN] for start in range(max(1, len(letters) - _SENTENCE_RUN + 1))
    ]


class Sentences:
    """The sentences of a corpus so far, so that each is kept once: the first, in the order of the sources.

    Memory: some 120 bytes a different sentence, and 2 kB where nearly equal ones are looked for.
    """

    def __init__(self, threshold: float | None = None) -> None:
        """`threshold`: from which similarity on two sentences are nearly the same; None: only equal ones are one."""
        self._documents: dict[int, str] = {}
        self._near = None if threshold is None else Neighbours(threshold, sentences=True)

    def new(self, sentences: Sequence[str], document_id: str, tally: Tally) -> Iterator[str]:
        """Those of a document's sentences that were not there before, white space aside; the others are counted."""
        for sentence in sentences:
            digest = int.from_bytes(blake2b("".join(sentence.split()).encode(), digest_size=8).digest())
            if (earlier := self._documents.get(digest)) is not None:
                reason = "sentence: the same as an earlier one"
                tally.drop(reason, document_id, like=earlier, text=sentence)
                continue
            if self._near:
                if matches := self._near.matches(sentence):
                    most = max(matches, key=lambda match: match.similarity)
                    reason = "sentence: nearly the same as an earlier one"
                    tally.drop(
                        reason, document_id, like=most.document_id, similarity=most.similarity, text=sentence
                    )
                    continue
                self._near.add(sentence, document_id)
            self._documents[digest] = document_id
            yield sentence
