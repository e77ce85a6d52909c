from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sentences import split_sentences

GOLDEN = [
    line
    for name in ("sentences.dprk.txt", "sentences.rok.txt")
    for line in (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
BENCHMARK = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "sentence_splitters.py"))
GOLD = {
    name: list(BENCHMARK["read_gold"](BENCHMARK["GOLD"] / f"{name}.txt")) for name in ("develop", "held-out")
}
PIECES = st.lists(
    st.sampled_from(
        [
            *"《》〈〉“”‘’\"'()[].!?…．·,:; ~^ㅋㅠ가다요자라음1A\n",
            "하였다",
            "라고",
            " 하고 ",
            "여러분",
            "1. ",
            "No. ",
            "···",
            "》(",
        ]
    )
).map("".join)


@pytest.mark.parametrize("line", GOLDEN)
def test_golden_paragraph_is_split_where_it_is_marked(line: str) -> None:
    assert split_sentences(line.replace("¦", "")) == [part.strip() for part in line.split("¦")]


def test_there_are_golden_paragraphs_in_both_orthographies() -> None:
    assert len(GOLDEN) >= 90


@pytest.mark.parametrize(("half", "floor"), [("develop", 0.97), ("held-out", 0.975)])
def test_the_gold_set_is_split_with_an_f1_above_its_floor(half: str, floor: float) -> None:
    assert BENCHMARK["score"](GOLD[half], split_sentences).f1 > floor


def test_no_splitter_that_sees_only_stops_and_spaces_comes_near_that_floor() -> None:
    """The gold set is hard enough to tell splitters apart."""
    naive = next(split for name, split in BENCHMARK["splitters"]() if name == "a stop and a space")
    assert all(BENCHMARK["score"](half, naive).f1 < 0.9 for half in GOLD.values())


def test_the_gold_set_has_300_boundaries_in_many_genres_and_both_orthographies() -> None:
    paragraphs = [paragraph for half in GOLD.values() for paragraph in half]
    assert sum(len(paragraph.boundaries) for paragraph in paragraphs) >= 300
    genres = {paragraph.genre for paragraph in paragraphs}
    assert len(genres) >= 15
    assert {genre.rpartition(" ")[2] for genre in genres} == {"(dprk)", "(rok)"}
    assert all(genre in {p.genre for p in half} for half in GOLD.values() for genre in genres)


@given(st.one_of(PIECES, st.text()))
def test_joining_the_sentences_gives_the_paragraph_back_up_to_white_space(paragraph: str) -> None:
    assert "".join("".join(split_sentences(paragraph)).split()) == "".join(paragraph.split())


@given(st.one_of(PIECES, st.text()))
def test_no_sentence_is_empty_or_padded(paragraph: str) -> None:
    assert all(sentence and sentence == sentence.strip() for sentence in split_sentences(paragraph))


@pytest.mark.parametrize("paragraph", ["", " ", "\n\t "])
def test_a_blank_paragraph_has_no_sentence(paragraph: str) -> None:
    assert split_sentences(paragraph) == []


def test_a_long_passage_without_a_stop_is_kept_whole() -> None:
    passage = "논과 밭과 " * 400
    assert split_sentences(passage) == [passage.strip()]


@pytest.mark.parametrize("unit", ["《", "《가.》", "((", "…", "1. ", "다.", '"가."', "3.5", "》(", "요ㅋㅋ"])
def test_hostile_repetition_is_split_without_looking_back_over_it(unit: str) -> None:
    """Quadratic work would take minutes here, so the suite itself would show it."""
    paragraph = unit * 200_000
    assert "".join(split_sentences(paragraph)).replace(" ", "") == paragraph.replace(" ", "")
