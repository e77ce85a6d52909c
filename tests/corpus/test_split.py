from __future__ import annotations

import pytest

from corpus.split import split_of

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
