"""What is cut from a document before its sentences are looked at: separators, bylines and credits, repeated passages.

These steps see a whole document, so they are no part of a tokenizer's treatment (`corpus.text`). Each is a pure
function on the document's lines, and each returns what it cut: nothing leaves a corpus without a count and a reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Cleaning:
    """One step.

    Attributes:
        reason: why, for the documentation and the data card.
        loses: what it cuts, as `corpus.tally` counts it.
        cut: from the lines of a document to those that stay and the passages that go.
    """

    name: str
    reason: str
    loses: str
    cut: Callable[[Sequence[str]], tuple[list[str], list[str]]]


def clean(text: str, steps: Sequence[str]) -> tuple[str, list[tuple[str, str]]]:
    """`text` after the named steps, in their order, and what they cut: reason and passage.

    Raises:
        KeyError: a step that `CLEANINGS` does not hold.
    """
    lines, lost = text.splitlines(), []
    for step in map(CLEANINGS.__getitem__, steps):
        lines, passages = step.cut(lines)
        lost += [(step.loses, passage) for passage in passages]
    return "\n".join(lines), lost


_MARKS = r"*＊※◇◆○●□■☆★△▲▽▼♦─━═—―–=_~\-"
_MARK = re.compile(f"[{_MARKS}]")
_LINE_OF_MARKS = re.compile(rf"\s*[{_MARKS}][{_MARKS}\s]*")
# Inside a line, two asterisks may be an anonymised name.
_ROW_OF_MARKS = re.compile(r"(?<!\S)(?:([＊※◇◆☆★])(?:\s+\1)+|\*(?:\s+\*){2,})(?!\S)")


def _without_separators(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """A row of marks inside a line ends a paragraph there."""
    kept, cut = [], []
    for line in lines:
        if not _MARK.search(line):
            kept.append(line)
        elif _LINE_OF_MARKS.fullmatch(line):
            cut.append(line.strip())
        elif _ROW_OF_MARKS.search(line):
            cut += [match[0] for match in _ROW_OF_MARKS.finditer(line)]
            kept += [part for part in _ROW_OF_MARKS.sub("\n", line).split("\n") if part.strip()]
        else:
            kept.append(line)
    return kept, cut


# A name has two to four syllables, which the newspaper sometimes sets with spaces between them.
_NAME = r"(?:[가-힣]{2,4}|[가-힣](?:\s[가-힣]){1,3})"
_NAMES = rf"{_NAME}(?:[\s,·]+{_NAME}){{0,3}}"
_REPORTER = r"(?:(?:본사|특파|현지|주재)?\s?(?:정치보도반\s?)?기자(?:단)?|(?:로농)?통신원)"
_WORK = r"(?:글(?:\s?(?:및|과|,|·)\s?사진)?|사진(?:\s?(?:및|과|,|·)\s?글)?)"
_CREDIT = (
    rf"[(\[]?(?:(?:{_WORK}[\s:]*)?{_REPORTER}\s{_NAMES}(?:\s찍음)?|{_WORK}\s?:\s?{_NAMES}|글\s및\s사진\s{_NAMES}"
    rf"|(?:본사기자|조선중앙통신|{_NAMES})\s찍음|(?:[가-힣]{{2,8}}\s\d\d?월\s?\d\d?일발\s)?조선중앙통신|사진)[)\]]?"
)
_LINE_OF_CREDIT = re.compile(rf"\s*({_CREDIT})\s*")
# At the end of the last sentence of a paragraph, which ends in a stop of its own.
_TAIL_OF_CREDIT = re.compile(rf"(?<=[.!?．！？》])\s+({_CREDIT})\s*$")
_WORDS_OF_CREDIT = re.compile("기자|통신|사진|찍음|글 ?:")
_LONGEST_CREDIT = 80  # in characters


def _without_bylines(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """A line that is nothing but a byline or a credit, or ends in one behind a stop. A bare name cannot be told."""
    kept, cut = [], []
    for line in lines:
        composed = unicodedata.normalize("NFC", line)
        tail = max(0, len(composed) - _LONGEST_CREDIT)
        if not _WORDS_OF_CREDIT.search(composed, tail):
            kept.append(line)
        elif not tail and (match := _LINE_OF_CREDIT.fullmatch(composed)):
            cut.append(match[1])
        elif match := _TAIL_OF_CREDIT.search(composed, tail):
            cut.append(match[1])
            kept.append(composed[: match.start()])
        else:
            kept.append(line)
    return kept, cut


_LEAST_REPEATED = 100  # in characters: a refrain or a slogan is shorter


def _without_repeats(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """A run of paragraphs that stood in the document before, as where a page shows its text several times."""
    plain = [line.strip() for line in lines]
    first: dict[str, int] = {}
    kept: list[str] = []
    cut = []
    place = 0
    while place < len(lines):
        start, length = first.get(plain[place], place), 0
        while (
            place + length < len(lines)
            and start + length < place
            and plain[start + length] == plain[place + length]
        ):
            length += 1
        if sum(map(len, plain[place : place + length])) >= _LEAST_REPEATED:
            cut.append("\n".join(lines[place : place + length]))
            place += length
        else:
            if plain[place]:
                first.setdefault(plain[place], place)
            kept.append(lines[place])
            place += 1
    return kept, cut


CLEANINGS: Mapping[str, Cleaning] = MappingProxyType(
    {
        step.name: step
        for step in (
            Cleaning(
                "separators",
                "A row of marks (* * *, ＊ ＊, ◇ ◇) divides a page, not a sentence: it ends a paragraph and goes.",
                "line: a separator",
                _without_separators,
            ),
            Cleaning(
                "bylines",
                "Bylines and photo credits (본사기자 and a name, 글 및 사진, ... 찍음) stand below thousands of "
                "articles: a model would learn names, and two copies of an article would differ by them.",
                "line: a byline or photo credit",
                _without_bylines,
            ),
            Cleaning(
                "repeats",
                "Some pages show their text several times. Paragraphs that stood in the document before, in the same "
                f"order and together of {_LEAST_REPEATED} characters or more, go; shorter ones are refrains.",
                "passage: a repetition in its document",
                _without_repeats,
            ),
        )
    }
)

RECIPES: Mapping[str, tuple[str, ...]] = MappingProxyType({"default": tuple(CLEANINGS), "paper": ()})
