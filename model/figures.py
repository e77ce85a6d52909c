"""Figures from `metrics.jsonl`: the paper's Figure 1, the stray of the representations over training."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from model.errors import ModelError
from model.recipes import REPRESENTATIONS

mpl.rcParams["font.family"] = "sans-serif"
COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
)  # Okabe and Ito: told apart by everyone


@dataclass(frozen=True, slots=True)
class Curve:
    """The stray of one run: mean L2 distance from the base, by training step."""

    label: str
    steps: tuple[int, ...]
    stray: tuple[float, ...]


def stray_curve(run: Path) -> Curve:
    """Read a run's curve. Raises `ModelError` when the run has none."""
    steps, stray = [], []
    try:
        with (run / "metrics.jsonl").open(encoding="utf-8") as lines:
            for text in lines:
                # A run that was killed while it wrote may end in half a line; what stands before it is good.
                if not text.endswith("\n"):
                    break
                line = json.loads(text)
                if "stray" in line:
                    steps.append(line["step"])
                    stray.append(line["stray"])
    except (OSError, ValueError) as error:
        raise ModelError(
            f"cannot read the metrics of {run}: {error}; give the folder of a `model train` run"
        ) from error
    if not steps:
        raise ModelError(f"{run} has no stray to draw; only runs of `model train` measure it")
    return Curve(_label(run), tuple(steps), tuple(stray))


def draw_stray(curves: Sequence[Curve], output: Path) -> None:
    """Write the figure; the format follows from the suffix (png, svg, pdf). Raises `ModelError` for another one."""
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    for number, curve in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        axes.plot(curve.steps, curve.stray, color=colour, linewidth=2)
        axes.annotate(
            curve.label,
            (curve.steps[-1], curve.stray[-1]),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
        )
    axes.set_xlabel("training step")
    axes.set_ylabel("mean L2 distance of a token from the base")
    axes.set_title("Representation stray", loc="left", fontweight="bold")
    axes.set_ylim(bottom=0)
    axes.margins(x=0.02)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_name(f".{output.stem}.tmp{output.suffix}")
    try:
        figure.savefig(temporary, dpi=160)
    except ValueError as error:
        raise ModelError(f"cannot draw {output}: {error}; end its name in .png, .svg or .pdf") from error
    os.replace(temporary, output)


def _label(run: Path) -> str:
    """`run (λ = 0.3)` with λ from the run's record; where it is not the paper's regulariser alone, with names."""
    try:
        pulls = json.loads((run / "run.json").read_text(encoding="utf-8"))["pull"]
    except (OSError, ValueError, KeyError):
        return run.name
    active = [pull for pull in pulls if pull["weight"]]
    if not active:
        return f"{run.name} (λ = 0)"
    if [pull["regularizer"] for pull in active] == [REPRESENTATIONS]:
        return f"{run.name} (λ = {active[0]['weight']:g})"
    parts = (f"{pull['regularizer']} {pull['weight']:g}" for pull in active)
    return f"{run.name} ({', '.join(parts)})"
