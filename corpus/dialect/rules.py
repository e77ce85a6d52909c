"""The rules of either direction, in their order, and their application."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from corpus.dialect import compounds, endings, initial_sound, quotation, spacing
from corpus.dialect.edits import Edit, Find, apply
from corpus.dialect.lexicon import Direction, Kind
from corpus.dialect.words import words
from corpus.schema import CorpusError


@dataclass(frozen=True, slots=True)
class Rule:
    """A named way from one orthography to the other; `south` and `north` say what it finds in each direction."""

    name: str
    south: Find
    north: Find

    def find(self, to: Direction) -> Find:
        return self.south if to == "rok" else self.north


@dataclass(frozen=True, slots=True)
class Change:
    """A word that a rule changed; two words where it took out the space between them."""

    rule: str
    before: str
    after: str


def _listed(name: str, kind: Kind) -> Rule:
    return Rule(name, words(kind, "rok"), words(kind, "dprk"))


# In this order in both directions: marks and whole words, then letters, then spaces, which read the new letters.
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            Rule("quotation", quotation.quotation_south, quotation.quotation_north),
            _listed("places", "place"),
            _listed("loanwords", "loanword"),
            _listed("vocabulary", "vocabulary"),
            _listed("middle-s", "middle-s"),
            Rule("initial-sound", initial_sound.southwards, initial_sound.northwards),
            Rule("endings", endings.endings_south, endings.endings_north),
            Rule("questions", endings.questions_south, endings.questions_north),
            Rule("bound-nouns", spacing.bound_nouns_south, spacing.bound_nouns_north),
            Rule("auxiliaries", spacing.auxiliaries_south, spacing.auxiliaries_north),
            Rule("compounds", compounds.compounds_south, compounds.compounds_north),
        )
    }
)


def choose(only: Sequence[str] = (), without: Sequence[str] = ()) -> tuple[Rule, ...]:
    """The rules of these names (all, where none is named) less those `without`, in their order.

    Raises:
        CorpusError: a name that no rule has.
    """
    if unknown := [name for name in (*only, *without) if name not in RULES]:
        raise CorpusError(f"no such rule: {', '.join(unknown)} (there are: {', '.join(RULES)})")
    return tuple(rule for name, rule in RULES.items() if (not only or name in only) and name not in without)


def convert(
    text: str,
    to: Direction,
    rules: Sequence[Rule] | None = None,
    changes: Counter[Change] | None = None,
) -> str:
    """`text` in the orthography of the other Korea.

    Lines stay lines. `changes`, where given, counts what each rule did.

    Raises:
        CorpusError: the rule `compounds` is asked for and its library is not there.
    """
    for rule in choose() if rules is None else rules:
        edits = list(rule.find(to)(text))
        if edits:
            if changes is not None:
                changes.update(Change(rule.name, *around(text, edit)) for edit in edits)
            text = apply(text, edits)
    return text


def around(text: str, edit: Edit) -> tuple[str, str]:
    """The word or words that an edit touches, before and after it."""
    start, end = edit.start, edit.end
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end], text[start : edit.start] + edit.replacement + text[edit.end : end]
