"""One article under several numbers: the newspaper has numbered its articles in three ways, and old pages, captures and
the present site know the same article by different ones.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

SAME, NEAR, AMBIGUOUS = "same", "near", "ambiguous"

_LEAST = 0.85  # similarity of titles that may be one, as difflib's ratio
_SHORTEST = 6  # letters: two shorter titles are alike by chance
_GENRE = re.compile(r"^\s*[\[［][^\]］]{1,12}[\]］]")


@dataclass(frozen=True, slots=True)
class Numbered:
    """An article as it is known by one of its numbers."""

    language: str
    news_id: str
    issue_date: dt.date
    title: str


@dataclass(frozen=True, slots=True)
class Match:
    """Two numbers that are, or may be, of one article. `similarity` is that of the titles, 0 to 1.

    `verdict`: `same` titles, `near` ones, or `ambiguous` where more than one pair is possible.
    """

    old: Numbered
    new: Numbered
    similarity: float
    verdict: str


def matches(known: Iterable[Numbered]) -> Iterator[Match]:
    """The pairs among articles of one edition and issue whose numbers are of different kinds and whose titles are equal
    but for spaces, punctuation, width and genre (`[사설]`), or else nearly equal with the same figures in them.

    Equal titles go first. What could be paired in more than one way is not guessed: all its pairs are ambiguous.
    """
    issues: dict[tuple[str, dt.date], dict[int, list[Numbered]]] = defaultdict(lambda: defaultdict(list))
    for each in known:
        issues[each.language, each.issue_date][_numbering(each.news_id)].append(each)
    for key in sorted(issues):
        for old, new in combinations(sorted(issues[key]), 2):
            yield from _pair(issues[key][old], issues[key][new])


def _numbering(news_id: str) -> int:
    """0 of the legacy site (`-0012`), 1 of its successor (`-N012`), 2 of the present one (`-012`)."""
    number = news_id[11:]
    return 1 if not number.isdecimal() else 0 if len(number) == 4 else 2


def _pair(olds: Sequence[Numbered], news: Sequence[Numbered]) -> Iterator[Match]:
    letters = {each.news_id: _letters(each.title) for each in (*olds, *news)}
    equal = [
        Match(old, new, 1.0, SAME)
        for old in olds
        for new in news
        if letters[old.news_id] and letters[old.news_id] == letters[new.news_id]
    ]
    yield from _judged(equal)
    settled = {each.news_id for match in equal for each in (match.old, match.new)}
    near = []
    for old in olds:
        for new in news:
            if old.news_id not in settled and new.news_id not in settled:
                similarity = _similarity(letters[old.news_id], letters[new.news_id])
                if similarity >= _LEAST:
                    near.append(Match(old, new, round(similarity, 3), NEAR))
    yield from _judged(near)


def _judged(found: Sequence[Match]) -> Iterator[Match]:
    times = Counter(each.news_id for match in found for each in (match.old, match.new))
    for match in found:
        alone = times[match.old.news_id] == times[match.new.news_id] == 1
        yield match if alone else Match(match.old, match.new, match.similarity, AMBIGUOUS)


def _similarity(a: str, b: str) -> float:
    """0 for titles that are short or hold other figures: parts of a series differ in nothing else."""
    if min(len(a), len(b)) < _SHORTEST or re.findall(r"\d+", a) != re.findall(r"\d+", b):
        return 0.0
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _LEAST else 0.0


def _letters(title: str) -> str:
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", _GENRE.sub("", title)))
