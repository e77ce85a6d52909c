"""The table in the form of the paper's Table 7."""

from __future__ import annotations

import pytest

from model.errors import ModelError
from model.results import BatchMeans, DocumentSums, Evaluation, Result, Score, Tally
from model.tables import ACCURACY, RECIPROCAL_RANK, Cell, by_weight, comparison, differences, notes, render

SETS = {
    name: {"checksum": name, "split": "validation", "sentences": 10, "truncated": 0}
    for name in ("north", "south")
}


def evaluation(
    model: str,
    correct: dict[str, tuple[int, ...]],
    sets: dict[str, dict[str, object]] = SETS,
    about: dict[str, object] | None = None,
) -> Evaluation:
    """100 hidden tokens a set and masking, so many right; the log-perplexity is their share missed, times 10.

    The sums by document are ten times the same: documents of like difficulty.
    """
    results = tuple(
        Result(
            model,
            name,
            seed,
            Score(
                Tally(1_000.0 - 10 * right, right, 100, right + (100 - right) / 4),
                Tally(5.0, 1, 4, 1.0),
                BatchMeans(9.0, right / 200),
            ),
        )
        for name, counts in correct.items()
        for seed, right in enumerate(counts)
    )
    documents = {
        (model, name): DocumentSums(
            (1_000.0 * len(counts) - 10 * sum(counts),) * 10, (sum(counts),) * 10, (100 * len(counts),) * 10
        )
        for name, counts in correct.items()
    }
    return Evaluation(results, {model: about or {}}, sets, documents)


def both() -> Evaluation:
    return Evaluation.merged([BASE, PLAIN])


BASE = evaluation("base", {"north": (50, 52, 54), "south": (60, 60, 60)})
PLAIN = evaluation("plain", {"north": (80, 82, 84), "south": (30, 32, 34)})

TEXT = """\
model  north log-ppl  north acc %   south log-ppl  south acc %   average log-ppl  average acc %
─────  ─────────────  ────────────  ─────────────  ────────────  ───────────────  ─────────────
base   4.800 ± 0.200  52.00 ± 2.00  4.000 ± 0.000  60.00 ± 0.00    4.400 ± 0.100   56.00 ± 1.00
plain  1.800 ± 0.200  82.00 ± 2.00  6.800 ± 0.200  32.00 ± 2.00    4.300 ± 0.200   57.00 ± 2.00"""


def test_rows_are_models_and_columns_are_sets_with_the_average_last() -> None:
    header, rule, *rows = render(comparison(both())).splitlines()
    expected_header, _, *expected_rows = TEXT.splitlines()
    assert header.split() == expected_header.split()
    assert [row.split() for row in rows] == [row.split() for row in expected_rows]
    assert set(rule) <= {"─", " "}
    assert len({len(line) for line in (header, rule, *rows)}) == 1


def test_markdown_has_the_same_cells() -> None:
    lines = render(comparison(both()), "markdown").splitlines()
    assert [cell.strip() for cell in lines[2].strip("|").split("|")][:3] == [
        "base",
        "4.800 ± 0.200",
        "52.00 ± 2.00",
    ]
    assert set(lines[1]) <= set("|:- ")


def test_csv_has_plain_numbers_in_columns_of_their_own() -> None:
    lines = render(comparison(BASE), "csv").splitlines()
    assert (
        lines[0] == "model,weight,set,log_perplexity,log_perplexity_sd,accuracy_percent,accuracy_percent_sd"
    )
    assert lines[1] == "base,,north,4.800000,0.200000,52.000000,2.000000"
    assert lines[3].startswith("base,,average,")


def test_a_single_masking_has_no_deviation() -> None:
    assert Cell.of([3.0]) == Cell(3.0, 0.0)


def test_files_that_mean_different_corpora_by_one_name_are_refused() -> None:
    other = SETS | {"north": {"checksum": "another", "split": "validation", "sentences": 10}}
    with pytest.raises(ModelError, match="different corpora by 'north'"):
        Evaluation.merged([BASE, evaluation("plain", {"north": (1,), "south": (1,)}, other)])


def test_a_model_that_was_not_scored_on_every_set_is_refused() -> None:
    with pytest.raises(ModelError, match="'plain' was not evaluated on south"):
        Evaluation.merged([BASE, evaluation("plain", {"north": (80, 82, 84)})])


def test_two_files_with_one_models_name_are_refused() -> None:
    with pytest.raises(ModelError, match="another name"):
        Evaluation.merged([BASE, evaluation("base", {"north": (1,), "south": (1,)})])


def test_unknown_words_are_reported_beside_the_table() -> None:
    assert "north 3.85 %, south 3.85 %" in notes(BASE)[0]


def test_cut_sentences_are_reported_beside_the_table() -> None:
    cut = SETS | {"south": SETS["south"] | {"truncated": 3}}
    assert notes(evaluation("base", {"north": (1,), "south": (1,)}, cut))[1].endswith("south 3 of 10")


def test_nothing_is_said_of_unknown_words_where_there_are_none() -> None:
    score = Score(Tally(1.0, 1, 2, 1.5), Tally(0.0, 0, 0, 0.0), BatchMeans(0.5, 0.5))
    clean = Evaluation((Result("base", "north", 0, score),), {"base": {}}, {"north": SETS["north"]})
    assert notes(clean) == []


def test_models_with_other_vocabularies_are_said_not_to_be_comparable() -> None:
    one = evaluation("one", {"north": (1,), "south": (1,)}, about={"tokenizer": "a"})
    other = evaluation("other", {"north": (1,), "south": (1,)}, about={"tokenizer": "b"})
    assert "different vocabularies" in notes(Evaluation.merged([one, other]))[-1]


def test_the_papers_averaging_takes_the_means_of_batch_means() -> None:
    cells = comparison(BASE, "batches")[0].cells
    assert cells["north"][ACCURACY] == Cell(26.0, 1.0)
    assert RECIPROCAL_RANK not in cells["north"]


def test_a_measure_that_is_asked_for_has_its_column() -> None:
    header, _, row = render(comparison(BASE), measures=[RECIPROCAL_RANK]).splitlines()
    assert header.split() == ["model", "north", "MRR", "south", "MRR", "average", "MRR"]
    assert row.split()[1] == "0.640"  # (52 + 48 / 4) / 100


def test_a_sweep_is_sorted_by_its_weight_with_the_base_first() -> None:
    counts = {"north": (50,), "south": (50,)}
    models = [
        ("high", {"pull": [{"regularizer": "representations", "weight": 0.7}]}),
        ("base", None),
        ("low", {"pull": [{"regularizer": "representations", "weight": 0.1}]}),
    ]
    merged = Evaluation.merged([evaluation(name, counts, about=about) for name, about in models])
    assert [row.model for row in by_weight(comparison(merged))] == ["base", "low", "high"]


def test_the_papers_figures_stand_beside_ours_by_name_of_set_and_by_weight() -> None:
    sets = {name: SETS["north"] | {"checksum": name} for name in ("kornli", "own")}
    counts = {"kornli": (50,), "own": (50,)}
    models = [
        evaluation("base", counts, sets, {"model": "snunlp/KR-BERT-char16424"}),
        evaluation("near", counts, sets, {"pull": [{"regularizer": "representations", "weight": 0.3}]}),
        evaluation("odd", counts, sets, {"pull": [{"regularizer": "representations", "weight": 0.35}]}),
    ]
    rows = comparison(Evaluation.merged(models))
    header, *lines = render(rows, "markdown", with_published=True).splitlines()
    assert header.count("paper") == 2
    assert [line.split("|")[3].strip() for line in lines[1:]] == ["2.536", "2.989", "–"]
    assert "paper" not in render(rows)


def test_latex_is_a_tabular_whose_signs_are_escaped() -> None:
    lines = render(comparison(BASE), "latex").splitlines()
    assert lines[0] == r"\begin{tabular}{lrrrrrr}"
    assert r"north acc \%" in lines[2]
    assert lines[4].startswith(r"base & 4.800 $\pm$ 0.200 & 52.00 $\pm$ 2.00")
    assert lines[-1] == r"\end{tabular}"


def test_differences_are_those_of_the_sums_with_an_interval_around_them() -> None:
    header, _, row = differences(both(), "base").splitlines()
    assert header.split()[:2] == ["less", "base"]
    # Documents that are all alike leave nothing to chance.
    assert "+30.00 [+30.00, +30.00]" in row
    assert "-28.00 [-28.00, -28.00]" in row
    assert row.rstrip().endswith("+1.00 [+1.00, +1.00]")


def test_differences_from_a_model_that_is_not_there_are_refused() -> None:
    with pytest.raises(ModelError, match="no model 'other' to compare with; there are base, plain"):
        differences(both(), "other")
