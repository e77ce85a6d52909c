from __future__ import annotations

import pytest

from corpus.dialect.rules import choose, convert

RULES = choose(["bound-nouns", "auxiliaries"])


@pytest.mark.parametrize(
    ("north", "south"),
    [
        ("아는것이 힘이다", "아는 것이 힘이다"),
        ("할수 있다, 할수록", "할 수 있다, 할수록"),
        ("갈수밖에 없다", "갈 수밖에 없다"),
        ("알줄 안다", "알 줄 안다"),
        ("온지 3년", "온 지 3년"),
        ("본바가 있다", "본 바가 있다"),
        ("손을 든채로", "손을 든 채로"),
        ("올뿐이다", "올 뿐이다"),
        ("비가 오기때문에", "비가 오기 때문에"),
        ("10년동안, 5년후에, 20명이상은", "10년 동안, 5년 후에, 20명 이상은"),
        ("여러가지, 몇개, 두명", "여러 가지, 몇 개, 두 명"),
        ("떠나기전에", "떠나기 전에"),
        ("일하고있다. 보고싶다.", "일하고 있다. 보고 싶다."),
        ("도와 설명해주다, 말해준다", "도와 설명해 주다, 말해 준다"),
        ("꽃이 피여있는", "꽃이 피여 있는"),
        ("완성해나간다, 이어왔다, 해왔다", "완성해 나간다, 이어왔다, 해 왔다"),
    ],
)
def test_bound_nouns_and_auxiliaries_stand_apart_in_the_south_alone(north: str, south: str) -> None:
    assert convert(north, "rok", RULES) == south
    assert convert(south, "dprk", RULES) == north


@pytest.mark.parametrize(
    "text",
    [
        "이것과 그것, 별것, 탈것",
        "실수가 있다, 필수 있다",
        "이른바 이론",
        "그동안 오랫동안",
        "한번 세대는 실수",
        "반듯하다, 불만하다",
        "재미있다, 맛있는",
        "아주 도와주다",
        "관리없이, 진리가 없다",
        "것은 바로 그것",
    ],
)
def test_words_that_only_look_so_stay_whole(text: str) -> None:
    assert convert(text, "rok", RULES) == text


@pytest.mark.parametrize(
    "text",
    ["그것은 바로 저기", "할 때", "하는 길에 두 나라", "러시아 주요 도시", "사회에 있는", "나라에서 있은"],
)
def test_what_the_north_writes_apart_stays_apart(text: str) -> None:
    assert convert(text, "dprk", RULES) == text


def test_lines_are_never_joined() -> None:
    for text in ("아는\n것", "아는\n 것", "아는 \n것"):
        assert convert(text, "dprk", RULES) == text
