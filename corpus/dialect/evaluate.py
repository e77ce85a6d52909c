"""How near a conversion comes to a reference, line by line, and what each rule has done for it.

Error rates are Levenshtein distances to the reference, summed over lines, divided by the length of the reference: of
characters, spaces among them (CER), and of words between spaces (WER; word accuracy is 1 - WER).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from corpus.dialect.edits import Edit, apply
from corpus.dialect.lexicon import Direction
from corpus.dialect.rules import Change, Rule, around
from corpus.schema import CorpusError

Verdict = Literal["right", "wrong", "neither"]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a conversion is worth.

    Attributes:
        before, after: (CER, WER) of the source and of its conversion.
        spaces, letters: characters of error left in the end that are spaces, and that are not.
        changes: (change, verdict) -> times. Right brought its line nearer to the reference, by itself and where
            the rules before it had left the line; wrong took it further away; neither did neither.
        left: (word as it is in the end, as the reference has it) -> times.
    """

    before: tuple[float, float]
    after: tuple[float, float]
    spaces: int
    letters: int
    changes: Counter[tuple[Change, Verdict]]
    left: Counter[tuple[str, str]]


def evaluate(
    source: Sequence[str], reference: Sequence[str], to: Direction, rules: Sequence[Rule]
) -> Evaluation:
    """Convert the lines of `source` and compare them with those of `reference`.

    Raises:
        CorpusError: not as many lines in the one as in the other, none, or no rapidfuzz.
    """
    if len(source) != len(reference) or not source:
        raise CorpusError(
            f"{len(source):,} lines to convert and {len(reference):,} to compare them with: line by line they must "
            "be the same text, and there must be some"
        )
    distance = _levenshtein()
    lines = list(source)
    changes: Counter[tuple[Change, Verdict]] = Counter()
    for rule in rules:
        for number, edits in list(_by_line(lines, rule, to)):
            line, wanted = lines[number], reference[number]
            now = distance.distance(line, wanted)
            for edit in edits:
                then = distance.distance(apply(line, [edit]), wanted)
                verdict: Verdict = "right" if then < now else "wrong" if then > now else "neither"
                changes[Change(rule.name, *around(line, edit)), verdict] += 1
            lines[number] = apply(line, edits)
    left: Counter[tuple[str, str]] = Counter()
    errors = {"space": 0, "letter": 0}
    for line, wanted in zip(lines, reference, strict=True):
        for operation in distance.opcodes(line, wanted):
            if operation.tag != "equal":
                edit = Edit(
                    operation.src_start,
                    operation.src_end,
                    wanted[operation.dest_start : operation.dest_end],
                )
                touched = line[edit.start : edit.end] + edit.replacement
                errors["letter" if touched.strip() else "space"] += max(
                    edit.end - edit.start, len(edit.replacement)
                )
                left[around(line, edit)] += 1
    return Evaluation(
        rates(source, reference), rates(lines, reference), errors["space"], errors["letter"], changes, left
    )


def rates(lines: Sequence[str], reference: Sequence[str]) -> tuple[float, float]:
    """(CER, WER) of the lines."""
    distance = _levenshtein().distance
    pairs = list(zip(lines, reference, strict=True))
    characters = sum(distance(line, wanted) for line, wanted in pairs)
    words = sum(distance(line.split(), wanted.split()) for line, wanted in pairs)
    return (
        characters / max(1, sum(map(len, reference))),
        words / max(1, sum(len(wanted.split()) for wanted in reference)),
    )


def _by_line(lines: Sequence[str], rule: Rule, to: Direction) -> Iterator[tuple[int, list[Edit]]]:
    """The edits of a rule, found in all lines at once, by the number of the line and with places in it."""
    found = sorted(rule.find(to)("\n".join(lines)), key=lambda edit: edit.start)
    start = number = 0
    here: list[Edit] = []
    for edit in found:
        while edit.start > start + len(lines[number]):
            if here:
                yield number, here
                here = []
            start += len(lines[number]) + 1
            number += 1
        here.append(Edit(edit.start - start, edit.end - start, edit.replacement))
    if here:
        yield number, here


def _levenshtein() -> Any:
    try:
        from rapidfuzz.distance import Levenshtein
    except ImportError:
        raise CorpusError("an evaluation needs rapidfuzz: pip install 'dprk-bert[dialect]'") from None
    return Levenshtein
