"""Sentence templates, the lexicon they draw from, and the scene that keeps one document to its own words.

A template is text with four constructs:

    {product}       a word of the class `product`, from the few that this document keeps to
    {Plant}         the same word throughout the document; {Plant2} is a second one, different from it
    {introduce+고}  a verb of the class, conjugated; <있+다> is a verb written out
    {#10-90/5}      a number from 10 to 90 in steps of 5
    [a|b|]          one of the alternatives, an empty one makes the rest optional; without | it is text

Particles stand in both forms (은/는, (으)로) and are settled when the sentence is complete. A class may be
narrowed: `product@textile` is used instead of `product` where `textile` is one of the scene's tags. Tags
are the topic, its kind, the season, and every word that was bound (so that `capital@꾸바` follows from the
country).
"""

import csv
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

from crawler.replica.korean import Variety, conjugate, resolve_particles

Register: TypeAlias = Literal["plain", "formal", "polite"]

PALETTE = 4  # words of a class that one document keeps to

# Sentence endings by register; the DPRK's newspaper writes only the plain one.
_FINAL_ENDINGS: dict[Register, dict[str, str]] = {
    "plain": {},
    "formal": {"었다": "었습니다", "ㄴ다": "ㅂ니다", "다": "ㅂ니다"},
    "polite": {"었다": "었어요", "ㄴ다": "어요", "다": "어요"},
}


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    ending: str
    binding: str  # "" for a word that is drawn afresh each time


@dataclass(frozen=True, slots=True)
class Number:
    values: range


@dataclass(frozen=True, slots=True)
class Stem:
    stem: str
    ending: str


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple["Template", ...]


Template: TypeAlias = tuple[str | Slot | Number | Stem | Choice, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A concept as one variety writes it; `concept` is the same in both varieties."""

    concept: str
    template: Template


Lexicon: TypeAlias = dict[str, tuple[Entry, ...]]
Sentences: TypeAlias = dict[tuple[str, str], tuple[Template, ...]]

_TOKEN = re.compile(
    r"\{\#(?P<low>\d+)-(?P<high>\d+)(?:/(?P<step>\d+))?\}"
    r"|\{(?P<name>[A-Za-z_]+)(?P<which>\d?)(?:\+(?P<ending>[^}]+))?\}"
    r"|<(?P<stem>[^+<>]+)\+(?P<stem_ending>[^>]+)>"
    r"|\[(?P<options>[^\[\]|]*(?:\|[^\[\]|]*)+)\]"
)


@cache
def parse(text: str) -> Template:
    """Compile a template; what is no construct is text."""
    parts: list[str | Slot | Number | Stem | Choice] = []
    start = 0
    for match in _TOKEN.finditer(text):
        if match.start() > start:
            parts.append(text[start : match.start()])
        start = match.end()
        if match["low"]:
            parts.append(Number(range(int(match["low"]), int(match["high"]) + 1, int(match["step"] or 1))))
        elif match["name"]:
            name = match["name"]
            binding = name + match["which"] if name[0].isupper() else ""
            parts.append(Slot(name.lower(), match["ending"] or "", binding))
        elif match["stem"]:
            parts.append(Stem(match["stem"], match["stem_ending"]))
        else:
            parts.append(Choice(tuple(parse(option) for option in match["options"].split("|"))))
    if start < len(text):
        parts.append(text[start:])
    return tuple(parts)


@cache
def load_lexicon(variety: Variety) -> Lexicon:
    """The words of one variety by class; concepts that the other variety alone has (`-`) are left out."""
    lexicon: dict[str, list[Entry]] = {}
    for row in _rows("lexicon.tsv"):
        if (form := row[variety]) != "-":
            concept = row["dprk"] if row["dprk"] != "-" else row["rok"]
            lexicon.setdefault(row["class"], []).append(Entry(concept, parse(form)))
    return {name: tuple(entries) for name, entries in lexicon.items()}


@cache
def load_sentences(variety: Variety) -> Sentences:
    """The templates of one variety by (topic, role)."""
    sentences: dict[tuple[str, str], list[Template]] = {}
    for row in _rows(f"sentences.{variety}.tsv"):
        sentences.setdefault((row["topic"], row["role"]), []).append(parse(row["template"]))
    return {key: tuple(templates) for key, templates in sentences.items()}


def _rows(name: str) -> list[dict[str, str]]:
    text = files("crawler.replica").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


@dataclass(slots=True)
class Scene:
    """What one document keeps to: its variety, register, tags and date, the words it bound, a palette of
    each class."""

    rng: random.Random
    variety: Variety
    register: Register
    date: date
    tags: list[str]
    bound: dict[str, str] = field(default_factory=dict)
    palettes: dict[str, list[Entry]] = field(default_factory=dict)

    def write(self, template: Template) -> str:
        """Expand a template and settle its particles."""
        return resolve_particles(self._expand(template))

    def _expand(self, template: Template) -> str:
        return "".join(part if isinstance(part, str) else self._fill(part) for part in template)

    def _fill(self, part: Slot | Number | Stem | Choice) -> str:
        match part:
            case Slot(name, ending, ""):
                word = self._calendar(name) or self._expand(self._draw(name).template)
                return self._inflect(word, ending) if ending else word
            case Slot(name, ending, binding):
                word = self._bind(name, binding)
                return self._inflect(word, ending) if ending else word
            case Number(values):
                return str(self.rng.choice(values))
            case Stem(stem, ending):
                return self._inflect(stem, ending)
            case Choice(options):
                return self._expand(self.rng.choice(options))

    def _inflect(self, stem: str, ending: str) -> str:
        return conjugate(stem, _FINAL_ENDINGS[self.register].get(ending, ending), self.variety)

    def _bind(self, name: str, binding: str) -> str:
        if binding not in self.bound:
            entry = self._draw(name)
            self.bound[binding] = self._expand(entry.template)
            self.tags.insert(0, entry.concept)
            if len(self.palettes[name]) > 1:
                self.palettes[name].remove(entry)  # whatever else is named must be another one
        return self.bound[binding]

    def _draw(self, name: str) -> Entry:
        palette = self.palettes.get(name)
        if palette is None:
            entries = self._entries(name)
            palette = self.palettes[name] = self.rng.sample(entries, min(PALETTE, len(entries)))
        if len(palette) > 1:
            # The word drawn last waits at the end, so that no word follows itself.
            index = self.rng.randrange(len(palette) - 1)
            palette[index], palette[-1] = palette[-1], palette[index]
        return palette[-1]

    def _entries(self, name: str) -> Sequence[Entry]:
        lexicon = load_lexicon(self.variety)
        for tag in self.tags:
            if narrowed := lexicon.get(f"{name}@{tag}"):
                return narrowed
        return lexicon[name]

    def _calendar(self, name: str) -> str:
        match name:
            case "day":
                day = self.date - timedelta(days=self.rng.randint(1, 9))
                if self.variety == "dprk":
                    return f"{day.month}월 {day.day}일"
                return f"{day.day}일" if day.month == self.date.month else f"지난달 {day.day}일"
            case "soon":
                day = self.date + timedelta(days=self.rng.randint(1, 3))
                return f"{day.month}월 {day.day}일"
            case "month":
                return str(self.date.month)
            case "prevmonth":
                return str((self.date.month - 2) % 12 + 1)
            case "nextmonth":
                return str(self.date.month % 12 + 1)
        return ""
