from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.cli import corpus as command
from corpus.export import Options, export
from corpus.sources import Source
from corpus.stats import keywords, quantile, statistics

Make = Callable[..., Path]
NORTH = "로동자들은 《봄》노래를 불렀다. 녀성들도 노래를 불렀다!"
SOUTH = "노동자들은 봄노래를 불렀다. 여성들도 노래를 불렀다."


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, ["stats", *map(str, arguments)])


def line(text: str, key: str) -> list[str]:
    (found,) = [line for line in text.splitlines() if line.strip().startswith(key)]
    return found.replace(key, "", 1).split()


def distances(text: str) -> dict[str, float]:
    rows = text.partition("of                distance\n")[2].splitlines()[:3]
    return {name.strip(): float(value) for name, _, value in (row.rpartition(" ") for row in rows)}


def test_words_are_counted_without_marks_and_characters_without_spaces(make_corpus: Make) -> None:
    found = statistics(make_corpus("n", NORTH, {"text": "봄이다.", "section": "문화; 날씨"}))
    assert found.words == {
        "로동자들은": 1, "봄": 1, "노래를": 2, "불렀다": 2, "녀성들도": 1, "봄이다": 1,
    }  # fmt: skip
    assert found.characters["봄"] == 2
    assert found.characters["《"] == 1
    assert " " not in found.characters
    assert found.lengths == {
        len("로동자들은 《봄》노래를 불렀다."): 1,
        len("녀성들도 노래를 불렀다!"): 1,
        4: 1,
    }
    assert found.sections == {"(none)": 2, "문화": 1, "날씨": 1}
    assert found.tokens is None


def test_fertility_and_unknown_words_by_a_vocabulary_worked_by_hand(make_corpus: Make) -> None:
    vocabulary = ["[UNK]", "노래", "##를", "불", "##렀", "##다", "봄", "."]
    tokens = statistics(make_corpus("n", NORTH), vocabulary).tokens
    assert tokens is not None
    # 로동자들은 and 녀성들도 are [UNK]; 봄 is 1; 노래를 2, twice; 불렀다 3, twice.
    assert (tokens.count, tokens.divided, tokens.unknown) == (2 + 1 + 4 + 6, 4, 2)


def test_quantiles_are_values_that_occur() -> None:
    counts = Counter({1: 50, 7: 45, 100: 5})
    assert [quantile(counts, share) for share in (0.5, 0.51, 0.95, 1)] == [1, 7, 7, 100]


def test_keywords_are_the_more_frequent_ones_with_the_surest_first() -> None:
    first = Counter({"되였다": 60, "봄": 100, "논": 6, "련": 2})
    second = Counter({"되었다": 60, "봄": 100, "논": 2})
    found = keywords(first, second)
    assert [(word.word, word.count, word.other_count) for word in found] == [("되였다", 60, 0), ("논", 6, 2)]
    assert found[0].log_ratio > found[1].log_ratio > 0


def test_the_command_prints_one_corpus(make_corpus: Make, tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("[UNK]\n노래\n##를\n", encoding="utf-8")
    documents = [{"text": NORTH, "date": "2020-05-01", "section": "문화"}, {"text": "1 + 1"}]
    result = run(make_corpus("n", *documents), "--vocab", tmp_path / "vocab.txt", "--top", 1)
    assert result.exit_code == 0, result.output
    text = result.stdout
    assert line(text, "sentences a document") == ["2.0"]
    assert line(text, "words that are [UNK]") == ["71.429%"]
    assert line(text, "2020") == ["1", "2", str(len(NORTH) - 1)]
    assert line(text, "문화") == ["2"]
    assert line(text, "document: no sentence") == ["1"]
    assert text.endswith("the most frequent words\nword    times\n노래를      2\n")


def test_the_command_says_what_differs_between_two(make_corpus: Make) -> None:
    north, south = make_corpus("north", *[NORTH + f" {n}일." for n in range(9)]), make_corpus("south", SOUTH)
    result = run(north, "--compare", south, "--top", 3)
    assert result.exit_code == 0, result.output
    assert 0.5 < distances(result.stdout)["words"] < 1
    keys = result.stdout.partition("key words of north\n")[2].splitlines()[1:4]
    assert {row.split()[0] for row in keys} <= {"로동자들은", "녀성들도", "봄"}
    only = result.stdout.partition("only south has\n")[2]
    assert {row.split()[0] for row in only.splitlines()[1:]} == {"노동자들은", "봄노래를", "여성들도"}


def test_a_corpus_is_at_no_distance_from_itself(make_corpus: Make) -> None:
    folder = make_corpus("n", NORTH)
    result = run(folder, "--compare", folder)
    assert distances(result.stdout) == {"words": 0, "characters": 0, "sentence lengths": 0}
    assert "key words of n (1): none" in result.stdout


def test_no_corpus_is_one_line_and_1(tmp_path: Path, make_corpus: Make) -> None:
    for arguments in ([tmp_path / "no"], [make_corpus("n", NORTH), "--compare", tmp_path / "no"]):
        result = run(*arguments)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


@pytest.mark.realdata
def test_the_same_news_in_both_spellings_shares_characters_rather_than_words(
    real_data: Path, make_corpus: Make
) -> None:
    lines = (real_data / "dprk" / "nk_sk_pairs" / "dev.nk").read_text(encoding="utf-8").splitlines()
    other = (real_data / "dprk" / "nk_sk_pairs" / "dev.sk").read_text(encoding="utf-8").splitlines()
    result = run(make_corpus("nk", *lines), "--compare", make_corpus("sk", *other))
    assert result.exit_code == 0
    found = distances(result.stdout)
    assert found["characters"] < 0.2 < 0.4 < found["words"]


def test_one_split_is_counted_by_itself(tmp_path: Path, articles: Callable[..., Path]) -> None:
    manifest = export([Source("jsonl", str(articles(60)))], tmp_path / "c", Options(ratio=0.8))
    counts = manifest.splits["validation"]
    found = statistics(tmp_path / "c", split="validation")
    assert found.lengths.total() == counts.sentences
    text = run(tmp_path / "c", "--split", "validation").stdout
    assert line(text, "documents") == [str(counts.documents)]
    assert "train" not in text
    refused = run(tmp_path / "c", "--split", "test")
    assert (refused.exit_code, "only: train, validation" in refused.stderr) == (1, True)
