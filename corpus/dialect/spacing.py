"""Spaces before bound nouns and auxiliary verbs, which the South writes apart and the North does not.

한글 맞춤법, articles 42, 43 and 47 (아는 것, 할 수 있다, 세 명, 하고 있다), against the North's 띄여쓰기규정 (아는것,
할수 있다, 세명, 하고있다). A bound noun is known by what stands before it, as the ㄴ or ㄹ of an adnominal ending, and
by what follows it. One table puts the space in and takes it out. Words that only look so (실수, 필수, 이른바) are in
`nouns.tsv` under the role `whole`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.dialect.edits import Edit, Find, final
from corpus.dialect.lexicon import nouns


@dataclass(frozen=True, slots=True)
class _Seam:
    """A place where the South has a space and the North has none.

    Attributes:
        left, right: patterns of what stands at either side.
        never: words, from their beginning to the end of `right`, that are no such place.
    """

    left: re.Pattern[str]
    right: re.Pattern[str]
    never: frozenset[str] = frozenset()


_N, _L, _NL = final("ㄴ"), final("ㄹ"), final("ㄴㄹ")
_REACH = 10  # characters that `left` may look back
_AFTER = r"(?=[^가-힣]|$|[은는이을를의에도와과가로만]|으로|부터|까지|보다|라|입|일|인|뿐|처럼|조차|마저)"
_UNITS = (
    "년|월|일|주일|주|달|시간|분|초|명|개|딸라|달러|원|톤|살|세|배|번|차례|회|건|대|도|메터|미터|키로|위안|유로|엔"
    "|km|m|%|％"
)
_NEVER = nouns("whole")


def _seams(*rows: tuple[str, str]) -> tuple[_Seam, ...]:
    return tuple(_Seam(re.compile(rf"(?:{left})\Z"), re.compile(right), _NEVER) for left, right in rows)


_BOUND = _seams(
    (f"[{_NL}]|(?<![가-힣])[이그저]|어떤", "것"),
    (f"[{_L}]", r"수(?=[ ]?[있없]|(?:가|는|도|야|조차|밖에|만|까지)[ ,]|밖에)"),
    (f"[{_NL}]", r"바(?=[를와에는가의도 ,.]|이다|있|없)"),
    (f"[{_NL}]", r"줄(?=[ ]?[알아안모몰]|[은을도로][ ])"),
    (
        f"(?<![가-힣])[가-힣]*[{_N}](?<![는인던])",
        r"지(?=[ ]?(?:\d|오래|얼마|몇|벌써|이미|한[ ]?달|한[ ]?해))",
    ),
    ("는", r"데(?=에|[ ](?:대한|대해|대하여|도움|필요|기여|이바지|이용|리용|사용|주로|있어))"),
    (f"[{_N}]", r"채(?=[ ,.]|로)"),
    (f"[{_L}]", r"뿐(?=[ 이만더아,.\"”])"),
    ("[는던된할될은을른]|(?<![북남제권기무])한", "만큼"),
    ("[는던된할될은을른]|(?<![북남제권기무])한", r"대로(?=[ ,.])"),
    (f"[{_L}]", "만(?=[하한큼])"),
    (f"[{_NL}]", r"듯(?=[ 이하한했합싶])"),
    (f"[{_L}]", r"리(?=[ ]?없|[가는][ ]?[없있])"),
    (f"[{_NL}른]", "곳"),
    ("[가-힣]", "때문"),
    (r"[가-힣]|\d[가-힣]", f"동안{_AFTER}"),
    ("[가-힣]기", r"(?:전|이전)(?=[ ,.]|[에의까]|부터)"),
    (
        rf"\d[ ]?(?:{_UNITS})|(?<![가-힣])[수몇][십백천만]?[ ]?(?:{_UNITS})|[십백천만억][ ]?(?:{_UNITS})",
        f"(?:전|후|내|이상|이하|이내|이후|이전|간격|가량|정도){_AFTER}",
    ),
    ("(?<![가-힣])(?:몇|여러|두|세|네|어느)", "(?:명|개|달|가지|곳|마리|사람|시간|차례|군데|쪽|해)"),
)

# The North writes these apart as a rule, and together now and then.
_BOUND_SOUTH = _BOUND + _seams(
    (f"[{_L}]", r"때(?=[ ,.마]|[에의도는면]|부터|까지|보다)"), ("[한된]", "(?:후|뒤)(?=[ ,에])")
)

_OPEN = "해|돼|(?<=[가-힣])[아어여워려켜져혀겨쳐껴]"  # verb forms that an auxiliary follows
_GIVE = "(?:주(?=[었는다고면지기시려던도어자며게])|준|줄(?=[ 수것])|줘|줬|줍|줌)"
_AUXILIARY = tuple(
    _Seam(re.compile(rf"(?:{left})\Z"), re.compile(right), frozenset(never.split()))
    for left, right, never in (
        ("고|(?<!에)서|(?<=[가-힣])게", "(?:있|계[시신셨셔])(?=[가-힣])", ""),
        (_OPEN, "(?:있|계[시신셨셔])(?=[가-힣])", "올해있 피해있 이해있 새해있 언어있 영어있 국어있"),
        ("고", "싶", ""),
        ("고", "나(?=서|면|니까)|난(?=[ ]|뒤|후)", "사고나 사고난"),
        (_OPEN, _GIVE, "도와주 도와준 도와줄 돌려주 아주 해주"),
        ("해|하여", "보(?=[다았고면니자려는기세시])|본(?=[ ])|볼(?=[ 수])|봐|봤", "올해보 피해보"),
        ("해|하여|어려워|(?<=[가-힣])[여려]", "나(?=가|갈|간|갔)", ""),
        (
            "해|하여",
            "(?:오[고는다면며지]|온(?=[ ])|올(?=[ 수])|왔|놓|두[고었면는]|둔|낼|낸|냈|내[는고다려지기])",
            "",
        ),
        ("(?<=[가-힣])(?:해|아|어|여|려)", "버(?=[리린릴렸려림])", "잃어버 잊어버"),
        ("해|(?<=[가-힣])(?:어|려|여)", "달라(?=고|는|며)", ""),
    )
)


def _south(seams: Sequence[_Seam]) -> Find:
    """A space in every seam that has none."""

    def find(text: str) -> Iterator[Edit]:
        places: set[int] = set()
        for seam in seams:
            for match in seam.right.finditer(text):
                at = match.start()
                if (
                    at
                    and text[at - 1] > " "
                    and seam.left.search(text, max(0, at - _REACH), at)
                    and (not seam.never or _word(text, at, match.end()) not in seam.never)
                ):
                    places.add(at)
        return (Edit(at, at, " ") for at in sorted(places))

    return find


def _north(seams: Sequence[_Seam]) -> Find:
    """No space in any seam that has one."""
    spaced = [(seam, re.compile(f" (?={seam.right.pattern})")) for seam in seams]

    def find(text: str) -> Iterator[Edit]:
        places = {
            match.start()
            for seam, pattern in spaced
            for match in pattern.finditer(text)
            if seam.left.search(text, max(0, match.start() - _REACH), match.start())
        }
        return (Edit(at, at + 1, "") for at in sorted(places))

    return find


def _word(text: str, at: int, end: int) -> str:
    """The word that holds the place `at`, from its beginning to `end`."""
    start = at
    while start and "가" <= text[start - 1] <= "힣" and at - start < _REACH:
        start -= 1
    return text[start:end]


bound_nouns_south, bound_nouns_north = _south(_BOUND_SOUTH), _north(_BOUND)
auxiliaries_south, auxiliaries_north = _south(_AUXILIARY), _north(_AUXILIARY)
