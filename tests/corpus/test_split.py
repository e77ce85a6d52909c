from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.split import SPLITS, first_days, shares_of, split_of, split_of_day, split_of_sections

IDS = [f"ko/2024-04-01-N{number:04}" for number in range(4000)]


@pytest.mark.parametrize("ratio", [0.5, 0.8, 0.95])
def test_the_share_of_train_is_near_the_ratio(ratio: float) -> None:
    train = sum(split_of(name, ratio) == "train" for name in IDS)
    assert train / len(IDS) == pytest.approx(ratio, abs=0.03)


def test_a_document_stays_in_its_split_whatever_else_is_there() -> None:
    # Written down, so that no later version moves documents of an old corpus from one split to the other.
    assert "".join(split_of(name, 0.5)[0] for name in IDS[:8]) == "ttvvttvt"


def test_another_seed_is_another_split() -> None:
    assert [split_of(name, 0.5, 1) for name in IDS] != [split_of(name, 0.5, 2) for name in IDS]


def test_a_greater_ratio_only_moves_documents_to_train() -> None:
    assert {n for n in IDS if split_of(n, 0.7) == "train"} < {n for n in IDS if split_of(n, 0.9) == "train"}


def test_without_a_ratio_all_is_one_split() -> None:
    assert {split_of(name, None) for name in IDS} == {"all"}


THREE = (0.8, 0.1, 0.1)


def test_three_shares_make_three_splits() -> None:
    found = [split_of(name, THREE) for name in IDS]
    for split, share in zip(SPLITS, THREE, strict=True):
        assert found.count(split) / len(IDS) == pytest.approx(share, abs=0.02)


def test_a_test_split_takes_documents_from_validation_only() -> None:
    """So a corpus with two splits may get a third one later, and no trained document becomes a tested one."""
    assert [n for n in IDS if split_of(n, 0.8) == "train"] == [
        n for n in IDS if split_of(n, THREE) == "train"
    ]


def test_one_ratio_is_two_shares() -> None:
    assert [split_of(name, 0.7) for name in IDS] == [split_of(name, (0.7, 0.3)) for name in IDS]


@pytest.mark.parametrize("ratio", [0, 1, 1.5, (1.0,), (0.5, 0.4), (0.5, 0.5, 0.0), (0.4, 0.3, 0.2, 0.1)])
def test_shares_that_leave_something_out_are_refused(ratio: float | tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="one ratio between 0 and 1"):
        shares_of(ratio)


DAYS = st.dictionaries(
    st.dates(dt.date(2018, 1, 1), dt.date(2019, 12, 31)), st.integers(1, 30), min_size=3, max_size=200
)


@given(DAYS, st.sampled_from([0.5, 0.8, 0.95, (0.8, 0.1, 0.1), (0.1, 0.8, 0.1)]))
def test_days_divide_as_near_to_the_ratio_as_whole_days_allow(
    documents: dict[dt.date, int], ratio: float | tuple[float, ...]
) -> None:
    days = first_days(documents, ratio)
    found = {day: split_of_day(day, days) for day in sorted(documents)}
    assert set(found.values()) == set(SPLITS[: len(shares_of(ratio))])
    assert list(found.values()) == sorted(found.values(), key=SPLITS.index)
    if isinstance(ratio, float):
        total = sum(documents.values())
        train = sum(n for day, n in documents.items() if found[day] == "train")
        shares = [sum(n for d, n in documents.items() if d < cut) for cut in sorted(documents)[1:]]
        assert abs(train - ratio * total) == min(abs(share - ratio * total) for share in shares)


def test_a_thousand_documents_on_many_days_meet_the_ratio_within_1_percent() -> None:
    documents = {dt.date(2020, 1, 1) + dt.timedelta(days=n): 1 + n % 5 for n in range(340)}
    first, second = first_days(documents, THREE)
    total = sum(documents.values())
    assert sum(n for day, n in documents.items() if day < first) / total == pytest.approx(0.8, abs=0.01)
    assert sum(n for day, n in documents.items() if day >= second) / total == pytest.approx(0.1, abs=0.01)


@given(
    st.dictionaries(st.text("가나다라마바사", min_size=1, max_size=3), st.integers(1, 99), min_size=3),
    st.sampled_from([0.5, 0.8, (0.8, 0.1, 0.1)]),
)
def test_every_section_has_one_split_and_every_split_a_section(
    documents: dict[str, int], ratio: float | tuple[float, ...]
) -> None:
    homes = split_of_sections(documents, ratio)
    assert homes.keys() == documents.keys()
    assert set(homes.values()) == set(SPLITS[: len(shares_of(ratio))])


def test_sections_come_as_near_to_the_ratio_as_half_a_section() -> None:
    documents = {f"{n}면": 40 + n for n in range(20)}
    homes = split_of_sections(documents, 0.8)
    train = sum(documents[name] for name, split in homes.items() if split == "train")
    assert train / sum(documents.values()) == pytest.approx(0.8, abs=0.025)
