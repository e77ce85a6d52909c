from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from corpus.rows import paragraphs
from corpus.schema import Treatment
from corpus.syllables import needed, replace
from corpus.text import STEPS, normalize

# Whatever a step looks for, and what could tell two lines from one.
LETTERS = "돐가나윁ᄒ\u1161\u11abＡ１．《》(漢)[字] \xa0\u3000\u200b\u0301\uf8ff\n\r\x85*-<>ab.＊"


@given(
    st.text(LETTERS, max_size=80),
    st.lists(st.sampled_from(sorted(STEPS)), unique=True).map(tuple),
    st.booleans(),
)
def test_paragraphs_treated_together_are_what_each_is_alone(
    text: str, steps: tuple[str, ...], mapped: bool
) -> None:
    mapping = needed(None) if mapped else {}
    alone: Counter[str] = Counter()
    expected = [replace(normalize(line, steps), mapping, alone).strip() for line in text.splitlines()]
    together: Counter[str] = Counter()
    assert paragraphs(text, Treatment(steps, mapping), together) == [line for line in expected if line]
    assert together == alone
