from __future__ import annotations

import builtins
from typing import Any

import pytest

from corpus.dialect import compounds
from corpus.dialect.rules import choose, convert
from corpus.schema import CorpusError

RULE = choose(["compounds"])


def test_nouns_stand_apart_in_the_south() -> None:
    assert (
        convert("과학적방법으로 농업발전계획을 회의중에", "rok", RULE)
        == "과학적 방법으로 농업 발전 계획을 회의 중에"
    )


def test_nouns_are_joined_in_the_north_and_other_words_are_not() -> None:
    text = "농업 발전 계획을 빨리 세운 우리 나라 과학자가 이번 회의에 왔다."
    assert convert(text, "dprk", RULE).startswith("농업발전계획을 빨리 세운 ")
    assert "이번 회의에" in convert(text, "dprk", RULE)


def test_a_term_of_four_syllables_stays_whole_in_the_south() -> None:
    assert convert("기자회견에서", "rok", RULE) == "기자회견에서"


def test_northern_spellings_are_known_on_the_way_north() -> None:
    assert convert("련방 정부가", "dprk", RULE) == "련방정부가"


def test_lines_are_read_apart() -> None:
    assert convert("농업\n계획", "dprk", RULE) == "농업\n계획"


def test_without_its_library_the_rule_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *arguments: Any, **others: Any) -> Any:
        if name.startswith("kiwipiepy"):
            raise ImportError(name)
        return real(name, *arguments, **others)

    compounds._analyser.cache_clear()
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(CorpusError, match=r"dprk-bert\[dialect\].*--without compounds"):
        convert("농업계획", "rok", RULE)
    assert convert("로동", "rok", choose(without=["compounds"])) == "노동"
