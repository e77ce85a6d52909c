from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.cli import corpus as command
from corpus.concordance import concordance, word_pattern
from corpus.schema import CorpusError, Treatment
from corpus.terminal import width

Make = Callable[..., Path]
PLAIN = Treatment(("nfc", "space"), {})
DOCUMENTS = (
    {"id": "a", "date": "2020-05-01", "text": "로동자들은 밭을 갈고 로동을 즐겼다. 뜨락또르로 갈았다."},
    {"id": "b", "text": "《로동》이라는 말이다. 강철로동자가 왔다."},
    {"id": "c", "text": "공장은 60돐을 맞았다."},
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, ["concordance", *map(str, arguments)])


def found(word: str, text: str, *, whole: bool = False) -> list[str]:
    return word_pattern(word, PLAIN, whole=whole).findall(text)


class TestWordPattern:
    TEXT = "로동자는 강철로동자와 로동을, 로동 계급은 《로동》을."

    def test_finds_the_beginning_of_words(self) -> None:
        assert found("로동", self.TEXT) == ["로동자는", "로동을", "로동", "로동"]

    def test_whole_is_the_word_alone(self) -> None:
        assert found("로동", self.TEXT, whole=True) == ["로동", "로동"]

    def test_a_star_is_any_letters(self) -> None:
        assert found("*로동자", self.TEXT) == ["로동자는", "강철로동자와"]
        assert found("강*와", self.TEXT, whole=True) == ["강철로동자와"]

    def test_words_are_found_together(self) -> None:
        assert found("로동 계급", self.TEXT) == ["로동 계급은"]

    def test_what_means_something_to_a_regular_expression_is_taken_as_it_is(self) -> None:
        assert found("3.5", "305 3.5톤") == ["3.5톤"]

    def test_the_word_is_treated_as_the_corpus_was(self) -> None:
        treatment = Treatment(("width", "nfc"), {"돐": "주년"})
        assert word_pattern("６０돐", treatment).findall("60주년을") == ["60주년을"]

    @pytest.mark.parametrize("word", ["", " ", "*", "..."])
    def test_of_nothing_is_refused(self, word: str) -> None:
        with pytest.raises(CorpusError, match="no word to look for"):
            word_pattern(word, PLAIN)


def test_every_place_comes_in_order_with_its_context(make_corpus: Make) -> None:
    folder = make_corpus("c", *DOCUMENTS)
    places = list(concordance(folder, word_pattern("로동", PLAIN)))
    assert [(p.document_id, p.position, p.left, p.word, p.right) for p in places] == [
        ("a", 0, "", "로동자들은", " 밭을 갈고 로동을 즐겼다."),
        ("a", 0, "로동자들은 밭을 갈고 ", "로동을", " 즐겼다."),
        ("b", 0, "《", "로동", "》이라는 말이다."),
    ]


def test_the_command_aligns_the_places(make_corpus: Make) -> None:
    result = run("로동", make_corpus("c", *DOCUMENTS), "--width", 12, "--limit", 2)
    assert result.exit_code == 0, result.output
    *lines, last = result.stdout.splitlines()
    assert {width(line[: line.index("[")]) for line in lines} == {13}
    assert lines[0].endswith("2020-05-01 a")
    assert last == "3 places, the first 2 shown (--limit, --csv)"


def test_the_command_writes_csv(make_corpus: Make, tmp_path: Path) -> None:
    folder = make_corpus("c", *DOCUMENTS)
    output = run("로동", folder, "--csv", "-").stdout
    assert run("로동", folder, "--csv", tmp_path / "a.csv").stdout == ""
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig") == output
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # or Excel shows no Hangul
    rows = list(csv.DictReader(io.StringIO(output)))
    assert rows[1] == {
        "date": "2020-05-01", "document_id": "a", "position": "0",
        "left": "로동자들은 밭을 갈고 ", "word": "로동을", "right": " 즐겼다.",
    }  # fmt: skip
    assert len(rows) == 3


def test_a_syllable_that_the_corpus_has_no_more_is_found_by_its_replacement(make_corpus: Make) -> None:
    assert "1 places" in run("60돐", make_corpus("c", *DOCUMENTS)).stdout


def test_one_split_can_be_searched(make_corpus: Make) -> None:
    folder = make_corpus("c", *({"id": str(n), "text": f"{n}번 논이다."} for n in range(40)), ratio=0.5)
    counts = [int(run("논", folder, "--split", name).stdout.split()[-2]) for name in ("train", "validation")]
    assert sum(counts) == 40
    assert min(counts) > 0
    refused = run("논", folder, "--split", "test")
    assert (refused.exit_code, "no split 'test'" in refused.stderr) == (1, True)


def test_a_file_that_cannot_be_written_is_one_line_and_1(make_corpus: Make, tmp_path: Path) -> None:
    result = run("논", make_corpus("c", "논이다."), "--csv", tmp_path / "no" / "a.csv")
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path / 'no' / 'a.csv'}: No such file or directory\n"
