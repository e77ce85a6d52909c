from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.dialect.edits import Edit, apply, final
from corpus.dialect.lexicon import Direction, initial_sound_words, word_pairs
from corpus.dialect.rules import RULES, Change, choose, convert
from corpus.schema import CorpusError

FAST = choose(without=["compounds"])


def test_all_rules_together() -> None:
    north = "로동자들이 《뜨락또르》를 만들수 있게 되였다. 나무잎이 지고있다. 어떻게 할가?"
    south = "노동자들이 “트랙터”를 만들 수 있게 되었다. 나뭇잎이 지고 있다. 어떻게 할까?"
    assert convert(north, "rok", FAST) == south
    assert convert(south, "dprk", FAST) == north


def test_quotation_marks_but_no_apostrophes() -> None:
    rule = choose(["quotation"])
    assert convert("“그는 ‘봄’을 썼다”", "dprk", rule) == "《그는 〈봄〉을 썼다》"
    assert convert("《그는 〈봄〉을 썼다》", "rok", rule) == "“그는 ‘봄’을 썼다”"
    assert convert("it’s", "dprk", rule) == "it’s"


def test_each_change_is_reported_with_the_words_around_it() -> None:
    changes: Counter[Change] = Counter()
    convert("로동자가 아는것, 로동자가 아는것", "rok", FAST, changes)
    assert changes == {
        Change("initial-sound", "로동자가", "노동자가"): 2,
        Change("bound-nouns", "아는것,", "아는 것,"): 1,
        Change("bound-nouns", "아는것", "아는 것"): 1,
    }


def test_rules_are_chosen_by_name_in_their_own_order() -> None:
    assert [rule.name for rule in choose(["endings", "places"])] == ["places", "endings"]
    assert [rule.name for rule in choose(without=["compounds"])] == list(RULES)[:-1]
    with pytest.raises(CorpusError, match="no such rule: spelling"):
        choose(["spelling"])


_SURE = [word for word, kind in initial_sound_words().items() if kind in ("word", "start")]
_SURE += [pair.north for pair in word_pairs() if pair.to == "both"]
_CLAUSES = st.tuples(st.sampled_from(_SURE), st.sampled_from(["에서", "도", "만", ""]))


@given(st.lists(_CLAUSES, min_size=1, max_size=8))
def test_words_that_are_sure_come_back_from_the_south(clauses: list[tuple[str, str]]) -> None:
    rules = choose(["places", "loanwords", "vocabulary", "middle-s", "initial-sound"])
    text = " ".join(word + particle for word, particle in clauses)
    assert convert(convert(text, "rok", rules), "dprk", rules) == text


@given(
    st.text("로동녀성리력사률렬율열비할가까되였다하여이것수있는고 바때년0《》“”\n.,가나라abc", max_size=80),
    st.sampled_from(["rok", "dprk"]),
)
def test_any_text_is_converted_line_by_line(text: str, to: Direction) -> None:
    whole = convert(text, to, FAST)
    assert whole.split("\n") == [convert(line, to, FAST) for line in text.split("\n")]


def test_edits_are_applied_where_they_are() -> None:
    assert apply("아는것", [Edit(0, 1, "모르"), Edit(2, 2, " ")]) == "모르는 것"
    assert apply("그대로", []) == "그대로"


def test_syllables_by_their_final_consonant() -> None:
    assert {"는", "안"} <= set(final("ㄴ"))
    assert "할" not in final("ㄴ")
    assert {"가", "하"} <= set(final(""))
    assert not set(final("")) & set(final("ㄴㄹ"))
