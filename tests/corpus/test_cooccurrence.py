from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.cli import corpus as command
from corpus.concordance import word_pattern
from corpus.cooccurrence import Neighbour, cooccurrence
from corpus.measures import log_likelihood
from corpus.schema import Treatment

Make = Callable[..., Path]
PLAIN = Treatment(("nfc", "space"), {})


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, ["cooccurrence", *map(str, arguments)])


def near(folder: Path, word: str, window: int, **options: object) -> dict[str, Neighbour]:
    found = cooccurrence(folder, {word: word_pattern(word, PLAIN)}, window, least=1, **options)  # type: ignore[arg-type]
    return {each.neighbour: each for each in found}


def test_counts_are_those_of_a_text_worked_by_hand(make_corpus: Make) -> None:
    """논 is found as 논을 and 논에; within one word of it stand 푸른, 간다 and 물을, of ten words in all."""
    folder = make_corpus("c", "푸른 논을 간다. 논에 물을 댄다.", "산은 높다, 푸른 산.")
    found = near(folder, "논", 1)
    assert set(found) == {"푸른", "간다", "물을"}
    green = found["푸른"]
    assert (green.together, green.frequency) == (1, 2)
    assert green.expected == pytest.approx(3 * 2 / 10)
    assert green.log_likelihood == pytest.approx(log_likelihood(1, 2, 1, 6))


def test_a_wider_window_reaches_farther_but_never_into_the_next_sentence(make_corpus: Make) -> None:
    folder = make_corpus("c", "가을 논에 맑은 물을 댄다. 산은 높다.", "산은 높다. 산은 푸르다.")
    assert set(near(folder, "논", 1)) == {"가을", "맑은"}
    assert set(near(folder, "논", 9)) == {"가을", "맑은", "물을", "댄다"}


def test_a_word_near_two_places_counts_once(make_corpus: Make) -> None:
    folder = make_corpus("c", "논에 물을 논에 댄다.", "산은 높다. 들은 넓다.")
    assert near(folder, "논", 5)["물을"].together == 1


def test_words_that_are_rarer_there_than_by_chance_are_left_out(make_corpus: Make) -> None:
    folder = make_corpus("c", "논에 맑은 물을 가득 대고 있다.", *[f"{n}번 산은 있다." for n in range(9)])
    assert "있다" in near(folder, "산", 5)
    assert set(near(folder, "논", 5)) == {"맑은", "물을", "가득", "대고"}


def test_years_are_counted_for_themselves(make_corpus: Make) -> None:
    records = [
        {"text": "논에 물을 댄다. 산은 높다.", "date": "2020-01-01"},
        {"text": "논에 거름을 낸다. 들은 넓다.", "date": "2021-01-01"},
        {"text": "논에 눈이 내린다. 강은 길다."},
    ]
    folder = make_corpus("c", *records)
    found = cooccurrence(folder, {"논": word_pattern("논", PLAIN)}, 1, by_year=True, least=1)
    assert [(each.year, each.neighbour) for each in found] == [
        ("2020", "물을"),
        ("2021", "거름을"),
        ("undated", "눈이"),
    ]
    assert {each.expected for each in found} == {1 / 5}


def test_the_command_writes_csv_by_year_or_not(make_corpus: Make, tmp_path: Path) -> None:
    folder = make_corpus(
        "c",
        *[{"text": f"{n}번 논에 물을 댄다. 산이 높다.", "date": f"{2019 + n % 2}-01-01"} for n in range(8)],
    )
    stop = tmp_path / "stop.txt"
    stop.write_text("댄다\n", encoding="utf-8")
    arguments = ["논", "산", folder, "--window", 2, "--csv", "-", "--stop-words", stop]
    rows = list(csv.DictReader(io.StringIO(run(*arguments).stdout)))
    assert [(row["word"], row["neighbour"], row["together"]) for row in rows] == [
        ("논", "물을", "8"),
        ("산", "높다", "8"),
    ]
    assert "year" not in rows[0]
    by_year = list(csv.DictReader(io.StringIO(run(*arguments, "--by", "year").stdout)))
    assert [(row["word"], row["year"], row["together"]) for row in by_year] == [
        ("논", "2019", "4"), ("논", "2020", "4"), ("산", "2019", "4"), ("산", "2020", "4"),
    ]  # fmt: skip


def test_the_command_prints_the_surest_first(make_corpus: Make) -> None:
    texts = [f"{n}번 논에 물을 댄다. 산이 높다." for n in range(8)] + [
        f"{n}번 강에 물을 댄다." for n in range(8)
    ]
    result = run("논", "바다", make_corpus("c", *texts), "--window", 2)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "논"
    assert lines[1].split() == [
        "near",
        "by",
        "chance",
        "in",
        "all",
        "log-likelihood",
        "mutual",
        "information",
    ]
    assert "바다: no word stands near it 3 times and more often than by chance" in lines


def test_several_words_together_are_refused(make_corpus: Make) -> None:
    result = run("논 밭", make_corpus("c", "논이다."))
    assert (result.exit_code, "more than one word" in result.stderr) == (1, True)
