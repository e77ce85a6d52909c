from __future__ import annotations

from pathlib import Path

import pytest

from corpus.orthography import orthography
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
