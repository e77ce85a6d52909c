"""Verb endings that the two standards write differently: 되여 and 되어, 할가 and 할까.

The North writes 여 for 어 behind ㅣ, ㅐ, ㅔ, ㅚ, ㅟ, ㅢ (조선말규범집, article 11: 되여, 피였다, 학생이였다), the South
behind 하 alone (한글 맞춤법, articles 16 and 18). The North writes the endings of question and intent plainly (할가),
the South doubles them (article 53: 할까).
"""

from __future__ import annotations

import re

from corpus.dialect.edits import Find, final, replace_matches

# Stems that stay apart from 었 in the South: 되었다. Some nouns end alike and take 였 there as well (실패였다,
# 장비였다), so most are taken at the beginning of a word only.
_APART = (
    "(?:[되쥐뛰띄빼캐떼]|(?<=[아어해여려켜쳐져러라빛])내|(?<=얽)매|(?<=일)깨|(?<=포)개"
    "|(?<![가-힣])[쉬뉘휘띠끼피비메베내매개깨패새꾀])"
)
# Stems of which ㅣ and 었 become one syllable: 던졌다. They are told from nouns (식민지였다, 경기였다) by what
# stands before.
_MELTS = {
    "시": "하으되오가주보계드나서",
    "지": "어아여러려겨혀켜던만펼넘떨빠라워해드무쓰",
    "키": "시으지삼",
    "히": "밝높굳앉맺잊뒤익막박업잡꽂",
    "기": "남넘옮맡웃안감굶숨튕즐당앗섬챙",
    "리": "올내그달벌누버알돌울들날놀풀열꾸드뿌때말밀걸물몰흔널털썰뚤",
    "치": "펼바마르고떨외미넘뭉닥솟합겹",
    "니": "다지",
    "피": "살지",
    "끼": "느",
    "미": "꾸스",
    "이": "보쓰높움직벌울죽먹줄쌓놓녹붙썩깊섞끓늘덮모꺾",
}
_MELTED = dict(zip("시지키히기리치니피끼미이", "셔져켜혀겨려쳐녀펴껴며여", strict=True))
# What may follow 여 or 어; else it begins another word (국내여행, 재개여부).
_GOES_ON = r"(?=[^가-힣]|$|[서야도라나있오온놓주준줄보본볼버두둔]|지[고는며었]|진|질|졌|가[고는며]|갔|갈|들|냈|낸|낼)"
_YEO = re.compile(
    "|".join(f"(?<=[{before}]){stem}(?:였|여{_GOES_ON})" for stem, before in _MELTS.items())
    + f"|{_APART}(?:였|여{_GOES_ON})|(?<=[가-힣])이(?:였|여(?=[야도서라]))"
)
_EO = re.compile(
    f"{_APART}(?:었|어{_GOES_ON})|(?<=[하으되오가주])시(?:었|어{_GOES_ON})|(?<=[가-힣])이(?:었|어(?=[야도라]))"
)
_NOUN_IN_I = re.compile("(?:아|어린|사|차|나|오|고양|종|놀|둘)$")  # 아이였다 is good in both


def _eo(match: re.Match[str]) -> str:
    """되였 → 되었, 던지였 → 던졌, 학생이였 → 학생이었; 아이였 stays."""
    stem, ending = match[0][0], match[0][1]
    text, at = match.string, match.start()
    if stem in _MELTS and text[at - 1 : at] in _MELTS[stem] and match[0] != "시여":
        open_form = _MELTED[stem]
        return open_form if ending == "여" else chr(ord(open_form) + 20)  # with ㅆ below
    if stem == "이" and _NOUN_IN_I.search(text, max(0, at - 3), at):
        return match[0]
    return stem + {"였": "었", "여": "어"}[ending]


def _yeo(match: re.Match[str]) -> str:
    """되었 → 되였, 학생이었 → 학생이였. 던졌 stays: the North writes it too."""
    stem, ending = match[0][0], match[0][1]
    return stem + {"었": "였", "어": "여"}[ending]


_L = final("ㄹ")
_ASKED = r"(?=[^가-힣]|$|고|요|봐|하는|를)"
_GA = re.compile(f"(?<=[가-힣])[{_L}]가{_ASKED}|(?<![가-힣])[할볼갈올알될줄살쓸팔들말낼]가{_ASKED}")
_KKA = re.compile(f"(?<=[{_L}])까(?!지)")
# Nouns in 가, most of them persons (家): 예술가, 소설가, 물가.
_NOUNS_IN_GA = frozenset("술설물활불출칼쌀별골발절")


def _kka(match: re.Match[str]) -> str:
    return match[0] if match[0][0] in _NOUNS_IN_GA else match[0][0] + "까"


endings_south: Find = replace_matches(_YEO, _eo)
endings_north: Find = replace_matches(_EO, _yeo)
questions_south: Find = replace_matches(_GA, _kka)
questions_north: Find = replace_matches(_KKA, lambda match: "가")
