from __future__ import annotations

from pathlib import Path

import pytest

from corpus.orthography import northern, orthography
from corpus.sources import Source
from corpus.tally import Tally


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("녀성로동자들은 력사유적을 찾았다.", "dprk"),
        ("여성 노동자들은 역사 유적을 찾았다.", "rok"),
        ("로동의 력사. 《노동》이라고도 쓴다.", "dprk"),
        ("비가 온다.", None),
        ("로동과 노동", None),
    ],
)
def test_the_more_frequent_spelling_decides(text: str, expected: str | None) -> None:
    assert orthography(text) == expected


@pytest.mark.realdata
def test_four_new_year_addresses_are_spelt_as_in_the_south(real_data: Path) -> None:
    addresses = Source("newyear", str(real_data / "dprk" / "new_year")).read(Tally())
    found = {address.id: orthography(address.text) for address in addresses}
    south = ["newyear/2008", "newyear/2014", "newyear/2015", "newyear/2018"]
    assert [name for name, spelling in found.items() if spelling != "dprk"] == south


@pytest.mark.parametrize(
    "word", ["력사", "련맹을", "례년", "료리", "량식", "녀자는", "뇨소", "로동자", "리익을"]
)
def test_a_first_sound_that_only_the_north_writes_is_known(word: str) -> None:
    assert northern(word)


@pytest.mark.parametrize(
    "word", ["역사", "리터", "뉴스", "니켈", "나라", "노래", "누나", "러시아", "경력", "레몬"]
)
def test_words_that_begin_alike_in_both_koreas_are_not(word: str) -> None:
    assert not northern(word)
