"""Spaces between the nouns of a compound: 국제 무역 협정 in the South, 국제무역협정 in the North.

한글 맞춤법, articles 2 and 50, against the North's 띄여쓰기규정, which writes together what is one idea. Where
nouns meet, and that they are nouns, is seen by kiwipiepy (Apache-2.0, its model too), a morphological analyser of the
South's Korean. So the rule comes last: southwards it reads the South's spelling already, northwards the analyser is
told the Northern spellings of `initial_sound.tsv`.

Neither standard settles every compound, and usage differs within one newspaper: what is done here is what most of
the pairs do on which the rules were measured (docs/corpus.md). The nouns that matter are in `nouns.tsv`:

    adverbial       stands for itself: what follows is another phrase (이번 회의)
    phrase          begins another phrase (정부 대변인 일부)
    after-measure   follows a measure (10일 이상)
    bound-north     a bound noun that the North joins to a noun (회의중)
    bound-south     one that the South sets apart (회의 중)
    place           a noun of one syllable that the South sets apart (상자 안)
    head            with two syllables before it a term of four, which the South's papers write together (기자회견)

The list is our own, from general knowledge of the language.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

from corpus.dialect.edits import Edit
from corpus.dialect.initial_sound import northern_words
from corpus.dialect.lexicon import nouns
from corpus.schema import CorpusError

# Tags of the Sejong set: nouns and names, noun suffixes (적, 들), roots.
_NOUN = frozenset(("NNG", "NNP", "XSN", "XR"))


def compounds_south(text: str) -> Iterator[Edit]:
    """국제무역협정 → 국제 무역협정, 회의중 → 회의 중."""
    for at, end, start, left, right, line in _meetings(text):
        if end == start and _apart(left, right, line):
            yield Edit(at + start, at + start, " ")


def compounds_north(text: str) -> Iterator[Edit]:
    """국제 무역 협정 → 국제무역협정, 회의 중 → 회의중."""
    for at, end, start, left, right, line in _meetings(text):
        if start == end + 1 and line[end] == " " and _together(left, right, line):
            yield Edit(at + end, at + start, "")


def _apart(left: Any, right: Any, line: str) -> bool:
    if left.tag in _NOUN and right.tag == "NNB":
        return right.form in nouns("bound-south")
    if (left.tag not in _NOUN and left.tag != "NNB") or right.tag not in ("NNG", "NNP"):
        return False
    if left.tag in ("XSN", "NNB"):
        return True
    if right.len == 1:
        return right.form in nouns("place")
    if left.len == right.len == 2 and right.form in nouns("head"):
        return "가" <= line[left.start - 1 : left.start] <= "힣"  # more than four syllables
    return True


def _together(left: Any, right: Any, line: str) -> bool:
    if right.tag == "NNB":
        if left.tag in _NOUN:
            return right.form in nouns("bound-north")
        return left.tag in ("MM", "NR", "SN") or (left.tag == "NNB" and _after_measure(right))
    if left.tag == "NNB":
        return right.tag == "NNG" and _after_measure(right)
    if left.tag not in _NOUN or right.tag not in ("NNG", "XSV", "XSA"):
        return False
    if left.form == "들" and line[left.start - 1] in "이그저":  # these, those
        return False
    return right.tag != "NNG" or (left.form not in nouns("adverbial") and right.form not in nouns("phrase"))


def _after_measure(noun: Any) -> bool:
    return noun.form in nouns("after-measure") or noun.form in nouns("bound-north")


def _meetings(text: str) -> Iterator[tuple[int, int, int, Any, Any, str]]:
    """Every two morphemes that follow each other: where their line begins, where in it the first ends and the second
    begins, the two, and the line."""
    at = 0
    lines = text.split("\n")
    for line, morphemes in zip(lines, _analyser().tokenize(lines), strict=True):
        for left, right in pairwise(morphemes):
            yield at, left.start + left.len, right.start, left, right, line
        at += len(line) + 1


@lru_cache(maxsize=1)
def _analyser() -> Any:
    """Takes about two seconds to start.

    Raises:
        CorpusError: kiwipiepy is not installed.
    """
    try:
        from kiwipiepy import Kiwi
    except ImportError:
        raise CorpusError(
            "the rule compounds needs kiwipiepy: pip install 'dprk-bert[dialect]', or leave the rule out "
            "with --without compounds"
        ) from None
    kiwi = Kiwi()
    for word in northern_words():
        kiwi.add_user_word(word, "NNG")
    return kiwi
