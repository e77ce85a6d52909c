from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus import figures
from corpus.cli import corpus
from corpus.measured import measure_card, own_words, standard_syllables
from corpus.stats import statistics
from corpus.verify import verify

Make = Callable[..., Path]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _look_for_fonts_anew() -> Iterator[None]:
    figures._hangul_font.cache_clear()
    yield
    figures._hangul_font.cache_clear()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(corpus, list(map(str, arguments)))


def north(make_corpus: Make) -> Path:
    years = [
        {
            "text": f"로동자들이 {n}번째 논을 갈았다. 뙤약볕에 녀성들도 나왔다.",
            "date": f"{1990 + n % 6}-04-01",
        }
        for n in range(24)
    ]
    return make_corpus("n", *years, {"text": "똠똠 바람이 분다.", "section": "날씨"}, ratio=0.7)


class TestCard:
    def test_it_lists_the_words_that_the_reference_does_not_have(self, make_corpus: Make) -> None:
        folder = north(make_corpus)
        reference = make_corpus("s", "노동자들이 논을 갈았다. 바람이 분다.")
        written = measure_card(folder, reference)
        text = (folder / "README.md").read_text(encoding="utf-8")
        assert "that `s` does not have" in text
        assert "| 로동자들이 | rodongjadeuli | 24 |" in text
        assert "| 논을 |" not in text
        assert "| outside of it | 똠 (2) |" in text
        assert "| train |" in text
        assert all(path.is_file() for path in written)
        assert verify(folder) == []

    def test_without_a_reference_it_lists_those_with_a_first_sound_of_the_north(
        self, make_corpus: Make
    ) -> None:
        folder = north(make_corpus)
        assert set(own_words(statistics(folder).words, None)) == {"로동자들이", "녀성들도"}
        (folder / "vocab.txt").write_text("[UNK]\n논을\n", encoding="utf-8")
        done = run("card", folder, "--vocab", folder / "vocab.txt")
        assert done.exit_code == 0, done.output
        assert "README.md" in done.stdout
        text = (folder / "README.md").read_text(encoding="utf-8")
        assert "only the North spells so" in text
        assert "| words that are [UNK] | 147 (85.965%) |" in text

    def test_the_figures_are_the_same_for_the_same_corpus(self, make_corpus: Make) -> None:
        folder = north(make_corpus)
        first = {path.name: path.read_bytes() for path in measure_card(folder)}
        assert first == {path.name: path.read_bytes() for path in measure_card(folder)}
        assert {
            "years.svg",
            "years.png",
            "lengths.svg",
            "sections.png",
            "words.svg",
            "README.md",
        } <= first.keys()
        for name, data in first.items():
            if name.endswith("svg"):
                assert ElementTree.fromstring(data).tag == f"{SVG}svg"
            elif name.endswith("png"):
                assert data.startswith(b"\x89PNG")

    def test_no_corpus_is_one_line(self, tmp_path: Path) -> None:
        result = run("card", tmp_path)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert "is not a corpus" in result.stderr


def test_the_standard_has_2350_syllables() -> None:
    assert len(standard_syllables()) == 2350
    assert "가" in standard_syllables()
    assert "똠" not in standard_syllables()


@pytest.mark.parametrize(
    ("word", "letters"),
    [("로동", "rodong"), ("녀성들도", "nyeoseongdeuldo"), ("값", "gaps"), ("2월", "2wol"), ("《", "?")],
)
def test_words_are_romanised_letter_by_letter(word: str, letters: str) -> None:
    assert figures.romanized(word) == letters


class TestCooccurrence:
    def test_the_years_of_one_word_are_drawn(self, make_corpus: Make, tmp_path: Path) -> None:
        folder = make_corpus(
            "c",
            *(
                {"text": "논에서 벼를 벤다. 산에 눈이 온다.", "date": f"{year}-01-01"}
                for year in (1990, 1993) * 4
            ),
            dedup="none",
        )
        for name in ("a.svg", "a.png"):
            done = run("cooccurrence", "논", folder, "--by", "year", "--figure", tmp_path / name)
            assert done.exit_code == 0, done.output
        drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
        for year in range(1990, 1994):  # the empty ones too
            assert f"<!-- {year} -->" in drawn
        assert "<!-- byeoreul -->" in drawn or "<!-- 벼를 -->" in drawn

    def test_where_a_font_has_hangul_words_stand_as_they_are(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(figures, "_hangul_font", lambda: "Some Font")
        assert figures.written("로동") == "로동"
        monkeypatch.setattr(figures, "_hangul_font", lambda: None)
        assert figures.written("로동") == "rodong"

    @pytest.mark.parametrize(
        ("arguments", "code", "complaint"),
        [
            (["--figure", "a.svg"], 2, "--by year"),
            (["산", "--figure", "a.svg", "--by", "year"], 2, "one WORD"),
            (["--figure", "a.pdf", "--by", "year"], 1, "neither .png nor .svg"),
            (["--figure", "no/a.png", "--by", "year", "--least", "1"], 1, "cannot be written"),
            (["--figure", "a.png", "--by", "year", "--least", "9"], 1, "nothing to draw"),
        ],
    )
    def test_what_cannot_be_drawn_is_said(
        self,
        make_corpus: Make,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        arguments: list[str],
        code: int,
        complaint: str,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        folder = make_corpus("c", {"text": "논에서 벼를 벤다. 산이다.", "date": "1990-01-01"})
        words = [each for each in arguments[:1] if each == "산"]
        result = run("cooccurrence", "논", *words, folder, *arguments[len(words) :])
        assert result.exit_code == code
        assert complaint in result.stderr
        assert not list(tmp_path.glob("*.p*"))
