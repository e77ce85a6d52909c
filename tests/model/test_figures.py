"""The stray curve, from the metrics of runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.errors import ModelError
from model.figures import Curve, draw_stray, stray_curve


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
    assert stray_curve(write_run(tmp_path / "near", METRICS)) == Curve("near (λ = 0.3)", (0, 2), (0.0, 0.5))


def test_a_run_that_was_killed_in_the_middle_of_a_line_keeps_its_whole_lines(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", METRICS + '{"step": 3, "lo', weight=None)
    assert stray_curve(run) == Curve("run", (0, 2), (0.0, 0.5))


def test_a_run_without_stray_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no stray"):
        stray_curve(write_run(tmp_path / "base", '{"step": 1, "loss": 2.0}\n'))


def test_a_folder_without_metrics_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read the metrics"):
        stray_curve(tmp_path)


@pytest.mark.parametrize(("suffix", "beginning"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_figures_format_follows_its_name(tmp_path: Path, suffix: str, beginning: bytes) -> None:
    curves = [Curve("plain (λ = 0)", (0, 10), (0.0, 3.0)), Curve("near (λ = 0.3)", (0, 10), (0.0, 1.0))]
    draw_stray(curves, tmp_path / f"new/stray.{suffix}")
    assert (tmp_path / f"new/stray.{suffix}").read_bytes().startswith(beginning)
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_a_format_that_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"\.png, \.svg or \.pdf"):
        draw_stray([Curve("run", (0, 1), (0.0, 1.0))], tmp_path / "stray.docx")
