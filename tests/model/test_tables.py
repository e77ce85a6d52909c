"""The table in the form of the paper's Table 7."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.errors import ModelError
from model.results import Evaluation, Result, Score, Tally
from model.tables import Cell, comparison, notes, render

SETS = {
    name: {"checksum": name, "split": "validation", "sentences": 10, "truncated": 0}
    for name in ("north", "south")
}


def evaluation(
    model: str, correct: dict[str, tuple[int, ...]], sets: dict[str, dict[str, object]] = SETS
) -> Evaluation:
    """100 hidden tokens a set and masking, so many right; the log-perplexity is their share missed, times 10."""
    results = tuple(
        Result(model, name, seed, Score(Tally(1_000.0 - 10 * right, right, 100), Tally(5.0, 1, 4)))
        for name, counts in correct.items()
        for seed, right in enumerate(counts)
    )
    return Evaluation(results, {model: {}}, sets)


BASE = evaluation("base", {"north": (50, 52, 54), "south": (60, 60, 60)})
PLAIN = evaluation("plain", {"north": (80, 82, 84), "south": (30, 32, 34)})

TEXT = """\
model  north log-ppl  north acc %   south log-ppl  south acc %   average log-ppl  average acc %
─────  ─────────────  ────────────  ─────────────  ────────────  ───────────────  ─────────────
base   4.800 ± 0.200  52.00 ± 2.00  4.000 ± 0.000  60.00 ± 0.00    4.400 ± 0.100   56.00 ± 1.00
plain  1.800 ± 0.200  82.00 ± 2.00  6.800 ± 0.200  32.00 ± 2.00    4.300 ± 0.200   57.00 ± 2.00"""


def test_rows_are_models_and_columns_are_sets_with_the_average_last() -> None:
    header, rule, *rows = render(comparison([BASE, PLAIN])).splitlines()
    expected_header, _, *expected_rows = TEXT.splitlines()
    assert header.split() == expected_header.split()
    assert [row.split() for row in rows] == [row.split() for row in expected_rows]
    assert set(rule) <= {"─", " "}
    assert len({len(line) for line in (header, rule, *rows)}) == 1


def test_markdown_has_the_same_cells() -> None:
    lines = render(comparison([BASE, PLAIN]), "markdown").splitlines()
    assert [cell.strip() for cell in lines[2].strip("|").split("|")][:3] == [
        "base",
        "4.800 ± 0.200",
        "52.00 ± 2.00",
    ]
    assert set(lines[1]) <= set("|:- ")


def test_csv_has_plain_numbers_in_columns_of_their_own() -> None:
    lines = render(comparison([BASE]), "csv").splitlines()
    assert lines[0] == "model,set,log_perplexity,log_perplexity_sd,accuracy_percent,accuracy_percent_sd"
    assert lines[1] == "base,north,4.800000,0.200000,52.000000,2.000000"
    assert lines[3].startswith("base,average,")


def test_a_single_masking_has_no_deviation() -> None:
    assert Cell.of([3.0]) == Cell(3.0, 0.0)


def test_files_that_mean_different_corpora_by_one_name_are_refused() -> None:
    other = SETS | {"north": {"checksum": "another", "split": "validation", "sentences": 10}}
    with pytest.raises(ModelError, match="different corpora by 'north'"):
        comparison([BASE, evaluation("plain", {"north": (1,), "south": (1,)}, other)])


def test_a_model_that_was_not_scored_on_every_set_is_refused() -> None:
    with pytest.raises(ModelError, match="'plain' was not evaluated on south"):
        comparison([BASE, evaluation("plain", {"north": (80, 82, 84)})])


def test_two_files_with_one_models_name_are_refused() -> None:
    with pytest.raises(ModelError, match="another name"):
        comparison([BASE, evaluation("base", {"north": (1,), "south": (1,)})])


def test_unknown_words_are_reported_beside_the_table() -> None:
    assert "north 3.85 %, south 3.85 %" in notes([BASE])[0]


def test_cut_sentences_are_reported_beside_the_table() -> None:
    cut = SETS | {"south": SETS["south"] | {"truncated": 3}}
    assert notes([evaluation("base", {"north": (1,), "south": (1,)}, cut)])[1].endswith("south 3 of 10")


def test_nothing_is_said_of_unknown_words_where_there_are_none(tmp_path: Path) -> None:
    clean = Evaluation((Result("base", "north", 0, Score(Tally(1.0, 1, 2), Tally(0.0, 0, 0))),), {}, SETS)
    assert notes([clean]) == []
