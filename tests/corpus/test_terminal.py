from __future__ import annotations

from corpus.terminal import table, width


def test_a_syllable_is_two_columns_wide() -> None:
    assert width("돐a《") == 5


def test_columns_stay_aligned_and_numbers_stand_right() -> None:
    text = table(("word", "count", ""), [("봄", "1,200", "가"), ("가을", "7", "나 ")])
    assert text.splitlines() == ["word  count", "봄    1,200  가", "가을      7  나"]
