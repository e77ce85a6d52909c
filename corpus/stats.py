"""A corpus in numbers, and what differs between two of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.measures import log_likelihood, log_ratio
from corpus.reading import read_batches
from corpus.schema import Counts, Manifest, open_corpus
from corpus.wordpiece import WordPiece, count_words

_SPOKEN = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a vocabulary makes of the words; a word that is [UNK] costs one token.

    Attributes:
        count: tokens of all words. Over the number of words it is the fertility (Rust et al. 2021).
        divided: words of more than one token.
        unknown: words that are [UNK].
    """

    count: int
    divided: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Attributes:
    manifest: of the corpus; `splits`: what was read of it.
    words: word form -> times. A word is what stands between white space and punctuation marks, particles included.
    characters: character -> times, white space excluded.
    lengths: characters of a sentence -> sentences of this length.
    sections: section -> sentences; a sentence counts in each section of its document.
    tokens: where a vocabulary is given.
    """

    manifest: Manifest
    splits: Mapping[str, Counts]
    words: Counter[str]
    characters: Counter[str]
    lengths: Counter[int]
    sections: Counter[str]
    tokens: Tokens | None


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that is more frequent in one corpus than in another: times here and there, G², and log ratio."""

    word: str
    count: int
    other_count: int
    log_likelihood: float
    log_ratio: float


def statistics(
    folder: Path,
    vocabulary: Collection[str] | None = None,
    progress: Callable[[int], object] = lambda rows: None,
    split: str | None = None,
) -> Statistics:
    """Read a corpus, or one split of it, and count. Memory holds its different words.

    Raises:
        CorpusError: no corpus there, no such split, or a shard that cannot be read.
    """
    manifest = open_corpus(folder, split)
    runs: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    lengths: Counter[int] = Counter()
    sections: Counter[str] = Counter()
    for batch in read_batches(folder, split, ["text", "section"]):
        texts = batch["text"].to_pylist()
        together = "\n".join(texts)
        runs.update(together.split())
        characters.update(together)
        lengths.update(map(len, texts))
        for item in batch["section"].value_counts().to_pylist():
            for name in (item["values"] or "(none)").split("; "):
                sections[name] += item["counts"]
        progress(batch.num_rows)
    found = count_words(runs)
    for mark in [word for word in found if not _SPOKEN.search(word)]:
        del found[mark]
    for space in [character for character in characters if character.isspace()]:
        del characters[space]
    splits = {name: counts for name, counts in manifest.splits.items() if split in (None, name)}
    tokens = _tokens(found, vocabulary) if vocabulary else None
    return Statistics(manifest, splits, found, characters, lengths, sections, tokens)


def quantile(counts: Counter[int], share: float) -> int:
    """The least value that `share` of the counted do not exceed."""
    seen, total = 0, counts.total()
    for value in sorted(counts):
        seen += counts[value]
        if seen >= share * total:
            return value
    return 0


def keywords(first: Counter[str], second: Counter[str], least: int = 5) -> list[Keyword]:
    """The words that are more frequent in `first` than in `second`, the surest first (by G²).

    Words that occur less than `least` times in both together are left out.
    """
    here, there = first.total(), second.total()
    found = []
    for word, count in first.items():
        other = second[word]
        if count + other >= least and count * there > other * here:
            likelihood = log_likelihood(count, other, here - count, there - other)
            found.append(Keyword(word, count, other, likelihood, log_ratio(count, here, other, there)))
    return sorted(found, key=lambda keyword: (-keyword.log_likelihood, keyword.word))


def _tokens(found: Counter[str], vocabulary: Collection[str]) -> Tokens:
    wordpiece = WordPiece(vocabulary)
    count = divided = unknown = 0
    for word, times in found.items():
        pieces = wordpiece.pieces(word)
        count += times * (len(pieces) if pieces else 1)
        divided += times * (pieces is not None and len(pieces) > 1)
        unknown += times * (pieces is None)
    return Tokens(count, divided, unknown)
