from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.cleaning import CLEANINGS, RECIPES, clean
from corpus.reading import read_sentences
from corpus.schema import CorpusError, Manifest
from corpus.text import STEPS

PARAGRAPH = (
    "양어장에서는 올해에 새 못을 네개나 더 파고 물길을 곧게 내였으며 먹이가공실도 크게 넓히였다. "
    "관리공들은 이른새벽마다 못을 돌아본다."
)
ANOTHER = (
    "과수원에서는 사과나무 천그루를 옮겨심고 거름을 충분히 내였으며 해충구제도 제때에 하였다. "
    "농장원들은 가을을 기다린다."
)


def kept(text: str, *steps: str) -> str:
    return clean(text, steps)[0]


def cut(text: str, *steps: str) -> list[str]:
    return [passage for _, passage in clean(text, steps)[1]]


class TestSeparators:
    @pytest.mark.parametrize("line", ["* * *", "＊ ＊", "◇", " ※\xa0※ ※ ", "-----", "───", "*******"])
    def test_a_line_of_marks_goes(self, line: str) -> None:
        assert clean(f"봄이다.\n{line}\n여름이다.", ["separators"]) == (
            "봄이다.\n여름이다.",
            [("line: a separator", line.strip())],
        )

    @pytest.mark.parametrize("row", ["＊ ＊", "* * *", "※  ※", "◇ ◇ ◇"])
    def test_a_row_of_marks_inside_a_line_ends_a_paragraph(self, row: str) -> None:
        assert clean(f"봄이다. {row} 여름이다. {row}", ["separators"]) == (
            "봄이다. \n 여름이다. ",
            [("line: a separator", row)] * 2,
        )

    @pytest.mark.parametrize(
        "line", ["- 농업: 늘었다", "◇ 소식", "3 * 4 * 5 = 60", "* * 동무", "···", "…", ".", "", "ㄱ"]
    )
    def test_what_has_a_word_or_may_say_something_stays(self, line: str) -> None:
        assert clean(line, ["separators"]) == (line, [])


class TestBylines:
    @pytest.mark.parametrize(
        "line",
        [
            "본사기자 김철민",
            "본사기자 리 은 경",
            "글 및 사진 본사기자 최영남",
            "글 및 사진 최영남",
            "특파기자 김철민, 리은경",
            "로농통신원 박순희",
            "본사기자 김철민 찍음",
            "본사기자 찍음",
            "리은경 찍음",
            "사진: 리은경",
            "글: 리은경",
            "(사진)",
            "조선중앙통신",
            "[평양 9월 15일발 조선중앙통신]",
            "\xa0본사기자\u3000김철민 ",
            unicodedata.normalize("NFD", "본사기자 김철민"),
        ],
    )
    def test_a_line_that_only_names_who_wrote_or_photographed_goes(self, line: str) -> None:
        assert kept(f"{PARAGRAPH}\n{line}", "bylines") == PARAGRAPH
        assert len(cut(f"{PARAGRAPH}\n{line}", "bylines")) == 1

    @pytest.mark.parametrize("credit", ["본사기자 김철민", "글 및 사진 본사기자 최영남", "리은경 찍음"])
    def test_one_behind_the_last_stop_goes_and_the_sentence_stays(self, credit: str) -> None:
        assert clean(f"{PARAGRAPH} {credit}", ["bylines"]) == (
            PARAGRAPH,
            [("line: a byline or photo credit", credit)],
        )

    @pytest.mark.parametrize(
        "line",
        [
            "본사기자는 양어장을 찾았다.",
            "사진은 새 양어장이다.",
            "기자들이 모여들었다",
            "조선중앙통신은 새 소식을 전하였다.",
            "그는 사진을 찍음으로써 하루를 시작한다.",
            "체신소의 통신원 김철민이 달려왔다.",
            "글을 쓰는 농민",
            "김철민",
            "사진 전시회",
        ],
    )
    def test_sentences_and_bare_names_stay(self, line: str) -> None:
        assert clean(line, ["bylines"]) == (line, [])


class TestRepeats:
    @pytest.mark.parametrize("times", [2, 3, 5])
    def test_a_page_that_shows_its_text_several_times_is_kept_once(self, times: int) -> None:
        text = f"{PARAGRAPH}\n좋은 일이다.\n{ANOTHER}"
        once, cuts = clean("\n".join([text] * times), ["repeats"])
        assert once == text
        assert "\n".join(passage for _, passage in cuts) == "\n".join([text] * (times - 1))
        assert {reason for reason, _ in cuts} == {"passage: a repetition in its document"}

    def test_a_refrain_and_a_slogan_stay(self) -> None:
        song = "강물아 흘러라\n바람아 불어라\n새봄이 온다\n강물아 흘러라\n바람아 불어라\n꽃이 핀다"
        assert clean(song, ["repeats"]) == (song, [])

    def test_the_same_paragraphs_in_another_order_are_judged_one_by_one(self) -> None:
        assert max(len(PARAGRAPH), len(ANOTHER)) < 100
        text = f"{PARAGRAPH}\n{ANOTHER}\n{PARAGRAPH}\n끝이다."
        assert clean(text, ["repeats"]) == (text, [])

    @pytest.mark.parametrize("unit", ["가\n", "\n", "가\n\n\n", "가\n나\n가\n다\n"])
    def test_hostile_repetition_takes_no_quadratic_time(self, unit: str) -> None:
        clean(unit * 50_000, list(CLEANINGS))


LINES = [PARAGRAPH, ANOTHER, "* * *", "봄이다. ＊ ＊ 여름이다.", "본사기자 김철민", "", "끝"]


@given(st.lists(st.sampled_from(LINES)).map("\n".join))
def test_what_is_cut_is_all_that_is_lost(text: str) -> None:
    cleaned, cuts = clean(text, list(CLEANINGS))
    letters = sorted("".join(text.split()))
    assert sorted("".join((cleaned + "".join(passage for _, passage in cuts)).split())) == letters


def test_no_step_is_no_change() -> None:
    text = f"{PARAGRAPH}\n* * *\n본사기자 김철민\n"
    assert clean(text, RECIPES["paper"]) == (text.rstrip("\n"), [])


def test_the_documentation_names_every_step_with_its_reason() -> None:
    text = (Path(__file__).parents[2] / "docs" / "corpus.md").read_text(encoding="utf-8")
    words = " ".join(text.split())
    steps = (*CLEANINGS.values(), *STEPS.values())
    assert [step.name for step in steps if f"- **{step.name}**: {step.reason}" not in words] == []


def test_steps_on_documents_and_on_texts_have_different_names() -> None:
    assert not CLEANINGS.keys() & STEPS.keys()


class TestExport:
    TEXT = f"{PARAGRAPH}\n{ANOTHER}\n* * *\n{PARAGRAPH}\n{ANOTHER}\n로동(勞動)은 즐겁다. 본사기자 김철민"

    def test_every_cut_is_counted_and_shown_on_the_card(self, make_corpus: Callable[..., Path]) -> None:
        folder = make_corpus("c", {"id": "a", "text": self.TEXT})
        manifest = Manifest.load(folder)
        assert manifest.dropped == {
            "gloss: Hanja in brackets": 1,
            "line: a byline or photo credit": 1,
            "line: a separator": 1,
            "passage: a repetition in its document": 1,
        }
        assert set(manifest.examples.values()) == {("a",)}
        assert manifest.splits["all"].sentences == 5
        card = (folder / "README.md").read_text(encoding="utf-8")
        assert [name for name in (*CLEANINGS, "hanja") if f"- **{name}**: " not in card] == []

    @pytest.mark.parametrize(
        ("without", "sentences", "reasons"),
        [
            (("separators",), 5, {"gloss", "line: a byline", "passage", "sentence"}),
            (("bylines",), 6, {"gloss", "line: a separator", "passage"}),
            (("repeats",), 9, {"gloss", "line: a separator", "line: a byline"}),
            (("hanja",), 5, {"line: a separator", "line: a byline", "passage"}),
            ((*CLEANINGS, "hanja"), 10, {"sentence"}),
        ],
    )
    def test_every_step_can_be_turned_off(
        self, make_corpus: Callable[..., Path], without: tuple[str, ...], sentences: int, reasons: set[str]
    ) -> None:
        manifest = Manifest.load(make_corpus("c", self.TEXT, without_steps=without))
        assert manifest.splits["all"].sentences == sentences
        assert len(manifest.dropped) == len(reasons)
        assert all(any(found.startswith(reason) for reason in reasons) for found in manifest.dropped)

    def test_every_step_can_be_turned_on(self, make_corpus: Callable[..., Path]) -> None:
        manifest = Manifest.load(
            make_corpus("c", self.TEXT, recipe="paper", with_steps=("hanja", "repeats", "nfc"))
        )
        assert manifest.options["cleaning"] == ["repeats"]
        assert manifest.treatment.steps == ("nfc", "nfkc", "hanja", "punctuation", "space")

    def test_an_unknown_step_is_named(self, make_corpus: Callable[..., Path]) -> None:
        with pytest.raises(CorpusError, match="no such step: lower"):
            make_corpus("c", self.TEXT, without_steps=("lower",))

    def test_a_gloss_is_counted_where_it_is_cut_and_nowhere_else(
        self, make_corpus: Callable[..., Path]
    ) -> None:
        folder = make_corpus("c", "로동（勞動）은 즐겁다.\n(勞動)이라고 쓴다. [力士]")
        assert Manifest.load(folder).dropped == {"gloss: Hanja in brackets": 1}
        assert [s.text for s in read_sentences(folder)] == ["로동은 즐겁다.", "(勞動)이라고 쓴다.", "[力士]"]

    def test_documents_that_differ_by_a_byline_are_equal(self, make_corpus: Callable[..., Path]) -> None:
        folder = make_corpus("c", PARAGRAPH, f"{PARAGRAPH}\n본사기자 김철민", f"* * *\n{PARAGRAPH}")
        assert Manifest.load(folder).dropped["document: the same text as an earlier one"] == 2
