"""Figures: how runs went, from their `metrics.jsonl`, and what models came to, from results.

`stray` is the paper's Figure 1, the distance of the representations from the base over training; `log-perplexity` and
`accuracy` follow each watched set as its learning curves do; `pareto` lays all models on the plane of what they know of
one Korean and of the other.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from model.errors import ModelError
from model.recipes import pull_label
from model.tables import ACCURACY, Row

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
    """One figure of one run by training step; `panel` is the watched set, or empty where there is none."""

    label: str
    panel: str
    steps: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a figure shows: axis and title, and the values of a line of metrics by panel."""

    title: str
    axis: str
    values: Callable[[Mapping[str, Any]], dict[str, float]]


KINDS = {
    "stray": Kind(
        "Representation stray",
        "mean L2 distance of a token from the base",
        lambda line: {"": line["stray"]} if "stray" in line else {},
    ),
    "loss": Kind(
        "Masked-LM loss of the training text",
        "nats a hidden token",
        lambda line: {"": line["mlm_loss"]} if "mlm_loss" in line else {},
    ),
    "log-perplexity": Kind(
        "Log-perplexity of validation text",
        "nats a hidden token",
        lambda line: _watched(line, "log_perplexity"),
    ),
    "accuracy": Kind(
        "MLM accuracy on validation text",
        "% of hidden tokens",
        lambda line: {name: 100 * value for name, value in _watched(line, "accuracy").items()},
    ),
}


def curves(run: Path, kind: str) -> list[Curve]:
    """A run's curves of one kind, a panel each. Raises `ModelError` when the run has none."""
    found: dict[str, list[tuple[int, float]]] = {}
    for line in _metrics(run):
        for panel, value in KINDS[kind].values(line).items():
            found.setdefault(panel, []).append((line["step"], value))
    if not found:
        raise ModelError(f"{run} measured no {kind}; give the folder of a `model train` run")
    label = _label(run)
    return [
        Curve(label, panel, *(tuple(each) for each in zip(*points, strict=True)))
        for panel, points in found.items()
    ]


def draw_curves(curves: Sequence[Curve], kind: str, output: Path) -> None:
    """Write the figure, a panel a watched set; the format follows from the suffix (png, svg, pdf). Raises `ModelError`
    for another one.
    """
    panels = list(dict.fromkeys(curve.panel for curve in curves))
    runs = list(dict.fromkeys(curve.label for curve in curves))
    figure = Figure(figsize=(7 if len(panels) == 1 else 5 * len(panels), 4.2), layout="constrained")
    for place, (panel, axes) in enumerate(
        zip(panels, figure.subplots(1, len(panels), squeeze=False)[0], strict=True)
    ):
        for curve in curves:
            if curve.panel != panel:
                continue
            colour = COLOURS[runs.index(curve.label) % len(COLOURS)]
            axes.plot(curve.steps, curve.values, color=colour, linewidth=2)
            axes.annotate(
                curve.label,
                (curve.steps[-1], curve.values[-1]),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                color=colour,
            )
        axes.set_xlabel("training step")
        if place == 0:
            axes.set_ylabel(KINDS[kind].axis)
        axes.set_title(": ".join(filter(None, (KINDS[kind].title, panel))), loc="left", fontweight="bold")
        axes.margins(x=0.02)
        if min(min(curve.values) for curve in curves) >= 0:
            axes.set_ylim(bottom=0)
        _plain(axes)
    _save(figure, output)


@dataclass(frozen=True, slots=True)
class Point:
    """A model on the plane of two accuracies, in per cent, with their deviations over maskings."""

    label: str
    x: float
    y: float
    x_deviation: float
    y_deviation: float


def points(rows: Sequence[Row], x: str, y: str) -> list[Point]:
    """The models of a table. Raises `ModelError` when it lacks one of the sets."""
    for name in (x, y):
        if name not in rows[0].cells:
            raise ModelError(f"no set {name!r} in the results; there are {', '.join(rows[0].cells)}")
    found = []
    for row in rows:
        label = f"{row.model} ({row.pull})" if row.pull else row.model
        across, up = row.cells[x][ACCURACY], row.cells[y][ACCURACY]
        found.append(Point(label, across.mean, up.mean, across.deviation, up.deviation))
    return found


def front(points: Sequence[Point]) -> list[Point]:
    """The points that no other one betters on one axis without being worse on the other, by growing x."""
    best: list[Point] = []
    for point in sorted(points, key=lambda point: (-point.x, -point.y)):
        if not best or point.y > best[-1].y:
            best.append(point)
    return best[::-1]


def draw_front(points: Sequence[Point], x: str, y: str, output: Path) -> None:
    """Write the plane of two sets' accuracies with the Pareto front drawn through it."""
    figure = Figure(figsize=(7, 5.2), layout="constrained")
    axes = figure.subplots()
    edge = front(points)
    axes.plot(
        [point.x for point in edge], [point.y for point in edge], color="#999999", linewidth=1.5, zorder=1
    )
    for point in points:
        colour = COLOURS[0] if point in edge else COLOURS[1]
        axes.errorbar(
            point.x, point.y, point.y_deviation, point.x_deviation, "o", color=colour, markersize=6, capsize=2
        )
        axes.annotate(
            point.label, (point.x, point.y), xytext=(7, 5), textcoords="offset points", color=colour
        )
    axes.set_xlabel(f"accuracy on {x}, %")
    axes.set_ylabel(f"accuracy on {y}, %")
    axes.set_title("What each model knows of either Korean", loc="left", fontweight="bold")
    axes.margins(0.12)
    _plain(axes)
    _save(figure, output)


def _watched(line: Mapping[str, Any], measure: str) -> dict[str, float]:
    return {name: values[measure] for name, values in line.get("validation", {}).items()}


def _metrics(run: Path) -> Iterator[dict[str, Any]]:
    try:
        with (run / "metrics.jsonl").open(encoding="utf-8") as lines:
            for text in lines:
                # A run that was killed while it wrote may end in half a line; what stands before it is good.
                if not text.endswith("\n"):
                    return
                yield json.loads(text)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"cannot read the metrics of {run}: {error}; give the folder of a `model train` run"
        ) from error


def _plain(axes: Axes) -> None:
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _save(figure: Figure, output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_name(f".{output.stem}.tmp{output.suffix}")
    try:
        figure.savefig(temporary, dpi=160)
    except ValueError as error:
        raise ModelError(f"cannot draw {output}: {error}; end its name in .png, .svg or .pdf") from error
    os.replace(temporary, output)


def _label(run: Path) -> str:
    """`run (λ = 0.3)`, with what held it near its base from the run's record."""
    try:
        pulls = json.loads((run / "run.json").read_text(encoding="utf-8"))["pull"]
    except (OSError, ValueError, KeyError):
        return run.name
    return f"{run.name} ({pull_label(pulls)})"
