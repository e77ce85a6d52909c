"""Spaces between the nouns of a compound: 국제 무역 협정 in the South, 국제무역협정 in the North.

한글 맞춤법, articles 2 and 50, against the North's 띄여쓰기규정, which writes together what is one idea. Where nouns meet, and
that they are nouns, is seen by kiwipiepy (Apache-2.0, its model too), a morphological analyser of the South's Korean.
So the rule comes last: southwards it reads the South's spelling already, northwards the analyser is told the Northern
spellings of `initial_sound.tsv` and `words.tsv`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from corpus.dialect.edits import Edit, Find
from corpus.dialect.initial_sound import northern_words
from corpus.schema import CorpusError

_NOUN = frozenset(("NNG", "NNP", "XSN", "XR"))

# Nouns that stand as adverbs: what follows is no part of theirs.
_ADVERBIAL = frozenset(
    "이번 이날 지난주 지난달 지난해 올해 작년 내년 래년 당시 결과 때 직후 이후 이전 직전 동안 도중 현재 최근 오늘 어제 래일 내일 오전 오후 "
    "반면 경우 한편 다음 처음 마지막 일부 실제 전체 모두 후 뒤 전 채 등 중 간 만약 사실 가운데 대신 올 매일 매년 매달 하루 대부분 자체 누구 "
    "여기 거기 어디 이것 그것 우리 저희 자신 그날 이듬해 해마다 아침 저녁 밤 낮 봄 여름 가을 겨울 요즘 지금 이제".split()
)
# Nouns that join what they count, and nouns that come after a measure: 10일 후, 5년 이상.
_AFTER_MEASURE = frozenset("이상 이하 이내 이후 이전 전 후 뒤 동안 간격 가량 정도 내 만 앞 임기 기간".split())
_NEW_PHRASE = frozenset("모두 스스로 서로 대부분 일부 자신 처음 때 당시 오전 오후 이후 직후".split())
_BOUND = frozenset("중 내 측 간 말 초 상 하 시 때 때문 당 뿐 만".split())


_PLACES = frozenset("전 후 안 때 속 앞 뒤 밖 위 밑 옆 곁".split())
_BOUND_APART = frozenset("중 내 측 때문 등 초 말 채".split())
# With a noun of two syllables before them these make terms of four syllables, which the South's papers write together.
_HEADS = frozenset(
    "시간 업체 단체 의원 회견 조사 후보 기관 회담 회의 테러 사건 은행 법원 학자 협정 지역 선거 투표 방안 사항 혐의 현상 제도 체제 체계 산업 기업 "
    "사업 운동 교육 정책 경제 전화 성서 주의 컴퓨터 사회 문제 회사 폭발 사고 시설 장치 안전 안보 경찰 기술 생활 정치 문화 국가 센터".split()
)


def _north(left: Any, right: Any, text: str) -> bool:
    """Whether the North writes together what these two morphemes end and begin, a space between them."""
    if left.tag in _NOUN and right.tag == "NNB":
        return right.form in _BOUND
    if left.tag in ("MM", "NR", "SN") and right.tag == "NNB":
        return True
    if left.tag == "NNB" and right.tag in ("NNG", "NNB"):
        return right.form in _AFTER_MEASURE or right.form in _BOUND
    if left.tag in _NOUN and right.tag in ("XSV", "XSA"):
        return True
    if left.tag not in _NOUN or right.tag not in ("NNG",):
        return False
    if left.form == "들" and text[left.start - 1] in "이그저":
        return False
    return left.form not in _ADVERBIAL and right.form not in _NEW_PHRASE


def _south(left: Any, right: Any, text: str) -> bool:
    """Whether the South writes apart what these two morphemes end and begin."""
    if left.tag in _NOUN and right.tag == "NNB":
        return right.form in _BOUND_APART
    if left.tag not in _NOUN | {"NNB"} or right.tag not in ("NNG", "NNP"):
        return False
    if left.tag in ("XSN", "NNB"):
        return True
    if right.len == 1:
        return right.form in _PLACES
    if left.len == right.len == 2 and right.form in _HEADS:
        around = text[left.start - 1 : left.start] + text[right.start + 2 : right.start + 3]
        return "가" <= around[:1] <= "힣"
    return not (text[:1] == "(" and text[-1:] == ")")


def _find(text: str, wanted: Callable[[Any, Any, str], bool], spaced: bool) -> Iterator[Edit]:
    lines = text.split("\n")
    offset = 0
    for line, tokens in zip(lines, _kiwi().tokenize(lines), strict=True):
        for left, right in zip(tokens, tokens[1:], strict=False):
            end, start = left.start + left.len, right.start
            if spaced and start == end + 1 and line[end] == " " and wanted(left, right, line):
                yield Edit(offset + end, offset + start, "")
            elif not spaced and start == end and wanted(left, right, line):
                yield Edit(offset + start, offset + start, " ")
        offset += len(line) + 1


@lru_cache(maxsize=1)
def _kiwi() -> Any:
    """The analyser; it takes about two seconds to start.

    Raises:
        CorpusError: kiwipiepy is not installed.
    """
    try:
        from kiwipiepy import Kiwi
    except ImportError:
        raise CorpusError(
            "the rule compounds needs kiwipiepy: pip install 'dprk-bert[dialect]', or leave it out "
            "with --without compounds"
        ) from None
    kiwi = Kiwi()
    for word in northern_words():
        kiwi.add_user_word(word, "NNG")
    return kiwi


def compounds_south(text: str) -> Iterator[Edit]:
    return _find(text, _south, spaced=False)


def compounds_north(text: str) -> Iterator[Edit]:
    return _find(text, _north, spaced=True)
