"""The conversion on sentences that a speaker of the North's Korean rewrote; see docs/corpus.md for all figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.dialect.evaluate import evaluate
from corpus.dialect.lexicon import Direction
from corpus.dialect.rules import choose

pytestmark = pytest.mark.realdata

# The rewriter kept the South's quotation marks, names, loanwords and verb endings, which the North writes otherwise.
KEPT = ("quotation", "places", "loanwords", "vocabulary", "middle-s", "endings", "questions")


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("half", [slice(0, 500), slice(500, 1000)], ids=["developed on", "held out"])
@pytest.mark.parametrize(
    ("to", "source", "reference", "without"), [("rok", "nk", "sk", ()), ("dprk", "sk", "nk", KEPT)]
)
def test_at_least_half_of_the_errors_go(
    real_data: Path, to: Direction, source: str, reference: str, without: tuple[str, ...], half: slice
) -> None:
    pairs = real_data / "dprk" / "nk_sk_pairs"
    found = evaluate(
        lines(pairs / f"dev.{source}")[half],
        lines(pairs / f"dev.{reference}")[half],
        to,
        choose(without=without),
    )
    assert found.after[0] <= found.before[0] / 2
    assert found.after[1] <= found.before[1] / 2
