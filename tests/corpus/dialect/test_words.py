from __future__ import annotations

import pytest

from corpus.dialect.lexicon import Direction, word_pairs
from corpus.dialect.rules import choose, convert

RULES = choose(["places", "loanwords", "vocabulary", "middle-s"])


@pytest.mark.parametrize(
    ("north", "south"),
    [
        ("로씨야와 뽀르뚜갈, 웽그리아", "러시아와 포르투갈, 헝가리"),
        ("뜨락또르로 밭을 갈다", "트랙터로 밭을 갈다"),
        ("남새를 심다", "채소를 심다"),
        ("나무잎이 비물에", "나뭇잎이 빗물에"),
        ("바다가양식장", "바닷가양식장"),
    ],
)
def test_a_word_pair_changes_both_ways(north: str, south: str) -> None:
    assert convert(north, "rok", RULES) == south
    assert convert(south, "dprk", RULES) == north


@pytest.mark.parametrize(
    ("north", "south"),
    [
        ("도이췰란드는 도이췰란드가 도이췰란드를 도이췰란드와", "독일은 독일이 독일을 독일과"),
        ("로보트를 만들다", "로봇을 만들다"),
        ("도이췰란드로", "독일로"),
        ("인터네트로 보내다", "인터넷으로 보내다"),
        ("윁남과", "베트남과"),
    ],
)
def test_particles_agree_with_the_new_word(north: str, south: str) -> None:
    assert convert(north, "rok", RULES) == south
    assert convert(south, "dprk", RULES) == north


@pytest.mark.parametrize(
    "text",
    [
        "바다가 푸르다",  # the particle 가, not the shore
        "기대를 걸다, 기발한 생각",  # 期待, 奇拔; not a pole, a flag
        "준비물과 가수자리",  # inside words
        "수자원과 비물질",
        "회수하다",  # 回收
    ],
)
def test_words_that_look_like_an_entry_stay_on_the_way_south(text: str) -> None:
    assert convert(text, "rok", RULES) == text


@pytest.mark.parametrize("text", ["파리가 날다", "인도를 걷다", "30%라면 좋다", "괜찮다"])
def test_words_of_several_meanings_stay_on_the_way_north(text: str) -> None:
    assert convert(text, "dprk", RULES) == text


@pytest.mark.parametrize("to", ["rok", "dprk"])
def test_no_word_has_two_replacements_and_none_is_another_entrys_source(to: Direction) -> None:
    pairs = [pair for pair in word_pairs() if pair.to in ("both", to)]
    sources = [pair.north if to == "rok" else pair.south for pair in pairs]
    assert len(sources) == len(set(sources))
    results = {pair.south if to == "rok" else pair.north for pair in pairs}
    assert not results & set(sources)


def test_every_pair_that_is_sure_both_ways_comes_back() -> None:
    for pair in word_pairs():
        if pair.to == "both":
            assert convert(pair.north, "rok", RULES) == pair.south
            assert convert(pair.south, "dprk", RULES) == pair.north
