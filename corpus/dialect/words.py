"""Rules that are lists of word pairs: places, loanwords, vocabulary, the middle ㅅ.

The lists are `words.tsv`. A pair is matched at the beginning of a word, the longest first; a particle or another part
of a compound may follow. A particle is made to agree with the new word (도이췰란드는 → 독일은).

All entries are our own, from general knowledge of the language: places and loanwords as both states' newspapers write
them, the middle ㅅ after article 30 of 한글 맞춤법 (the North writes none).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from corpus.dialect.edits import Edit, Find
from corpus.dialect.lexicon import Direction, Kind, word_pairs

# Particles behind a consonant and behind a vowel.
_PARTICLES = (
    ("은", "는"),
    ("이", "가"),
    ("을", "를"),
    ("과", "와"),
    ("으로", "로"),
    ("이나", "나"),
    ("이며", "며"),
)
_END = r"(?=[^가-힣]|$)"


def words(kind: Kind, to: Direction) -> Find:
    """The rule of one list in one direction."""

    def find(text: str) -> Iterator[Edit]:
        pattern, pairs, particles = _compiled(kind, to)
        for match in pattern.finditer(text):
            old, new = match[0], pairs[match[0]]
            if after := _agree(old, new, text, match.end(), particles):
                particle, agreeing = after
                yield Edit(match.start(), match.end() + len(particle), new + agreeing)
            else:
                yield Edit(match.start(), match.end(), new)

    return find


def _agree(old: str, new: str, text: str, at: int, particles: re.Pattern[str]) -> tuple[str, str] | None:
    """The particle at `at` and what it becomes behind the new word, where the two words end differently."""
    before, after = _final(old[-1]), _final(new[-1])
    match = particles.match(text, at)
    if match is None or before == after:
        return None
    particle = match[0]
    for consonant, vowel in _PARTICLES:
        if particle in (consonant, vowel):
            closed = after == "c" or (after == "l" and consonant != "으로")
            return particle, consonant if closed else vowel
    return None


def _final(syllable: str) -> str:
    """Whether a syllable is open (""), ends in ㄹ (l), or in another consonant (c)."""
    place = (ord(syllable) - 0xAC00) % 28
    return "" if not place else "l" if place == 8 else "c"


@lru_cache(maxsize=8)
def _compiled(kind: Kind, to: Direction) -> tuple[re.Pattern[str], dict[str, str], re.Pattern[str]]:
    chosen = [pair for pair in word_pairs() if pair.kind == kind and pair.to in ("both", to)]
    south = to == "rok"
    pairs = {p.north: p.south for p in chosen} if south else {p.south: p.north for p in chosen}
    guards = {p.north if south else p.south: p.not_before for p in chosen}
    alternatives = (
        re.escape(word) + (f"(?![{guards[word]}])" if guards[word] else "")
        for word in sorted(pairs, key=lambda word: (-len(word), word))
    )
    listed = "|".join(particle for pair in _PARTICLES for particle in pair)
    return (
        re.compile(f"(?<![가-힣])(?:{'|'.join(alternatives)})"),
        pairs,
        re.compile(f"(?:{listed}){_END}"),
    )
