from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpus.cli import corpus as command
from corpus.coverage import coverage, tokens_to_add
from corpus.export import Options, export
from corpus.reading import read_texts
from corpus.sources import Source
from corpus.vocabulary import read_vocabulary
from corpus.wordpiece import WordPiece

SENTENCES = (
    "공장은 60돐을 맞았다.",
    "학교도 60돐을 맞았다.",
    "첫돐을 맞은 아이가 웃는다.",
    "물이 뵘강으로 흐른다.",
    "길섶에 꽃이 폈다.",
)
LACKING = "돐뵘섶"


@pytest.fixture
def vocabulary(tmp_path: Path) -> Path:
    """Every character of the sentences in both forms, without 돐 and 뵘; of 섶 only the inner form."""
    characters = sorted(set("".join(SENTENCES) + "주년돌") - set(LACKING) - {" "})
    pieces = ["[UNK]", *characters, *(f"##{c}" for c in characters), "##섶"]
    (tmp_path / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    return tmp_path / "vocab.txt"


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    def export_with(*, mapped: bool) -> Path:
        lines = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in SENTENCES)
        (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
        export([Source("jsonl", str(tmp_path / "a.jsonl"))], tmp_path / f"{mapped}", Options(map=mapped))
        return tmp_path / f"{mapped}"

    return export_with


def test_missing_syllables_are_counted_with_what_they_cost_and_what_the_mapping_saves(
    make: Callable[..., Path], vocabulary: Path
) -> None:
    found = coverage(make(mapped=False), read_vocabulary(vocabulary))
    assert [(gap.character, gap.count, gap.unknown, gap.saved, gap.becomes) for gap in found.gaps] == [
        ("돐", 3, 3, 3, "주년"),
        ("뵘", 1, 1, 0, None),
        ("섶", 1, 0, 0, None),  # 길섶 is spelt with the inner form
    ]
    assert (found.unknown, found.saved) == (4, 3)
    assert found.words == sum(len(text.split()) + 1 for text in SENTENCES)


def test_examples_are_different_words_in_their_context(make: Callable[..., Path], vocabulary: Path) -> None:
    gaps = {gap.character: gap for gap in coverage(make(mapped=False), read_vocabulary(vocabulary)).gaps}
    assert gaps["돐"].examples == ("공장은 60돐을 맞았다.", "첫돐을 맞은 아이가 웃는다.")


def test_what_was_mapped_before_is_told_from_the_manifest(
    make: Callable[..., Path], vocabulary: Path
) -> None:
    folder = make(mapped=True)
    found = coverage(folder, read_vocabulary(vocabulary))
    assert found.replaced == {"돐": 2, "첫돐": 1}
    assert "돐" not in {gap.character for gap in found.gaps}
    result = CliRunner().invoke(command, ["syllables", str(folder), "--vocab", str(vocabulary)])
    assert "mapped already, so not below: 3 (돐 2, 첫돐 1)" in result.stdout


def test_with_the_tokens_added_no_word_is_unknown(make: Callable[..., Path], vocabulary: Path) -> None:
    folder, known = make(mapped=False), read_vocabulary(vocabulary)
    tokens = list(tokens_to_add(coverage(folder, known), known))
    assert tokens == ["돐", "##돐", "뵘", "##뵘"]
    extended = WordPiece(known | set(tokens))
    assert all(extended.knows(text) for texts in read_texts(folder) for text in texts)


def test_a_word_too_long_for_bert_is_unknown_though_no_character_lacks(
    make_corpus: Callable[..., Path],
) -> None:
    found = coverage(make_corpus("long", "가" * 100, "가" * 101), {"[UNK]", "가", "##가"})
    assert (found.words, found.unknown, found.saved, found.gaps) == (2, 1, 0, ())


def test_rare_characters_can_be_left_out_of_the_tokens(make: Callable[..., Path], vocabulary: Path) -> None:
    known = read_vocabulary(vocabulary)
    assert list(tokens_to_add(coverage(make(mapped=False), known), known, least=2)) == ["돐", "##돐"]


def test_the_command_lists_and_writes_one_token_a_line(
    make: Callable[..., Path], vocabulary: Path, tmp_path: Path
) -> None:
    extend = tmp_path / "more.txt"
    arguments = ["syllables", str(make(mapped=False)), "--vocab", str(vocabulary), "--extend", str(extend)]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    assert "4 of them [UNK]" in result.stdout
    assert "the mapping saves 3 (75 %)" in result.stdout
    assert extend.read_text(encoding="utf-8") == "돐\n##돐\n뵘\n##뵘\n"
    again = CliRunner().invoke(command, arguments)
    assert (again.exit_code, "exists and is left alone" in again.stderr) == (1, True)


def test_the_tokens_alone_can_be_the_output(make: Callable[..., Path], vocabulary: Path) -> None:
    arguments = ["syllables", str(make(mapped=False)), "--vocab", str(vocabulary), "--extend", "-"]
    assert CliRunner().invoke(command, arguments).stdout == "돐\n##돐\n뵘\n##뵘\n"


def test_a_vocabulary_that_has_everything_is_told(make: Callable[..., Path], vocabulary: Path) -> None:
    with vocabulary.open("a", encoding="utf-8") as file:
        file.write("".join(f"{c}\n##{c}\n" for c in LACKING))
    result = CliRunner().invoke(command, ["syllables", str(make(mapped=False)), "--vocab", str(vocabulary)])
    assert "the vocabulary has every character of the corpus" in result.stdout


def test_no_corpus_is_one_line_and_1(tmp_path: Path, vocabulary: Path) -> None:
    result = CliRunner().invoke(command, ["syllables", str(tmp_path / "no"), "--vocab", str(vocabulary)])
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "is not a corpus" in result.stderr


@pytest.mark.realdata
@pytest.mark.slow
def test_on_the_quarterly_the_mapping_saves_most_unknown_words_of_the_north(
    real_data: Path, tmp_path: Path
) -> None:
    source = Source("jsonl", str(real_data / "dprk" / "kyongje_yongu.jsonl.gz"))
    export([source], tmp_path / "out", Options(map=False))
    known = read_vocabulary(real_data / "vocab" / "krbert-char16424.txt")
    found = coverage(tmp_path / "out", known)
    hangul = [gap for gap in found.gaps if "가" <= gap.character <= "힣" and gap.unknown]
    assert len(hangul) == 27
    tokens = set(tokens_to_add(found, known))
    after = coverage(tmp_path / "out", known | tokens)
    assert after.unknown == 0
