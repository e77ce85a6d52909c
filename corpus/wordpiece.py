"""WordPiece as BERT reads a text: words, then for each word the longest piece that fits, from left to right.

A small one of our own, since tokenizer libraries belong to `model/`: it tells how many tokens a text costs and which
words a vocabulary cannot spell. Cased and without stripping of accents, as KR-BERT's tokenizer is: taking accents off
would decompose Hangul. (Wu et al. 2016, section 4.1; Devlin et al. 2019, section 3.)
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from functools import lru_cache

LONGEST_WORD = 100  # in characters; BERT takes a longer one as [UNK]
# Hanja, each of which BERT sets apart as a word: the blocks of CJK ideographs.
_IDEOGRAPHS = (
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ceaf\U0002f800-\U0002fa1f"
)


def words(text: str) -> list[str]:
    """What BERT takes as words: runs between white space; punctuation marks and Hanja stand alone."""
    return _word().findall(text)


def count_words(runs: Mapping[str, int]) -> Counter[str]:
    """The words in counted runs between white space: each different run is taken apart once, which is far faster."""
    counts: Counter[str] = Counter()
    for run, times in runs.items():
        for word in words(run):
            counts[word] += times
    return counts


def stands_alone(character: str) -> bool:
    """Whether the character is always a word of its own, so that no vocabulary needs its inner form `##c`."""
    return _alone().match(character) is not None


class WordPiece:
    """A vocabulary at work on words."""

    def __init__(self, vocabulary: Collection[str]) -> None:
        self._known = frozenset(vocabulary)
        self._longest = max(map(len, self._known), default=0)
        self.pieces = lru_cache(maxsize=200_000)(self._pieces)

    def _pieces(self, word: str) -> tuple[str, ...] | None:
        """The pieces of one word, or None where it becomes [UNK]: it is too long, or some part is not there."""
        if len(word) > LONGEST_WORD:
            return None
        found = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                if (piece := prefix + word[start:end]) in self._known:
                    found.append(piece)
                    start = end
                    break
            else:
                return None
        return tuple(found)

    def knows(self, text: str) -> bool:
        """Whether no word of `text` becomes [UNK]."""
        return all(self.pieces(word) is not None for word in words(text))


@lru_cache(maxsize=1)
def _marks() -> str:
    """What BERT takes as punctuation: Unicode's P categories and every ASCII sign, as a regular expression's class."""
    ascii_signs = "!-/:-@\\[-`{-~"
    others = (
        chr(code) for code in range(128, sys.maxunicode + 1) if unicodedata.category(chr(code))[0] == "P"
    )
    return ascii_signs + "".join(others)


@lru_cache(maxsize=1)
def _alone() -> re.Pattern[str]:
    return re.compile(f"[{_marks()}{_IDEOGRAPHS}]")


@lru_cache(maxsize=1)
def _word() -> re.Pattern[str]:
    return re.compile(rf"[{_marks()}{_IDEOGRAPHS}]|[^\s{_marks()}{_IDEOGRAPHS}]+")
