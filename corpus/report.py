"""What the commands print of a corpus: its numbers, differences of two, gaps of a vocabulary, neighbours of a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from corpus.cooccurrence import Neighbour
from corpus.coverage import Coverage
from corpus.measures import jensen_shannon
from corpus.stats import Keyword, Statistics, keywords, quantile
from corpus.terminal import table

_SECTIONS, _REASONS = 15, 12


def report(first: Statistics, name: str, top: int) -> str:
    """One corpus; `top` is the number of words listed."""
    parts = [_overview([(name, first)]), _splits(first)]
    if first.splits == first.manifest.splits:
        parts.append(_years(first))
    if set(first.sections) != {"(none)"}:
        shown = first.sections.most_common(_SECTIONS)
        parts.append(table(("section", "sentences"), [(key, f"{count:,}") for key, count in shown]))
    if first.manifest.dropped:
        rows = sorted(first.manifest.dropped.items(), key=lambda item: -item[1])[:_REASONS]
        parts.append(table(("left out or cut", "times"), [(key, f"{count:,}") for key, count in rows]))
    parts.append(_words("the most frequent words", first.words, top))
    return "\n\n".join(parts)


def comparison(first: Statistics, second: Statistics, names: tuple[str, str], top: int) -> str:
    """Two corpora: sizes, distances, and the words that tell them apart."""
    if names[0] == names[1]:
        names = (f"{names[0]} (1)", f"{names[1]} (2)")
    here, there = (
        Counter({word: n for word, n in a.words.items() if word not in b.words})
        for a, b in ((first, second), (second, first))
    )
    parts = [
        _overview([(names[0], first), (names[1], second)]),
        "distance (Jensen-Shannon; 0: the same proportions, 1: nothing in common)\n"
        + table(
            ("of", "distance"),
            [
                ("words", f"{jensen_shannon(first.words, second.words):.3f}"),
                ("characters", f"{jensen_shannon(first.characters, second.characters):.3f}"),
                ("sentence lengths", f"{_of_lengths(first, second):.3f}"),
            ],
        ),
    ]
    for a, b, name in ((first, second, names[0]), (second, first, names[1])):
        parts.append(_keywords(f"key words of {name}", keywords(a.words, b.words)[:top]))
    for only, name in ((here, names[0]), (there, names[1])):
        parts.append(_words(f"the most frequent words that only {name} has", only, top))
    return "\n\n".join(parts)


def gaps(found: Coverage) -> str:
    """What a vocabulary lacks, a line a character."""
    lines = [
        f"{found.words:,} words, {found.unknown:,} of them [UNK] ({_share(found.unknown, found.words)}); "
        f"the mapping saves {found.saved:,} ({_share(found.saved, found.unknown)})"
    ]
    if found.replaced:
        most = [f"{source} {count:,}" for source, count in found.replaced.items()]
        shown = ", ".join(most[:5]) + (", ..." if len(most) > 5 else "")
        lines.append(
            f"mapped already, so not below: {sum(found.replaced.values()):,} ({shown}); "
            "export with --no-map to see the text as it was"
        )
    if found.gaps:
        rows = [
            (
                gap.character,
                f"U+{ord(gap.character):04X}",
                f"{gap.count:,}",
                f"{gap.unknown:,}",
                f"{gap.saved:,}",
                gap.becomes or "",
                " | ".join(gap.examples),
            )
            for gap in found.gaps
        ]
        head = ("", "code", "count", "[UNK]", "saved", "becomes", "examples")
        lines += ["", table(head, rows)]
    else:
        lines.append("the vocabulary has every character of the corpus")
    return "\n".join(lines)


def near(title: str, found: Sequence[Neighbour]) -> str:
    """The neighbours of one word, in the order given."""
    rows = [
        (
            each.neighbour,
            f"{each.together:,}",
            f"{each.expected:,.1f}",
            f"{each.frequency:,}",
            f"{each.log_likelihood:,.1f}",
            f"{each.mutual_information:.1f}",
        )
        for each in found
    ]
    return f"{title}\n" + table(
        ("", "near", "by chance", "in all", "log-likelihood", "mutual information"), rows
    )


def _overview(corpora: Sequence[tuple[str, Statistics]]) -> str:
    measured = [_numbers(each) for _, each in corpora]
    rows = [(key, *(column[key] for column in measured)) for key in measured[0]]
    return table(("", *(name for name, _ in corpora)), rows)


def _numbers(found: Statistics) -> dict[str, str]:
    documents = sum(counts.documents for counts in found.splits.values())
    sentences, words = found.lengths.total(), found.words.total()
    numbers = {
        "documents": f"{documents:,}",
        "sentences": f"{sentences:,}",
        "words": f"{words:,}",
        "different words": f"{len(found.words):,}",
        "different characters": f"{len(found.characters):,}",
        "sentences a document": f"{sentences / documents:.1f}",
        "words a sentence": f"{words / sentences:.1f}",
        "characters a sentence: mean": f"{sum(k * n for k, n in found.lengths.items()) / sentences:.1f}",
        "    half have at most": f"{quantile(found.lengths, 0.5):,}",
        "    95 % have at most": f"{quantile(found.lengths, 0.95):,}",
        "    the longest has": f"{max(found.lengths):,}",
        "replaced by the mapping": f"{sum(found.manifest.replaced.values()):,}",
    }
    if found.tokens:
        numbers |= {
            "tokens a word (fertility)": f"{found.tokens.count / words:.3f}",
            "words in several tokens": f"{found.tokens.divided / words:.2%}",
            "words that are [UNK]": f"{found.tokens.unknown / words:.3%}",
        }
    return numbers


def _splits(found: Statistics) -> str:
    rows = [
        (name, f"{c.documents:,}", f"{c.sentences:,}", f"{c.characters:,}")
        for name, c in found.splits.items()
    ]
    return table(("split", "documents", "sentences", "characters"), rows)


def _years(found: Statistics) -> str:
    rows = [
        (year, f"{c.documents:,}", f"{c.sentences:,}", f"{c.characters:,}")
        for year, c in found.manifest.years.items()
    ]
    return table(("year", "documents", "sentences", "characters"), rows)


def _words(title: str, counts: Counter[str], top: int) -> str:
    total = counts.total()
    if not total:
        return f"{title}: none"
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:top]
    return f"{title}\n" + table(("word", "times"), [(word, f"{count:,}") for word, count in most])


def _keywords(title: str, found: Sequence[Keyword]) -> str:
    if not found:
        return f"{title}: none"
    rows = [
        (k.word, f"{k.count:,}", f"{k.other_count:,}", f"{k.log_likelihood:,.1f}", f"{k.log_ratio:.1f}")
        for k in found
    ]
    return f"{title}\n" + table(("word", "times", "in the other", "log-likelihood", "log ratio"), rows)


def _of_lengths(first: Statistics, second: Statistics) -> float:
    """In steps of ten characters: every single length would be a difference."""
    binned: list[Counter[str]] = []
    for found in (first, second):
        counts: Counter[str] = Counter()
        for length, times in found.lengths.items():
            counts[str(length // 10)] += times
        binned.append(counts)
    return jensen_shannon(*binned)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3g} %" if whole else "none"
