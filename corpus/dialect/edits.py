"""What a rule says of a text: which stretches become what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """`text[start:end]` becomes `replacement`; a space that is put in has `start == end`."""

    start: int
    end: int
    replacement: str


Find = Callable[[str], Iterable[Edit]]
"""The edits of one rule, in the order of the text and without overlap."""


def apply(text: str, edits: Iterable[Edit]) -> str:
    parts: list[str] = []
    done = 0
    for edit in edits:
        parts += (text[done : edit.start], edit.replacement)
        done = edit.end
    return "".join(parts) + text[done:] if parts else text


def replace_matches(pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> Find:
    """Every match becomes what `replacement` makes of it, where that is something else."""

    def find(text: str) -> Iterator[Edit]:
        for match in pattern.finditer(text):
            new = replacement(match)
            if new != match[0]:
                yield Edit(match.start(), match.end(), new)

    return find


def final(letters: str) -> str:
    """The syllables that end in one of these consonants (of "ㄴㄹ", or "" for none), as the inside of a class."""
    order = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
    places = {order.index(letter) for letter in letters or " "}
    return "".join(chr(code) for code in range(0xAC00, 0xD7A4) if (code - 0xAC00) % 28 in places)
