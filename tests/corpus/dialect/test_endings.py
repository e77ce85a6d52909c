from __future__ import annotations

import pytest

from corpus.dialect.rules import choose, convert

ENDINGS, QUESTIONS = choose(["endings"]), choose(["questions"])


@pytest.mark.parametrize(
    ("north", "south"),
    [
        ("공장이 건설되였다.", "공장이 건설되었다."),
        ("그는 학생이였다.", "그는 학생이었다."),
        ("꽃이 피여 있다", "꽃이 피어 있다"),
        ("힘있게 뛰여야 한다", "힘있게 뛰어야 한다"),
        ("찾아내여", "찾아내어"),
        ("하여 하였다", "하여 하였다"),
    ],
)
def test_yeo_and_eo_behind_a_front_vowel(north: str, south: str) -> None:
    assert convert(north, "rok", ENDINGS) == south
    assert convert(south, "dprk", ENDINGS) == north


def test_the_south_melts_the_stem_and_the_ending_and_the_north_leaves_that_be() -> None:
    north = "던지였다, 밝히였다, 올리였다, 지키여, 말씀하시였다, 움직이였다"
    south = "던졌다, 밝혔다, 올렸다, 지켜, 말씀하셨다, 움직였다"
    assert convert(north, "rok", ENDINGS) == south
    assert convert(south, "dprk", ENDINGS) == south


@pytest.mark.parametrize(
    "text",
    [
        "국내여행과 국내여론, 재개여부",  # 여 begins the next word
        "실패였다, 장비였다, 논의였고 식민지였던 상태여야",  # nouns that end in a vowel: 였 in both
        "아이였다",
        "하시여성",
        "참여와 기여, 수여식",
        "조국이여, 노래하라",
    ],
)
def test_what_is_no_such_ending_stays(text: str) -> None:
    assert convert(text, "rok", ENDINGS) == text


@pytest.mark.parametrize("text", ["이어서 줄을 이었다", "국내어디서나", "제어와 영어", "기어를"])
def test_what_the_north_writes_alike_stays(text: str) -> None:
    assert convert(text, "dprk", ENDINGS) == text


def test_questions_are_doubled_in_the_south() -> None:
    assert convert("언제 할가? 갈가 말가 한다.", "rok", QUESTIONS) == "언제 할까? 갈까 말까 한다."
    assert convert("언제 할까? 갈까 한다.", "dprk", QUESTIONS) == "언제 할가? 갈가 한다."


def test_nouns_and_particles_that_look_like_questions_stay() -> None:
    assert convert("물가와 예술가, 소설가, 할수록", "rok", QUESTIONS) == "물가와 예술가, 소설가, 할수록"
    assert convert("오늘까지, 사람들까지도", "dprk", QUESTIONS) == "오늘까지, 사람들까지도"
