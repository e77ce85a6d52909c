"""The initial-sound rule (두음법칙): 로동 and 노동, 녀자 and 여자, 비률 and 비율.

The South (한글 맞춤법, articles 10-12) drops ㄴ before ㅣ and y at the beginning of a Sino-Korean word, and makes ㄹ
there ㅇ or ㄴ; so too in the second part of a compound (신여성), and 렬, 률 after a vowel or ㄴ are 열, 율. The North
(조선말규범집) writes a character alike in every place. Northwards the sound cannot be told from the letters (노력 is
努力 or 勞力), so words come from the lexicon `initial_sound.tsv`, which has the North's spelling and a kind:

    word        changed both ways, at the beginning of a word and behind another part of a compound
    start       both ways, at the beginning or behind a prefix of one syllable: elsewhere its letters also arise
                where two parts meet (참여자 holds 여자)
    north-only  southwards only: its Southern spelling is another word too (양산 is 량산 or 陽傘)
    kept        a loanword or native word that begins so in the South too (라디오, 녀석)
    same        spelt alike in both, though it begins like a word above (예의주시, 이탈리아)
    inner       two syllables that belong together, so that no word above begins at the second (협력, 참여)

All entries are our own, from general knowledge of the language.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from corpus.dialect.edits import Edit, apply, final
from corpus.dialect.lexicon import Direction, initial_sound_words

# A word behind one of these is a word's beginning as well (신녀성, 비론리적).
_PREFIXES = frozenset("신구비무반총대소각전현부재초고저본주준친탈미남북동서중매제핵선후양생")
# Northern beginnings that are the South's in no native word and in few loanwords (those are `kept`).
_SINO = frozenset("락란람랍랑랭량략려력련렬렴렵령례록론뢰료룡류륙륜률륭릉륵림립린녀념녕뇨")
# Names are told by the title behind them; 임, 유, 양, 여 are the South's spelling of other families too.
_TITLES = "동무|동지|선생|박사|교수|기사|감독|선수|지배인|작업반장|관리위원장|아바이|원장|기자"
_NAME = re.compile(rf"(?<![가-힣])[리로이노](?=[가-힣][가-힣](?<![은는이가을를의에와과도]) ?(?:{_TITLES}))")
_NAMES_NORTH = {"이": "리", "노": "로"}

_OPEN_OR_N = final("ㄴ") + final("")
_RATE = re.compile(f"(?<=[{_OPEN_OR_N}])[렬률]")
_RATE_NORTH = re.compile(
    f"(?<=[{_OPEN_OR_N}])율(?=[은이을의과도로에]|[^가-힣]|$)|(?<=[계나배분서진대우균선])열(?!심|띠|망|량|정|린|려)"
)
_CHANGED = frozenset(("word", "start", "north-only"))
_LONGEST = 5
_CLOSING = frozenset(")]”’》〉」』")


def to_south(syllable: str) -> str:
    """What the South begins a word with where the North writes `syllable`: 로 → 노, 려 → 여, 녀 → 여."""
    code = ord(syllable) - 0xAC00
    first, vowel, rest = code // 588, code % 588 // 28, code % 28
    soft = vowel in (2, 3, 6, 7, 12, 17, 20)  # ㅑ ㅒ ㅕ ㅖ ㅛ ㅠ ㅣ
    if first == 5:
        first = 11 if soft else 2
    elif first == 2 and soft:
        first = 11
    return chr(0xAC00 + first * 588 + vowel * 28 + rest)


def southwards(text: str) -> Iterator[Edit]:
    """로동 → 노동, 신녀성 → 신여성, 라렬 → 나열, 리영희선생 → 이영희선생."""
    words = initial_sound_words()
    for match in _candidates("rok").finditer(text):
        at, syllable = match.start(), match[0]
        place = _place(text, at)
        kind = words[entry] if (entry := _entry(text, at, words)) else None
        if place == "start":
            change = kind in _CHANGED or (
                kind is None and (syllable in _SINO or _NAME.match(text, at) is not None)
            )
        elif syllable in "렬률" and _RATE.match(text, at):
            change = True
        else:
            change = (kind == "word" and place != "seam") or (kind == "start" and place == "prefixed")
        if change and not _counts(text, at):
            yield Edit(at, at + 1, to_south(syllable))


def northwards(text: str) -> Iterator[Edit]:
    """노동 → 로동, 신여성 → 신녀성, 비율 → 비률; only words of the lexicon."""
    words, done = _southern(), 0
    for match in _candidates("dprk").finditer(text):
        at = match.start()
        if at < done:
            continue
        place = _place(text, at)
        south = _entry(text, at, words) if place != "seam" and not _counts(text, at) else None
        north, kind = words[south] if south else ("", "")
        if south and (kind == "word" or (kind == "start" and place != "inside")):
            done = at + len(south)
            yield Edit(at, done, north)
        elif place != "start" and _RATE_NORTH.match(text, at):
            yield Edit(at, at + 1, "률" if match[0] == "율" else "렬")
        elif match[0] in _NAMES_NORTH and not south and _NAME.match(text, at):
            yield Edit(at, at + 1, _NAMES_NORTH[match[0]])


def _place(text: str, at: int) -> str:
    """Where in its word a syllable stands: `start`, `prefixed` (behind a prefix of one syllable), `inside` (a word may
    begin here) or `seam` (none does)."""
    if at == 0 or not "가" <= text[at - 1] <= "힣":
        # What follows a closing mark goes with the word before it: “로조”란, (1987)년도.
        closed = text[at - 1 : at] in _CLOSING or (text[at - 1 : at] == '"' and text[at - 2 : at - 1].strip())
        return "seam" if at and closed else "start"
    if text[at - 1 : at + 1] in _inner():
        return "seam"
    if at > 1 and "가" <= text[at - 2] <= "힣":
        return "inside"
    return "prefixed" if text[at - 1] in _PREFIXES else "seam"


def _counts(text: str, at: int) -> bool:
    """Whether the syllable belongs to a number: 5년간, 10리, 30여명."""
    if not at or not (text[at - 1].isdigit() or text[at - 1] in "십백천만억"):
        return False
    return text[at] in "년리량여" and text[at : at + 2] not in ("량국", "여성", "여자")


def _entry(text: str, at: int, words: Collection[str]) -> str | None:
    """The longest entry that the text has at this place; one of a single syllable is a whole word."""
    for size in range(min(_LONGEST, len(text) - at), 0, -1):
        entry = text[at : at + size]
        if entry in words and (size > 1 or not "가" <= text[at + 1 : at + 2] <= "힣"):
            return entry
    return None


@lru_cache(maxsize=2)
def _candidates(to: Direction) -> re.Pattern[str]:
    firsts = {word[0] for word, kind in initial_sound_words().items() if kind in _CHANGED}
    south = {to_south(first) for first in firsts}
    letters = firsts | _SINO | set("로리률") if to == "rok" else south | set("열율이노")
    return re.compile(f"[{''.join(sorted(letters))}]")


@lru_cache(maxsize=1)
def _inner() -> frozenset[str]:
    return frozenset(initial_sound_words(inner=True))


@lru_cache(maxsize=1)
def _southern() -> dict[str, tuple[str, str]]:
    """Southern spelling -> Northern spelling and kind, of what the South spells in one way only."""
    return {
        apply(word, southwards(word)): (word, kind)
        for word, kind in initial_sound_words().items()
        if kind in ("word", "start", "same")
    }


def northern_words() -> tuple[str, ...]:
    """The Northern spellings that a reader of the South's Korean does not know."""
    return tuple(word for word, kind in initial_sound_words().items() if kind in _CHANGED)
