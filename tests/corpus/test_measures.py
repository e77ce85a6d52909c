from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.measures import jensen_shannon, log_likelihood, log_ratio

CELLS = st.integers(0, 10_000)
LISTS = st.dictionaries(st.sampled_from("가나다라마바"), st.integers(1, 1000), min_size=1)


def test_log_likelihood_of_a_table_worked_by_hand() -> None:
    """((10, 20), (990, 980)): expected 15, 15, 985, 985."""
    by_hand = 2 * (
        10 * math.log(10 / 15)
        + 20 * math.log(20 / 15)
        + 990 * math.log(990 / 985)
        + 980 * math.log(980 / 985)
    )
    assert log_likelihood(10, 20, 990, 980) == pytest.approx(by_hand)


@given(CELLS, CELLS, CELLS, CELLS)
def test_log_likelihood_is_never_negative_and_the_same_for_the_turned_table(
    a: int, b: int, c: int, d: int
) -> None:
    value = log_likelihood(a, b, c, d)
    assert value >= 0
    assert log_likelihood(a, c, b, d) == pytest.approx(value, abs=1e-6)


@given(st.integers(1, 99), st.integers(1, 99), st.integers(1, 9))
def test_log_likelihood_of_proportional_rows_is_0(a: int, b: int, times: int) -> None:
    assert log_likelihood(a, b, a * times, b * times) == pytest.approx(0, abs=1e-6)


def test_log_ratio_counts_doublings() -> None:
    assert log_ratio(80, 1000, 10, 1000) == pytest.approx(3)
    assert log_ratio(8, 1000, 0, 1000) == pytest.approx(4)


@given(LISTS, LISTS, LISTS)
def test_jensen_shannon_is_a_metric(a: dict[str, int], b: dict[str, int], c: dict[str, int]) -> None:
    assert jensen_shannon(a, a) == pytest.approx(0, abs=1e-6)
    assert jensen_shannon(a, b) == pytest.approx(jensen_shannon(b, a))
    assert 0 <= jensen_shannon(a, b) <= 1 + 1e-9
    assert jensen_shannon(a, c) <= jensen_shannon(a, b) + jensen_shannon(b, c) + 1e-6


def test_jensen_shannon_knows_proportions_only() -> None:
    assert jensen_shannon({"가": 1, "나": 2}, {"가": 10, "나": 20}) == pytest.approx(0, abs=1e-6)
    assert jensen_shannon({"가": 1}, {"나": 5}) == pytest.approx(1)
    assert jensen_shannon({"가": 1}, {"가": 1, "나": 1}) ** 2 == pytest.approx(
        (math.log2(4 / 3) + 0.5 * math.log2(2 / 3) + 0.5) / 2
    )


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        jensen_shannon({}, {"가": 1})
