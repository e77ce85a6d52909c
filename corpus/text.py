"""Normalisation as a list of small named steps, each with its reason.

A step is data, not code: `normalize` runs it here, and `model/` compiles the same rules into the tokenizer of a
checkpoint, so that raw text meets the treatment that the training text met. Patterns therefore keep to what
Python's `re` and Oniguruma both read alike: literal characters, classes of literal characters and ranges,
groups, `+`, `*`, `|`, and a look-behind of one character.

What looks at a whole document (bylines, repeated passages) is no step: see `corpus.cleaning`.

The orthography is not touched: 로동, 녀성, 력사, 되였다, 《》 and the North's spacing are the corpus.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Replace:
    """Every match of `pattern` becomes `replacement`, which is plain text (no group references).

    `needs`: a quicker pattern; in a text, as it was before any step, in which it finds nothing, `pattern` finds nothing
    after the steps before this one.
    """

    pattern: str
    replacement: str
    needs: str = ""


@dataclass(frozen=True, slots=True)
class UnicodeForm:
    """One of Unicode's normalisation forms (UAX #15)."""

    form: Literal["NFC", "NFKC"]


@dataclass(frozen=True, slots=True)
class Step:
    """`loses`: what the step takes out of a text, if that is words and no layout: a reason for `corpus.tally`."""

    name: str
    reason: str
    rules: tuple[Replace | UnicodeForm, ...]
    loses: str | None = None


def normalize(text: str, steps: Sequence[str] | None = None) -> str:
    """`text` after the named steps (those of the recipe `default` when none are named), in their order.

    A recipe applied twice gives what it gives once. Nothing is trimmed: a space at either end stays one space,
    because an anchor is outside the patterns that Python and Oniguruma share.

    Raises:
        ValueError: a step that `STEPS` does not hold.
    """
    for apply in _compiled(tuple(RECIPES["default"] if steps is None else steps)):
        text = apply(text)
    return text


def lost(text: str, steps: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What the named steps take out of `text`, a paragraph, as words, each with the reason: `Step.loses`."""
    for number, name in enumerate(steps):
        reason = STEPS[name].loses
        for rule in STEPS[name].rules if reason else ():
            if reason and isinstance(rule, Replace) and re.search(rule.needs, text):
                before = normalize(text, steps[:number])
                yield from ((reason, match[0]) for match in re.finditer(rule.pattern, before))


# Neither class needs an escape: no bracket, hyphen, caret or backslash stands in them as itself.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # control characters, without those that are white space
    "\xad"  # soft hyphen: where a scan broke a line
    "\u034f\u061c\u180e"  # joiners and marks of direction, outside the block of the next line
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f"  # zero-width spaces and joiners, marks of direction
    "\ufe00-\ufe0f\ufeff"  # variation selectors, byte order mark
)
# What Python calls white space, and the two Hangul fillers, which are letters by category and blank to the eye.
_WHITE = "\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u3164\uffa0"

# Hanja: the blocks of CJK ideographs.
_HANJA = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_GLOSS = f"[ {_WHITE}]*[{_HANJA}][{_HANJA} {_WHITE}·,、]*"

_FULL_WIDTH = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)} | dict(
    zip("￠￡￢￤￥￦", "¢£¬¦¥₩", strict=True)
)

STEPS: Mapping[str, Step] = MappingProxyType(
    {
        step.name: step
        for step in (
            Step(
                "invisible",
                "Control and zero-width characters print nothing, yet split a word or make it unknown. First, "
                "because a joiner between two jamo would keep NFC from composing them.",
                (Replace(f"[{_INVISIBLE}]", ""),),
            ),
            Step(
                "width",
                "DPRK texts set full stops, digits and Latin letters in full width (．１０％) beside ordinary "
                "ones; vocabularies know the ordinary ones.",
                tuple(Replace(re.escape(wide), narrow) for wide, narrow in _FULL_WIDTH.items()),
            ),
            Step(
                "quotes",
                "One form of each angle quotation mark: the North's 《》 is also typed << >>, ≪≫ or «». Curly, "
                "straight and angle marks stay apart: they are conventions of different texts, and curly ones show "
                "which side they open.",
                (
                    *(Replace(mark, "《") for mark in "≪«⟪"),
                    *(Replace(mark, "》") for mark in "≫»⟫"),
                    *(Replace(mark, "〈") for mark in "‹⟨"),
                    *(Replace(mark, "〉") for mark in "›⟩"),
                    *(Replace(mark, '"') for mark in "„‟〝〞〟"),
                    Replace("<<", "《"),
                    Replace(">>", "》"),
                ),
            ),
            Step(
                "nfc",
                "One code point a syllable (decomposed Hangul comes from macOS file names and some scans) and one "
                "code point a Hanja (the compatibility copies of KS X 1001). NFC, not NFKC, which would turn 10³ "
                "into 103, ①물 into 1물, ㅋㅋ into conjoining jamo, ㎡ into m2 and … into three stops.",
                (UnicodeForm("NFC"),),
            ),
            Step(
                "nfkc",
                "What the paper's published code starts with; for comparison with it only.",
                (UnicodeForm("NFKC"),),
            ),
            Step(
                "hanja",
                "Hanja in brackets behind a word says it a second time, 로동(勞動): the North has printed none since "
                "1949, and many vocabularies know few. Hanja that stands for itself stays.",
                (
                    # All brackets in a row at once, or a second run would find the next behind the word.
                    Replace(
                        f"(?<=[가-힣》〉”’\"'])(?:[ {_WHITE}]*(?:[(]{_GLOSS}[)]|\\[{_GLOSS}\\]))+",
                        "",
                        needs=f"[(\\[（［][ {_WHITE}{_INVISIBLE}]*[{_HANJA}]",
                    ),
                ),
                loses="gloss: Hanja in brackets",
            ),
            Step(
                "punctuation",
                "The paper's published code removes ASCII punctuation except the backslash, and the brackets of "
                "the newspaper. 3.5% becomes two numbers, and no sentence end is left to split at.",
                (Replace("[!-/:-@^_`{-~〈〉◇】【《》]|\\[|\\]", " "),),
            ),
            Step(
                "space",
                "No-break, ideographic and doubled spaces, tabs and line breaks are one space: layout, not text.",
                # Written so that a lone ordinary space, by far the commonest case, is no match.
                (Replace(f" [ {_WHITE}]+|[{_WHITE}][ {_WHITE}]*", " "),),
            ),
        )
    }
)

RECIPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "default": ("invisible", "width", "quotes", "nfc", "hanja", "space"),
        "paper": ("nfkc", "punctuation", "space"),
    }
)


@lru_cache(maxsize=64)
def _compiled(steps: tuple[str, ...]) -> tuple[Callable[[str], str], ...]:
    """The steps as functions; runs of one-character rules become one `str.translate`, which is far faster."""
    unknown = [name for name in steps if name not in STEPS]
    if unknown:
        raise ValueError(f"no such step: {', '.join(unknown)} (there are: {', '.join(STEPS)})")
    functions: list[Callable[[str], str]] = []
    table: dict[int, str] = {}

    def flush() -> None:
        if table:
            functions.append(_translation(dict(table)))
            table.clear()

    for rule in (rule for name in steps for rule in STEPS[name].rules):
        match rule:
            case UnicodeForm(form):
                flush()
                functions.append(partial(unicodedata.normalize, form))
            case Replace(pattern, replacement, needs):
                literal = pattern.removeprefix("\\")
                if len(literal) == 1 and (literal != pattern or re.escape(literal) == literal):
                    # A table replaces all at once, rules replace one after the other: the same only while
                    # nothing that an earlier rule wrote is the source of this one.
                    if any(literal in written for written in table.values()):
                        flush()
                    table.setdefault(ord(literal), replacement)
                elif re.escape(pattern) == pattern:
                    flush()
                    functions.append(partial(_replaced, pattern, replacement))
                else:
                    flush()
                    functions.append(_substitution(re.compile(pattern), replacement, needs))
    flush()
    return tuple(functions)


def _translation(table: dict[int, str]) -> Callable[[str], str]:
    """Few characters of a text are in the table: to look for them is ten times as fast as `str.translate`."""
    found = re.compile("[" + "".join(map(re.escape, map(chr, table))) + "]")
    written = {chr(code): replacement for code, replacement in table.items()}
    return lambda text: found.sub(lambda match: written[match[0]], text)


def _replaced(source: str, replacement: str, text: str) -> str:
    return text.replace(source, replacement)


def _substitution(pattern: re.Pattern[str], replacement: str, needs: str) -> Callable[[str], str]:
    template = replacement.replace("\\", "\\\\")
    if not needs:
        return lambda text: pattern.sub(template, text)
    found = re.compile(needs).search
    return lambda text: pattern.sub(template, text) if found(text) else text
