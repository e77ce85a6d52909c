"""Particles and conjugation of written Korean, by arithmetic on the final consonant (jongseong).

`resolve_particles` and `conjugate` are the two public rules. Both are pure and know the two standards: the
DPRK spells 되여, 보내였다, 하여 where South Korea spells 되어, 보냈다, 해.

A Hangul syllable is U+AC00 + (initial * 21 + vowel) * 28 + final (Unicode Standard, section 3.12).
"""

import re
from functools import lru_cache
from typing import Literal, TypeAlias

Variety: TypeAlias = Literal["dprk", "rok"]

VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_FIRST, _LAST = 0xAC00, 0xD7A3

# What a particle hears at the end of a sign that is read aloud: ("" = vowel, "ㄹ", or another consonant).
_READ_ALOUD = {
    **dict(zip("0123456789", "ㅇㄹ ㅁ  ㄱㄹㄹ ", strict=True)),
    **dict.fromkeys("ABCDEFGHIJKOPQSTUVWXYZ%％℃m㎡㎥", " "),
    **dict.fromkeys("LR", "ㄹ"),
    **dict.fromkeys("Mg㎏", "ㅁ"),
    **dict.fromkeys("Nt", "ㄴ"),
    "㎝": " ",
}
_CLOSING = "》〉\"'’”)）"

_PARTICLE = re.compile(r"은/는|이/가|을/를|과/와|\(으\)로|\(이\)")
_AFTER_CONSONANT = {
    "은/는": "은",
    "이/가": "이",
    "을/를": "을",
    "과/와": "과",
    "(으)로": "으로",
    "(이)": "이",
}
_AFTER_VOWEL = {"은/는": "는", "이/가": "가", "을/를": "를", "과/와": "와", "(으)로": "로", "(이)": ""}


def final_consonant(text: str) -> str:
    """The consonant that closes the last sound of `text` ("" after a vowel); closing quotation marks are
    silent."""
    stripped = text.rstrip(_CLOSING)
    if not stripped:
        return ""
    last = stripped[-1]
    if _FIRST <= ord(last) <= _LAST:
        return FINALS[(ord(last) - _FIRST) % 28].strip()
    digit = str(int(last)) if last.isdecimal() else last
    return _READ_ALOUD.get(digit, " ").strip()


def resolve_particles(text: str) -> str:
    """Replace 은/는, 이/가, 을/를, 과/와, (으)로 and (이) by the form that the sound before them asks
    for."""
    pieces: list[str] = []
    start = 0
    for match in _PARTICLE.finditer(text):
        pieces.append(text[start : match.start()])
        spoken = "".join(pieces[-2:])
        consonant = final_consonant(spoken)
        particle = match.group()
        # 로 follows ㄹ as it follows a vowel: 서울로, 물로.
        as_vowel = not consonant or (particle == "(으)로" and consonant == "ㄹ")
        pieces.append((_AFTER_VOWEL if as_vowel else _AFTER_CONSONANT)[particle])
        start = match.end()
    pieces.append(text[start:])
    return "".join(pieces)


@lru_cache(maxsize=65536)
def conjugate(stem: str, ending: str, variety: Variety) -> str:
    """Join a verb or adjective stem and an ending.

    `stem` may carry its class after a slash: /ㅂ /ㄷ /ㅅ (irregular final), /으 (따르다: not one of the 르
    verbs), /이 (copula). `ending` starts with 어 or 었 (vowel harmony), with 으 (dropped after vowels and
    ㄹ), with a bare ㄴ ㄹ ㅁ ㅂ that closes the stem's last syllable, or with anything else, which is
    appended.
    """
    stem, _, kind = stem.partition("/")
    head = ending[0]
    if head in "어었":
        infinitive = _infinitive(stem, kind, variety)
        if kind == "이" and ending == "어요":
            return stem[:-1] + ("예요" if not final_consonant(stem[:-1]) else "이에요")
        if variety == "rok" and ending.endswith("요") and infinitive.endswith("되어"):
            infinitive = infinitive[:-2] + "돼"  # the spoken style contracts: 돼요, 됐어요
        return infinitive + ending[1:] if head == "어" else _close(infinitive, "ㅆ") + ending[1:]
    if kind == "이" and ending == "다" and variety == "rok" and not final_consonant(stem[:-1]):
        return stem[:-1] + "다"
    final = final_consonant(stem)
    if head == "으":
        if final and final != "ㄹ":
            return _soften(stem, kind) + (ending[1:] if kind == "ㅂ" else ending)
        return stem + ending[1:]
    if head in "ㄴㄹㅁㅂ":
        return _closed(stem, kind, final, ending)
    if final == "ㄹ" and head in "는니네":
        return _close(stem, " ") + ending
    return stem + ending


def _closed(stem: str, kind: str, final: str, ending: str) -> str:
    head, rest = ending[0], ending[1:]
    if head == "ㄴ" and stem[-1] in "있없" and not rest:
        return stem + "는"
    if not final:
        return _close(stem, head) + rest
    if final == "ㄹ":
        return _close(stem, "ㄻ" if head == "ㅁ" else head) + rest
    if head == "ㅂ":
        return stem + "습" + rest
    if ending == "ㄴ다":
        return stem + "는다"
    softened = _soften(stem, kind)
    return (_close(softened, head) if kind == "ㅂ" else softened + _close("으", head)) + rest


def _soften(stem: str, kind: str) -> str:
    """The irregular stem before a vowel: 돕 -> 도우, 듣 -> 들, 짓 -> 지."""
    match kind:
        case "ㅂ":
            return _close(stem, " ") + "우"
        case "ㄷ":
            return _close(stem, "ㄹ")
        case "ㅅ":
            return _close(stem, " ")
    return stem


def _infinitive(stem: str, kind: str, variety: Variety) -> str:
    dprk = variety == "dprk"
    if stem.endswith("하"):
        return stem[:-1] + ("하여" if dprk else "해")
    if kind == "이":
        return stem + ("여" if dprk else "어")
    if kind == "ㅂ":
        # Only 돕다 and 곱다 keep the bright vowel.
        return _close(stem, " ") + ("와" if stem[-1] in "돕곱" and len(stem) == 1 else "워")
    if kind in ("ㄷ", "ㅅ"):
        return _soften(stem, kind) + ("아" if _is_bright(stem[-1]) else "어")
    if final_consonant(stem):
        return stem + ("아" if _is_bright(stem[-1]) else "어")
    return _contract(stem, kind, dprk)


def _contract(stem: str, kind: str, dprk: bool) -> str:
    """A stem that ends in a vowel runs into 아/어; the DPRK writes 여 after the front vowels ㅣ ㅐ ㅔ ㅚ ㅟ
    ㅢ."""
    body, last = stem[:-1], stem[-1]
    onset = (ord(last) - _FIRST) // 28 // 21
    vowel = _vowel(last)
    if vowel in "ㅏㅓㅕ":
        return stem
    if vowel in "ㅐㅔ":
        return stem + "여" if dprk else stem
    if vowel in "ㅚㅟㅢ":
        return stem + ("여" if dprk else "어")
    if vowel == "ㅣ":
        return stem + ("여" if dprk else "어") if not body else body + _syllable(onset, "ㅕ")
    if vowel == "ㅗ":
        return stem + "아" if dprk and last != "오" else body + _syllable(onset, "ㅘ")
    if vowel == "ㅜ":
        return stem + "어" if dprk and last != "우" else body + _syllable(onset, "ㅝ")
    if vowel == "ㅡ":
        bright = bool(body) and _is_bright(body[-1])
        if last == "르" and kind != "으" and body:
            return _close(body, "ㄹ") + ("라" if bright else "러")
        return body + _syllable(onset, "ㅏ" if bright else "ㅓ")
    return stem + "어"


def _vowel(syllable: str) -> str:
    return VOWELS[(ord(syllable) - _FIRST) // 28 % 21]


def _is_bright(syllable: str) -> bool:
    return _vowel(syllable) in "ㅏㅗ"


def _syllable(onset: int, vowel: str) -> str:
    return chr(_FIRST + (onset * 21 + VOWELS.index(vowel)) * 28)


def _close(text: str, final: str) -> str:
    """Give the last syllable the final consonant `final` (a blank opens it)."""
    last = ord(text[-1]) - _FIRST
    return text[:-1] + chr(_FIRST + last - last % 28 + FINALS.index(final))
