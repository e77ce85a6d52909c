"""Sentence splitting by rule, for newspaper prose of the North and for texts of the South.

The rule in one breath: a sentence ends at a stop that is followed by a space, or glued to the next word after a verb's
ending; whatever stands in brackets or quotation marks is skipped whole; after a quotation that ends with a stop, the
sentence goes on if the next word quotes (라고, 하면서, ...) or cites a source in brackets.

General splitters fail on this prose where it is most typical: they cut inside 《...》, between 》 and 라고, or before a
《name》 that opens a sentence. Time is linear in the text, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping


def split_sentences(paragraph: str) -> list[str]:
    """The sentences of one paragraph, stripped, none empty; joined they are the paragraph up to white space.

    Line breaks inside the paragraph are ordinary spaces here: split a text into its lines first. A passage
    without a stop is one sentence, however long.
    """
    sentences = []
    start = 0
    for end in _ends(paragraph):
        sentences.append(paragraph[start:end].strip())
        start = end
    sentences.append(paragraph[start:].strip())
    return [sentence for sentence in sentences if sentence]


_CLOSER = dict(zip("《〈≪“‘「『(（[【", "》〉≫”’」』)）]】", strict=True)) | {'"': '"'}
_OPENER = {closer: opener for opener, closer in _CLOSER.items()}
_QUOTES = frozenset('《〈≪“‘「『"')
_STOPS = frozenset(".!?…。．！？")

_BRACKET = re.compile("[" + re.escape("".join({*_CLOSER, *_OPENER})) + "]")
# What a sentence may end at: an opening bracket (its inside is skipped), stops, or laughter after a verb's ending.
_EVENT = re.compile(
    "["
    + re.escape("".join(_CLOSER))
    + r"]|[.!?…。．！？]+|·{3,}|(?<=[다요죠까네지])(?:[ㅋㅎ]{2,}|[ㅠㅜ]+|~+|\^{2,})(?=\s)"
)
_LAUGHTER = re.compile(r"[ㅋㅎㅠㅜ~^]*(?: [ㅋㅎㅠㅜ~^]+(?=\s|$))?")
# In characters. A round bracket that seems longer was never closed, and meets the end of another.
_LONGEST_ASIDE = 200

# What closes a sentence even if no space follows the stop (하였다.그러나). In lists such as 로동자.농민 the
# stop is a middle dot, so a bare 자, 라 or 요 is not enough.
_FINAL = re.compile(
    "(?:[다까죠]|[어아해하세예에여네지래돼대게봐워줘와데거]요|[하가되리이키우내오서치]자|[하으여아어리니키려해]라|시오"
    "|[우오보치두주기]라|[는은던인한된]가|들이여|[았었했였있없]음|여러분)$"
)
# After a pause (그런데… 그는) only an ending makes an end; with a space behind it, one syllable tells enough.
_PAUSE = re.compile(r"[.．…·]{2,}|…")
_ENDING = frozenset("다요까죠네지음임함오라자")
# Words that, a space after a quotation, make it a part of their sentence. (Without a space anything does.)
_QUOTING = re.compile(
    r"\s*(?:(?:이|이시)?라(?:고|는|며|면서|던|도)|하(?:고|는|며|면서|여|였|던|자|니|시)|했|등(?=[\s,.을의이에과으])"
    r"|(?:한|할|고|며|면서|는|은|을|를|가|와|과|의|에|에서|로|으로|및|또는)(?=[\s,.])|(?:소리|함성|구호|구령)(?=[\s,.이가를을는은와과]))"
)
_SAYING = re.compile(r"\s*이?라(?:고|는|며|면서)")
_ENUMERATOR = re.compile(
    r"(?:[(\[]?(?:\d{1,3}(?:\.\d{1,3})*|[가나다라마바사아자차카타파하]|[A-Za-z]|[ㄱ-ㅎ]|[Ⅰ-Ⅻ]|[①-⑳])"
    r"|제 ?\d{1,3}(?:장|절|조|항|편|관|과))[.．]"
)
_ABBREVIATION = re.compile(r"(?:^|[^A-Za-z])(?:[A-Za-z]|No|Mr|Mrs|Dr|St|vs|Vol|pp|cf|Co|Ltd|Inc|Fig)$")
_DATE = re.compile(r"\d\. ?\d{1,2}$")
_SPACE = re.compile(r"\s*")
_WINDOW = 12  # how far back the patterns that end in $ may look


def _ends(text: str) -> Iterator[int]:
    """Where the sentences of `text` end, the last one's end excluded."""
    closed = _closed_brackets(text) if _BRACKET.search(text) else {}
    start = position = _past_space(text, 0)
    while event := _EVENT.search(text, position):
        end: int | None = None
        first = event.start()
        if event[0] in _CLOSER:
            position = closed.get(first, event.end())
            if first in closed and event[0] in _QUOTES and text[position - 2] in _STOPS:
                end = _end_after_quotation(text, position, closed)
        else:
            position = event.end()
            if first > start:  # otherwise the dots open the sentence
                end, position = _end_after_stop(text, start, event, closed)
        if end is not None:
            yield end
            start = position = _past_space(text, end)


def _past_space(text: str, place: int) -> int:
    return match.end() if (match := _SPACE.match(text, place)) else place


def _closed_brackets(text: str) -> dict[int, int]:
    """Opening bracket -> the place after its closing one, for brackets that are closed in this paragraph."""
    closed: dict[int, int] = {}
    stack: list[int] = []
    waiting = dict.fromkeys(_CLOSER, 0)
    for match in _BRACKET.finditer(text):
        mark, place = match[0], match.start()
        opener = _OPENER.get(mark)
        if opener is None or (mark == '"' and not waiting[mark]):
            stack.append(place)
            waiting[mark] += 1
        elif waiting[opener]:
            while text[inner := stack.pop()] != opener:  # never closed themselves
                waiting[text[inner]] -= 1
            waiting[opener] -= 1
            if opener in _QUOTES or place - inner <= _LONGEST_ASIDE:
                closed[inner] = place + 1
    return closed


def _end_after_quotation(text: str, place: int, closed: Mapping[int, int]) -> int | None:
    """The end of the sentence whose last part is a quotation that closes on a stop, or None if it goes on."""
    cited = place + (text[place : place + 1] == " ")
    if text[cited : cited + 1] in ("(", "（") and cited in closed:
        place = closed[cited]
    following = text[place : place + 1]
    if not following.isspace() or _QUOTING.match(text, place):
        return None
    return place


def _end_after_stop(
    text: str, start: int, event: re.Match[str], closed: Mapping[int, int]
) -> tuple[int | None, int]:
    """The end of the sentence at these stops (None if they are not an end), and where to look on."""
    first, place = event.span()
    # Closing marks that belong to nothing, and laughter, stay with the sentence before them.
    while place < len(text) and text[place] in _OPENER and place not in closed:
        place += 1
    laughter = _LAUGHTER.match(text, place)
    place = laughter.end() if laughter else place
    following = text[place : place + 1]
    before = text[max(start, first - _WINDOW) : first]
    if not following or following in ",;:":
        return None, place
    if following.isspace():
        if _PAUSE.fullmatch(event[0]) and before[-1:] not in _ENDING:
            return None, place
        goes_on = _SAYING.match(text, place) or (
            event[0] in (".", "．") and _is_inner_stop(text, start, first, place, before)
        )
        return (None if goes_on else place), place
    if event[0][0] in "!?！？":
        ends = (
            before[-1:].isalpha()
            and (following.isalpha() or following in _CLOSER)
            and not _QUOTING.match(text, place)
        )
    else:
        ends = _FINAL.search(before) is not None and (following.isalnum() or following in _CLOSER)
    if ends and following in "(（" and place in closed:  # 하였다.(박수)
        place = closed[place]
        if text[place : place + 1] in _STOPS:
            return None, place
    return (place if ends else None), place


def _is_inner_stop(text: str, start: int, first: int, place: int, before: str) -> bool:
    """Whether a single stop with a space after it belongs to a numbering, an abbreviation or a date."""
    if _ENUMERATOR.fullmatch(text, start, place) or _ABBREVIATION.search(before) or _DATE.search(before):
        return True
    return before[-1:].isdigit() and text[(after := _past_space(text, place)) : after + 1].isdigit()
