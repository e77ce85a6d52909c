from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.syllables import Entry, load_table, needed, replace
from corpus.vocabulary import read_vocabulary

TABLE = load_table()
EVERYTHING = {
    entry.source: entry.replacement for entry in sorted(TABLE, key=lambda e: (-len(e.source), e.source))
}
WORDS = st.lists(
    st.one_of(
        st.sampled_from(sorted(EVERYTHING)),
        st.sampled_from([*'으로하게는것 지첫주년."']),
        st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
    )
).map("".join)


def both_forms(characters: str) -> set[str]:
    return {form for character in characters for form in (character, f"##{character}")}


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.source)
def test_the_example_of_an_entry_becomes_its_result(entry: Entry) -> None:
    assert entry.source in entry.example
    assert replace(entry.example, EVERYTHING) == entry.result


def test_no_replacement_brings_back_a_source() -> None:
    assert [e for e in TABLE if any(source in e.replacement for source in EVERYTHING)] == []


def test_every_source_stands_once_and_changes_something() -> None:
    assert len(EVERYTHING) == len(TABLE)
    assert all(entry.source != entry.replacement for entry in TABLE)


def test_kinds_and_origins_are_the_documented_ones() -> None:
    assert {entry.kind for entry in TABLE} == {"syllable", "phrase", "symbol"}
    assert {entry.origin for entry in TABLE} == {"paper", "corrected", "ours"}
    assert all(len(entry.source) == 1 for entry in TABLE if entry.kind != "phrase")


@given(WORDS)
def test_mapping_twice_is_mapping_once(text: str) -> None:
    once = replace(text, EVERYTHING)
    assert replace(once, EVERYTHING) == once


@given(WORDS)
def test_one_pass_equals_plain_replacement_in_the_order_of_the_mapping(text: str) -> None:
    """A tokenizer replaces entry by entry; the corpus must not differ from it."""
    one_by_one = text
    for source, replacement in EVERYTHING.items():
        one_by_one = one_by_one.replace(source, replacement)
    assert replace(text, EVERYTHING) == one_by_one


def test_a_longer_source_wins_and_replacements_are_counted() -> None:
    counts: Counter[str] = Counter()
    text = "첫돐을 쇤 아이와 10돐, 20돐을 맞는 공장"
    assert replace(text, needed(None), counts) == "첫돌을 쇤 아이와 10주년, 20주년을 맞는 공장"
    assert counts == {"첫돐": 1, "돐": 2}


def test_without_a_vocabulary_syllables_and_phrases_are_needed_and_symbols_are_not() -> None:
    assert set(needed(None)) == {entry.source for entry in TABLE if entry.kind != "symbol"}


def test_longest_sources_come_first() -> None:
    lengths = [len(source) for source in needed(None)]
    assert lengths == sorted(lengths, reverse=True)


def test_a_vocabulary_with_both_forms_of_every_character_needs_nothing() -> None:
    assert needed(both_forms("".join(EVERYTHING))) == {}


@pytest.mark.parametrize("missing", ["돐", "##돐"])
def test_a_syllable_that_lacks_one_of_its_two_forms_is_mapped(missing: str) -> None:
    vocabulary = both_forms("".join(EVERYTHING)) - {missing}
    assert needed(vocabulary) == {"돐생일": "돌생일", "돐잔치": "돌잔치", "첫돐": "첫돌", "돐": "주년"}


def test_quotation_marks_are_mapped_in_pairs() -> None:
    vocabulary = both_forms("".join(EVERYTHING)) - {"《"}
    assert needed(vocabulary) == {"《": '"', "》": '"'}
    assert replace("《봄》", needed(vocabulary)) == '"봄"'


def test_punctuation_needs_no_inner_form() -> None:
    assert needed(both_forms("".join(EVERYTHING)) - {"##《", "##》", "##…"}) == {}


@pytest.mark.realdata
def test_krbert_lacks_every_syllable_and_phrase_of_the_table_and_knows_its_replacement(
    real_data: Path,
) -> None:
    vocabulary = read_vocabulary(real_data / "vocab" / "krbert-char16424.txt")
    words = {entry.source: entry for entry in TABLE if entry.kind != "symbol"}
    assert words.keys() <= needed(vocabulary).keys()
    written = "".join(entry.replacement for entry in words.values())
    assert both_forms(written) <= vocabulary


def test_the_documentation_shows_every_entry() -> None:
    text = (Path(__file__).parents[2] / "docs" / "corpus.md").read_text(encoding="utf-8")
    words = [f"| {entry.source} | {entry.replacement} |" for entry in TABLE if entry.kind != "symbol"]
    signs = [f"`{entry.source}` `{entry.replacement}`" for entry in TABLE if entry.kind == "symbol"]
    assert [shown for shown in words + signs if shown not in text] == []
