from __future__ import annotations

import pytest

from corpus.dialect.evaluate import evaluate
from corpus.dialect.rules import Change, choose
from corpus.schema import CorpusError

RULES = choose(["initial-sound", "bound-nouns"])


def test_rates_and_verdicts() -> None:
    source = ["로동을 아는것", "아는것", "그대로"]
    reference = ["노동을 아는 것", "아는것", "그대로 둔다"]
    found = evaluate(source, reference, "rok", RULES)
    # Characters: 로 and a space are wrong in the first line; 3 characters are missing in the last.
    assert found.before == pytest.approx((5 / 17, 4 / 6))
    assert found.after == pytest.approx((4 / 17, 3 / 6))
    assert found.changes == {
        (Change("initial-sound", "로동을", "노동을"), "right"): 1,
        (Change("bound-nouns", "아는것", "아는 것"), "right"): 1,
        (Change("bound-nouns", "아는것", "아는 것"), "wrong"): 1,
    }
    assert found.left == {("아는 것", "아는것"): 1, ("그대로", "그대로 둔다"): 1}
    assert (found.spaces, found.letters) == (1, 3)


def test_a_change_that_helps_as_little_as_it_harms_is_neither() -> None:
    found = evaluate(["로동"], ["도동"], "rok", RULES)
    assert [verdict for _, verdict in found.changes] == ["neither"]


@pytest.mark.parametrize(("source", "reference"), [([], []), (["하나"], ["하나", "둘"])])
def test_texts_that_are_not_parallel_are_refused(source: list[str], reference: list[str]) -> None:
    with pytest.raises(CorpusError, match="line by line"):
        evaluate(source, reference, "rok", RULES)
