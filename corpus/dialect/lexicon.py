"""The lexicon: `initial_sound.tsv`, `words.tsv` and `nouns.tsv`, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, cast

Direction = Literal["rok", "dprk"]
Kind = Literal["place", "loanword", "vocabulary", "middle-s"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of `words.tsv`.

    Attributes:
        to: the directions in which the pair is sure; the word of one side may have other meanings.
        not_before: letters that, right behind the word, make it another word (기발 is a flag, 기발하다 is not).
    """

    north: str
    south: str
    kind: Kind
    to: Literal["both", "rok", "dprk"]
    not_before: str


@lru_cache(maxsize=2)
def initial_sound_words(inner: bool = False) -> dict[str, str]:
    """Northern spelling -> kind, as `corpus.dialect.initial_sound` explains it; `inner` has those entries alone."""
    rows = (line.split("\t") for line in _lines("initial_sound.tsv", ["word", "kind"]))
    return {word: kind for word, kind in rows if (kind == "inner") == inner}


@lru_cache(maxsize=1)
def word_pairs() -> tuple[Pair, ...]:
    """The entries of `words.tsv` in their order."""
    lines = _lines("words.tsv", list(Pair.__dataclass_fields__))
    return tuple(Pair(*cast("tuple[Any, ...]", line.split("\t"))) for line in lines)


@lru_cache(maxsize=16)
def nouns(role: str) -> frozenset[str]:
    """The words of one role in `nouns.tsv`; `corpus.dialect.compounds` and `spacing` say what the roles are."""
    rows = (line.split("\t") for line in _lines("nouns.tsv", ["noun", "role"]))
    return frozenset(noun for noun, its in rows if its == role)


def _lines(name: str, columns: list[str]) -> list[str]:
    header, *lines = (files("corpus.dialect") / name).read_text(encoding="utf-8").splitlines()
    if header.split("\t") != columns:
        raise ValueError(f"{name} has other columns than {', '.join(columns)}")
    return lines
