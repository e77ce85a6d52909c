"""The stray curve, from the metrics of runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.errors import ModelError
from model.figures import Curve, Point, curves, draw_curves, draw_front, front, points
from model.tables import ACCURACY, Cell, Row


def write_run(folder: Path, lines: str, weight: float | None = 0.3) -> Path:
    folder.mkdir()
    (folder / "metrics.jsonl").write_text(lines)
    if weight is not None:
        (folder / "run.json").write_text(
            json.dumps({"pull": [{"regularizer": "representations", "weight": weight}]})
        )
    return folder


METRICS = '{"step": 0, "stray": 0.0}\n{"step": 1, "loss": 2.0}\n{"step": 2, "loss": 1.9, "stray": 0.5}\n'


def test_a_curve_holds_the_steps_at_which_the_stray_was_measured(tmp_path: Path) -> None:
    run = write_run(tmp_path / "near", METRICS)
    assert curves(run, "stray") == [Curve("near (λ = 0.3)", "", (0, 2), (0.0, 0.5))]


def test_a_run_that_was_killed_in_the_middle_of_a_line_keeps_its_whole_lines(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", METRICS + '{"step": 3, "lo', weight=None)
    assert curves(run, "stray") == [Curve("run", "", (0, 2), (0.0, 0.5))]


def test_each_watched_set_has_a_curve_of_its_own(tmp_path: Path) -> None:
    line = {"step": 5, "validation": {"corpus": {"log_perplexity": 2.0, "accuracy": 0.25}, "retain": {}}}
    line["validation"]["retain"] = {"log_perplexity": 3.0, "accuracy": 0.5}
    run = write_run(tmp_path / "run", METRICS + json.dumps(line) + "\n", weight=None)
    assert curves(run, "log-perplexity") == [
        Curve("run", "corpus", (5,), (2.0,)),
        Curve("run", "retain", (5,), (3.0,)),
    ]
    assert [curve.values for curve in curves(run, "accuracy")] == [(25.0,), (50.0,)]


def test_a_run_without_stray_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="measured no stray"):
        curves(write_run(tmp_path / "base", '{"step": 1, "loss": 2.0}\n'), "stray")


def test_a_folder_without_metrics_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read the metrics"):
        curves(tmp_path, "stray")


@pytest.mark.parametrize(("suffix", "beginning"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_figures_format_follows_its_name(tmp_path: Path, suffix: str, beginning: bytes) -> None:
    lines = [
        Curve(label, panel, (0, 10), (0.0, height))
        for label, height in (("plain (λ = 0)", 3.0), ("near (λ = 0.3)", 1.0))
        for panel in ("corpus", "retain")
    ]
    draw_curves(lines, "accuracy", tmp_path / f"new/stray.{suffix}")
    assert (tmp_path / f"new/stray.{suffix}").read_bytes().startswith(beginning)
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_a_format_that_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"\.png, \.svg or \.pdf"):
        draw_curves([Curve("run", "", (0, 1), (0.0, 1.0))], "stray", tmp_path / "stray.docx")


def point(label: str, x: float, y: float) -> Point:
    return Point(label, x, y, 0.0, 0.0)


def test_the_front_holds_what_nothing_betters_on_one_axis_without_losing_on_the_other() -> None:
    base, plain, near, poor = (
        point("base", 60, 10),
        point("plain", 20, 40),
        point("near", 40, 30),
        point("poor", 30, 25),
    )
    assert front([poor, plain, base, near]) == [plain, near, base]


def test_of_equal_points_on_one_axis_only_the_better_one_is_on_the_front() -> None:
    assert front([point("a", 20, 30), point("b", 20, 40), point("c", 10, 40)]) == [point("b", 20, 40)]


def test_the_models_of_a_table_are_drawn_between_two_of_its_sets(tmp_path: Path) -> None:
    cells = {"north": {ACCURACY: Cell(30.0, 1.0)}, "south": {ACCURACY: Cell(50.0, 2.0)}}
    rows = [Row("base", None, "", cells, {}), Row("near", 0.3, "λ = 0.3", cells, {})]
    found = points(rows, "south", "north")
    assert found[1] == Point("near (λ = 0.3)", 50.0, 30.0, 2.0, 1.0)
    draw_front(found, "south", "north", tmp_path / "front.svg")
    assert (tmp_path / "front.svg").read_text().startswith("<?xml")
    with pytest.raises(ModelError, match="no set 'east' in the results; there are north, south"):
        points(rows, "east", "north")
