"""Replacement of what a vocabulary lacks, from the table `syllables.tsv`.

WordPiece makes a whole word [UNK] when one of its syllables is not in the vocabulary, and KR-BERT's vocabulary
lacks syllables that the North writes every day (돐, 췰, 윁). The paper (section 4) replaces such syllables by hand; the
table keeps what is sound of its published list, corrects what is not, and adds what real text needs. Its columns:

    source, replacement   what is replaced, by what
    kind                  syllable | phrase (only these letters together) | symbol
    example, result       a word that shows the entry at work, and what becomes of it
    origin                paper | corrected (published otherwise) | ours
    note
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, cast

# A mark that is mapped alone would leave its partner behind: “ to " but ” kept.
_PAIRS = ("《》", "〈〉", "≪≫", "“”", "‘’", "「」", "『』", "【】", "〔〕")
_PARTNER = {mark: pair for pair in _PAIRS for mark in pair}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table."""

    source: str
    replacement: str
    kind: Literal["syllable", "phrase", "symbol"]
    example: str
    result: str
    origin: Literal["paper", "corrected", "ours"]
    note: str


def needed(vocabulary: Collection[str] | None) -> dict[str, str]:
    """Source -> replacement of the entries that a WordPiece vocabulary makes necessary, longest source first.

    An entry is needed when the vocabulary lacks a character of its source. A letter is lacking unless both of
    its forms are there, `s` for the start of a word and `##s` for the inside: an entry's source may stand in either
    place. Punctuation always stands alone, so its bare form is enough; of a pair of quotation marks both are
    mapped as soon as one is lacking.

    Without a vocabulary, all syllables and phrases (KR-BERT lacks every one of them) and no symbol.
    """
    if vocabulary is None:
        chosen = [entry for entry in load_table() if entry.kind != "symbol"]
    else:
        known = vocabulary if isinstance(vocabulary, set | frozenset) else frozenset(vocabulary)
        chosen = [entry for entry in load_table() if _lacks(known, _PARTNER.get(entry.source, entry.source))]
    return {
        entry.source: entry.replacement for entry in sorted(chosen, key=lambda e: (-len(e.source), e.source))
    }


def replace(text: str, mapping: Mapping[str, str], counts: Counter[str] | None = None) -> str:
    """`text` with every source replaced; a longer source wins over a shorter one in it.

    `counts`, where given, grows by one at its source for every replacement.
    """
    if not mapping:
        return text
    pattern = _pattern(tuple(mapping))
    if counts is None:
        return pattern.sub(lambda match: mapping[match[0]], text)
    counts.update(found := pattern.findall(text))
    return pattern.sub(lambda match: mapping[match[0]], text) if found else text


@lru_cache(maxsize=1)
def load_table() -> tuple[Entry, ...]:
    """The entries of `syllables.tsv` in their order."""
    header, *lines = (files("corpus") / "syllables.tsv").read_text(encoding="utf-8").splitlines()
    if header.split("\t") != list(Entry.__dataclass_fields__):
        raise ValueError("syllables.tsv has other columns than corpus.syllables.Entry")
    return tuple(Entry(*cast("tuple[Any, ...]", line.split("\t"))) for line in lines)


def _lacks(known: Collection[str], characters: str) -> bool:
    return any(
        character not in known
        or (f"##{character}" not in known and not unicodedata.category(character).startswith("P"))
        for character in characters
    )


@lru_cache(maxsize=16)
def _pattern(sources: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(source) for source in sorted(sources, key=len, reverse=True)))
