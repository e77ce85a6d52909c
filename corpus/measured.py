"""What only a reading of the whole corpus can tell for its card: words, syllables, and figures."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path

from corpus import figures
from corpus.card import card, table
from corpus.orthography import northern
from corpus.schema import Counts, Manifest
from corpus.stats import Statistics, statistics

_WORDS, _BARS = 40, 25
_UNDATED = "undated"


def measure_card(
    folder: Path,
    reference: Path | None = None,
    vocabulary: Collection[str] | None = None,
    progress: Callable[[int], object] = lambda rows: None,
) -> list[Path]:
    """Write the card of a corpus anew, with its words and syllables and with figures; return the files written.

    Words are those that the corpus `reference` does not have; without one, those whose first sound only the North
    writes (`corpus.orthography.northern`). With a vocabulary: the share of words that it cannot spell.

    Raises:
        CorpusError: no corpus there, matplotlib is missing, or a shard or figure that cannot be read or written.
    """
    figures.check_name(Path("any.svg"))
    found = statistics(folder, vocabulary, progress)
    other = statistics(reference, None, progress) if reference else None
    words = own_words(found.words, other.words if other else None)
    drawn = _draw(folder, found.manifest, words)
    parts = [
        "## Words",
        _numbers(found),
        f"The most frequent of the {len(words):,} word forms that "
        + (
            f"`{reference.resolve().name}` does not have ({sum(words.values()):,} occurrences):"
            if reference
            else f"only the North spells so, by their first sound ({sum(words.values()):,} occurrences):"
        ),
        table(
            ("word", "romanised", "times"),
            ((word, figures.romanized(word), f"{count:,}") for word, count in _most(words, _WORDS)),
        ),
        "## Syllables",
        _syllables(found.characters),
        "## Figures",
        *(
            f"![{title}]({path.relative_to(folder).as_posix()})"
            for path, title in drawn
            if path.suffix == ".svg"
        ),
    ]
    path = folder / "README.md"
    meanwhile = folder / ".README.md.writing"
    meanwhile.write_text(card(found.manifest, folder.resolve().name, parts), encoding="utf-8", newline="\n")
    os.replace(meanwhile, path)
    return [path, *(path for path, _ in drawn)]


def own_words(words: Counter[str], others: Counter[str] | None) -> Counter[str]:
    """The words of a corpus that another does not have; without another, those with a first sound of the North."""
    if others is None:
        return Counter({word: count for word, count in words.items() if northern(word)})
    return Counter({word: count for word, count in words.items() if word not in others})


@lru_cache(maxsize=1)
def standard_syllables() -> frozenset[str]:
    """The 2,350 Hangul syllables of the standard KS X 1001, which older software and fonts stop at."""
    return frozenset(
        chr(code)
        for code in range(0xAC00, 0xD7A4)
        if len(chr(code).encode("euc_kr")) == 2  # Python writes the others as four pairs of bytes
    )


def _numbers(found: Statistics) -> str:
    total = found.words.total()
    rows = [("words", f"{total:,}"), ("different word forms", f"{len(found.words):,}")]
    if found.tokens:
        rows += [
            ("tokens a word", f"{found.tokens.count / total:.3f}"),
            ("words that are [UNK]", f"{found.tokens.unknown:,} ({found.tokens.unknown / total:.3%})"),
        ]
    return table(("of the text", ""), rows)


def _syllables(characters: Counter[str]) -> str:
    hangul = Counter({c: n for c, n in characters.items() if "가" <= c <= "힣"})
    total = hangul.total()
    inside = sum(count for c, count in hangul.items() if c in standard_syllables())
    outside = Counter({c: n for c, n in hangul.items() if c not in standard_syllables()})
    rare = ", ".join(f"{c} ({n:,})" for c, n in _most(outside, 15)) or "none"
    rows = [
        ("Hangul syllables", f"{total:,} of {characters.total():,} characters"),
        ("different ones", f"{len(hangul):,} of 11,172"),
        ("within the 2,350 of KS X 1001", f"{inside / total:.4%}" if total else "none"),
        ("outside of it", rare),
    ]
    return table(("of the text", ""), rows)


def _draw(folder: Path, manifest: Manifest, words: Counter[str]) -> list[tuple[Path, str]]:
    years = {year: counts.sentences for year, counts in _every_year(manifest).items()}
    sections = {name: counts.sentences for name, counts in list(manifest.sections.items())[:_BARS]}
    wanted = [
        ("years", "Sentences by year", {"": years}, False),
        ("lengths", "Sentences by length in characters", manifest.lengths, False),
    ]
    if set(sections) != {"(none)"}:
        wanted.append(("sections", "Sentences by section", {"": sections}, True))
    if words:
        wanted.append(("words", "Words of its own, by frequency", {"": dict(_most(words, _BARS))}, True))
    (folder / "figures").mkdir(exist_ok=True)
    drawn = []
    for name, title, values, flat in wanted:
        for suffix in figures.SUFFIXES:
            path = folder / "figures" / (name + suffix)
            figures.bars(path, title, "times" if name == "words" else "sentences", values, flat)
            drawn.append((path, title))
    return drawn


def _every_year(manifest: Manifest) -> dict[str, Counts]:
    """With the years in between of which there is nothing, so that the axis is one of time."""
    known = [int(year) for year in manifest.years if year != _UNDATED]
    years = [str(year) for year in range(min(known), max(known) + 1)] if known else []
    years += [_UNDATED] * (_UNDATED in manifest.years)
    return {year: manifest.years.get(year, Counts()) for year in years}


def _most(counts: Counter[str], top: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:top]
