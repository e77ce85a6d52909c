"""Which characters of a corpus a vocabulary lacks, what that costs in [UNK], and what the mapping saves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.reading import read_texts
from corpus.schema import Manifest
from corpus.syllables import needed, replace
from corpus.wordpiece import LONGEST_WORD, WordPiece, count_words, stands_alone, words

_EXAMPLES = 3
_CONTEXT = 14  # characters at either side of an example


@dataclass(frozen=True, slots=True)
class Gap:
    """A character that the vocabulary lacks as a word, as the inside of a word (`##c`), or as both.

    Attributes:
        count: how often it stands in the corpus.
        unknown: how many words with it become [UNK]; fewer than `count` where longer pieces hold it.
        saved: how many of those the mapping makes whole.
        becomes: its replacement in the mapping, where the mapping has this very character.
        examples: the first different words with it, each in its context.
    """

    character: str
    count: int
    unknown: int
    saved: int
    becomes: str | None
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """A corpus under a vocabulary.

    Attributes:
        words: of the corpus, as BERT counts them (punctuation marks are words).
        unknown: of them, those that become [UNK]; `saved`: of those, what the mapping makes whole.
        gaps: the missing characters, the most frequent first.
        replaced: what the export had mapped already, source -> times: syllables that `gaps` cannot show any more.
    """

    words: int
    unknown: int
    saved: int
    gaps: tuple[Gap, ...]
    replaced: Mapping[str, int]


def coverage(
    folder: Path, vocabulary: Collection[str], progress: Callable[[int], object] = lambda rows: None
) -> Coverage:
    """Read the corpus in `folder` and judge every word of it by the vocabulary.

    Raises:
        CorpusError: no corpus there, or a shard that cannot be read.
    """
    known = frozenset(vocabulary)
    wordpiece = WordPiece(known)
    mapping = needed(known)
    totals: Counter[str] = Counter()
    runs: Counter[str] = Counter()
    lacking: set[str] = set()
    judged: set[str] = set()
    counts: dict[str, Counter[str]] = {"count": Counter(), "unknown": Counter(), "saved": Counter()}
    examples: dict[str, dict[str, str]] = {}
    for texts in read_texts(folder, progress=progress):
        new = set("".join(texts)) - judged
        judged |= new
        lacking |= {c for c in new if not c.isspace() and _missing_forms(c, known)}
        runs.update("\n".join(texts).split())
        for text in texts:
            if lacking.isdisjoint(text) and max(map(len, text.split()), default=0) <= LONGEST_WORD:
                continue  # by far the commonest case: every word can be spelt
            for word in words(text):
                unknown = wordpiece.pieces(word) is None
                saved = unknown and wordpiece.knows(replace(word, mapping))
                totals["unknown"] += unknown
                totals["saved"] += saved
                for character in lacking.intersection(word):
                    counts["count"][character] += word.count(character)
                    counts["unknown"][character] += unknown
                    counts["saved"][character] += saved
                    shown = examples.setdefault(character, {})
                    if len(shown) < _EXAMPLES and word not in shown:
                        shown[word] = _in_context(text, word)
    gaps = tuple(
        Gap(
            character,
            count,
            counts["unknown"][character],
            counts["saved"][character],
            mapping.get(character),
            tuple(examples[character].values()),
        )
        for character, count in sorted(counts["count"].items(), key=lambda item: (-item[1], item[0]))
    )
    return Coverage(
        count_words(runs).total(), totals["unknown"], totals["saved"], gaps, Manifest.read(folder).replaced
    )


def tokens_to_add(found: Coverage, vocabulary: Collection[str], least: int = 1) -> Iterator[str]:
    """The forms, `c` and `##c`, that let the vocabulary spell the words that it cannot spell now.

    Only characters that make a word [UNK] are taken, and of them those that occur at least `least` times; the most
    frequent first. With `least` 1 no word of the corpus is [UNK] any more, save words of over 100 characters.
    """
    known = frozenset(vocabulary)
    for gap in found.gaps:
        if gap.unknown and gap.count >= least:
            yield from _missing_forms(gap.character, known)


def _missing_forms(character: str, known: Collection[str]) -> list[str]:
    forms = (character,) if stands_alone(character) else (character, f"##{character}")
    return [form for form in forms if form not in known]


def _in_context(text: str, word: str) -> str:
    start = text.index(word)
    end = start + len(word)
    left, right = text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
    return (
        ("…" if start > _CONTEXT else "") + left + word + right + ("…" if len(text) > end + _CONTEXT else "")
    )
