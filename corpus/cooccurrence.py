"""Which words stand near a word more often than chance would have them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus import figures
from corpus.measures import log_likelihood, pointwise_mutual_information
from corpus.reading import read_sentences
from corpus.schema import CorpusError
from corpus.wordpiece import count_words, words

_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A word form near the word that was asked for.

    Attributes:
        year: where counts are by year ("undated" for sentences without a date), else "".
        together: how often it stands within the window; `expected`: how often by chance.
        frequency: how often it stands in the corpus (in the year).
        log_likelihood: G² of being near against being elsewhere (Dunning 1993).
        mutual_information: pointwise, in bits.
    """

    word: str
    year: str
    neighbour: str
    together: int
    expected: float
    frequency: int
    log_likelihood: float
    mutual_information: float


@dataclass(slots=True)
class _Counts:
    """Of one year, or of all."""

    runs: Counter[str] = field(default_factory=Counter)  # what stands between white space
    near: dict[str, Counter[str]] = field(default_factory=dict)  # word asked for -> neighbour -> times


def cooccurrence(
    folder: Path,
    patterns: Mapping[str, re.Pattern[str]],
    window: int = 5,
    *,
    by_year: bool = False,
    least: int = 3,
    without: Collection[str] = (),
    split: str | None = None,
    progress: Callable[[int], object] = lambda rows: None,
) -> list[Neighbour]:
    """The words within `window` words of those that the patterns find, in the same sentence.

    They come word by word as asked, year by year, the surest first; words that are rarer there than by chance, that
    are near less than `least` times, or that are in `without` are left out, and so is what has no letter. A word
    near two places of the same sentence counts once.

    Raises:
        CorpusError: no corpus there, no such split, or a shard that cannot be read.
    """
    years: dict[str, _Counts] = {}
    for sentence in read_sentences(folder, split, progress):
        year = (str(sentence.date.year) if sentence.date else "undated") if by_year else ""
        counts = years.setdefault(year, _Counts())
        counts.runs.update(sentence.text.split())
        for asked, pattern in patterns.items():
            if pattern.search(sentence.text):
                found = [word for word in words(sentence.text) if _LETTER.search(word)]
                counts.near.setdefault(asked, Counter()).update(_near(found, pattern, window))
    judged: dict[str, list[Neighbour]] = {asked: [] for asked in patterns}
    for year in sorted(years):
        frequency = count_words(years[year].runs)
        for word in [word for word in frequency if not _LETTER.search(word)]:
            del frequency[word]
        for asked in patterns:
            near = years[year].near.get(asked, Counter())
            judged[asked] += _judged(asked, year, near, frequency, least, frozenset(without))
    return [neighbour for found in judged.values() for neighbour in found]


def _near(found: list[str], pattern: re.Pattern[str], window: int) -> list[str]:
    places = {place for place, word in enumerate(found) if pattern.fullmatch(word)}
    around = {
        place + step
        for place in places
        for step in range(-window, window + 1)
        if 0 <= place + step < len(found)
    }
    return [found[place] for place in around - places]


def _judged(
    asked: str, year: str, near: Counter[str], frequency: Counter[str], least: int, without: Collection[str]
) -> list[Neighbour]:
    total, slots = frequency.total(), near.total()
    found = []
    for word, together in near.items():
        expected = slots * frequency[word] / total
        if together >= least and together > expected and word not in without:
            elsewhere = frequency[word] - together
            found.append(
                Neighbour(
                    asked,
                    year,
                    word,
                    together,
                    expected,
                    frequency[word],
                    log_likelihood(together, slots - together, elsewhere, total - slots - elsewhere),
                    pointwise_mutual_information(together, expected),
                )
            )
    return sorted(found, key=lambda neighbour: (-neighbour.log_likelihood, neighbour.neighbour))


def draw_years(found: Sequence[Neighbour], path: Path, top: int = 8) -> None:
    """Draw how often the surest neighbours of one word stand near it, a line a neighbour, over the years.

    Raises:
        CorpusError: nothing to draw, or a file that cannot be written.
    """
    dated = [neighbour for neighbour in found if neighbour.year.isdigit()]
    if not dated:
        raise CorpusError("no year has a word near it often enough: there is nothing to draw (see --least)")
    sure: Counter[str] = Counter()
    for each in dated:
        sure[each.neighbour] += round(each.log_likelihood * 1000)
    first, last = (int(pick(each.year for each in dated)) for pick in (min, max))
    years = list(map(str, range(first, last + 1)))
    near = {(each.neighbour, each.year): each.together for each in dated}
    lines = {
        name: [near.get((name, year), 0) for year in years]
        for name, _ in sorted(sure.items(), key=lambda item: (-item[1], item[0]))[:top]
    }
    figures.lines(path, f"Near {figures.written(dated[0].word)}, by year", "times", years, lines)
