from __future__ import annotations

import pytest

from corpus.dialect.initial_sound import to_south
from corpus.dialect.lexicon import Direction, initial_sound_words
from corpus.dialect.rules import choose, convert

RULE = choose(["initial-sound"])


@pytest.mark.parametrize(
    ("north", "south"),
    [
        ("로동자", "노동자"),
        ("녀자가 력사를", "여자가 역사를"),
        ("래일 락원에서", "내일 낙원에서"),
        ("신녀성은 비론리적이다.", "신여성은 비논리적이다."),
        ("농업로동자들의 경제련합", "농업노동자들의 경제연합"),
        ("비률과 규률, 출석률", "비율과 규율, 출석률"),
        ("대렬을 라렬하다", "대열을 나열하다"),
        ("《로동》이라는 말", "《노동》이라는 말"),
        ("3련승", "3연승"),
        ("리영희동무는", "이영희동무는"),
        ("년평균 기온", "연평균 기온"),
        ("국제협력련맹", "국제협력연맹"),
    ],
)
def test_a_words_first_sound_changes_both_ways(north: str, south: str) -> None:
    assert convert(north, "rok", RULE) == south
    assert convert(south, "dprk", RULE) == north


@pytest.mark.parametrize(
    "text",
    [
        "라디오와 로봇, 리본과 니켈",
        "녀석은 뉴스를 보았다",
        "님과 함께",
        "5년간 10리를 30량의 차로",
        "협력과 노력, 권력과 경력사항",
        "도로를 따라 우리도 따로 가리라",
        "“경제”론을 주체49(1960)년도에",
        "줘버리기로 하였다",
    ],
)
def test_what_is_no_beginning_of_a_sino_korean_word_stays(text: str) -> None:
    assert convert(text, "rok", RULE) == text


@pytest.mark.parametrize(
    "text",
    [
        "여기에 이것과 나무",
        "참여자와 기여자",  # 여자 inside
        "예의주시하는 이탈리아",
        "연구와 영향, 요구와 유지, 인구와 역할",  # begin so in the North too
        "양산과 이상, 유지",  # 陽傘 or 量産: cannot be told, so they stay
        "노력",  # 努力 stays, 勞力 cannot be told from it
        "이순희 나서고 감독은",
        "번역사와 무역사",
        "30여명이 5년간",
    ],
)
def test_what_begins_so_in_the_north_or_cannot_be_told_stays(text: str) -> None:
    assert convert(text, "dprk", RULE) == text


def test_names_change_before_a_title_only_where_the_family_is_certain() -> None:
    assert convert("이순희선생이 왔다", "dprk", RULE) == "리순희선생이 왔다"
    assert convert("노영수 박사", "dprk", RULE) == "로영수 박사"
    assert convert("임영수 박사와 유영수 박사", "dprk", RULE) == "임영수 박사와 유영수 박사"
    assert convert("이상의 선수들", "dprk", RULE) == "이상의 선수들"


@pytest.mark.parametrize("to", ["rok", "dprk"])
def test_a_second_pass_changes_nothing(to: Direction) -> None:
    text = "로동자와 노동자, 녀성과 여성, 비률과 비율, 신녀성, 라디오, 량강도, 규률"
    once = convert(text, to, RULE)
    assert convert(once, to, RULE) == once


def test_every_word_that_is_sure_both_ways_comes_back() -> None:
    for word, kind in initial_sound_words().items():
        if kind in ("word", "start"):
            south = convert(word, "rok", RULE)
            assert south[0] == to_south(word[0]) != word[0]
            assert convert(south, "dprk", RULE)[0] == word[0], word


def test_words_that_are_kept_or_spelt_alike_stay() -> None:
    kinds = initial_sound_words()
    assert all(convert(word, "rok", RULE) == word for word, kind in kinds.items() if kind == "kept")
    assert all(convert(word, "dprk", RULE) == word for word, kind in kinds.items() if kind == "same")


@pytest.mark.parametrize(
    ("north", "south"), [("로", "노"), ("려", "여"), ("녀", "여"), ("노", "노"), ("률", "율")]
)
def test_the_souths_first_syllable(north: str, south: str) -> None:
    assert to_south(north) == south
