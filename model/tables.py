"""Tables in the form of the paper's Table 7: log-perplexity and MLM accuracy of each model on each set."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from model.errors import ModelError
from model.results import Evaluation, Result

AVERAGE = "average"
FORMATS = ("text", "markdown", "csv")


@dataclass(frozen=True, slots=True)
class Cell:
    """Mean and sample standard deviation over the maskings."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Cell:
        return cls(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else 0.0)

    def text(self, digits: int) -> str:
        return f"{self.mean:.{digits}f} ± {self.deviation:.{digits}f}"


@dataclass(frozen=True, slots=True)
class Row:
    """One model: (log-perplexity in nats, accuracy in per cent) by set, the average last."""

    model: str
    cells: dict[str, tuple[Cell, Cell]]


def comparison(evaluations: Sequence[Evaluation]) -> list[Row]:
    """The rows of the table, models in the order they were evaluated in.

    The average is over sets first and then over maskings, as in the paper. Raises `ModelError` when files disagree on
    what a set's name stands for, or a model was not scored on every set.
    """
    sets: dict[str, str] = {}
    results: dict[tuple[str, str], list[Result]] = {}
    origin: dict[tuple[str, str], int] = {}
    for number, evaluation in enumerate(evaluations):
        for name, about in evaluation.sets.items():
            if sets.setdefault(name, identity(about)) != identity(about):
                raise ModelError(
                    f"the files mean different corpora by {name!r}; evaluate the models on the same export"
                )
        for result in evaluation.results:
            key = (result.model, result.set)
            if origin.setdefault(key, number) != number:
                raise ModelError(
                    f"two files hold a model {result.model!r}; give one of them another name (NAME=MODEL)"
                )
            results.setdefault(key, []).append(result)
    rows = []
    for model in dict.fromkeys(model for model, _ in results):
        missing = [name for name in sets if (model, name) not in results]
        if missing:
            raise ModelError(
                f"{model!r} was not evaluated on {', '.join(missing)}; tables need every model on every set"
            )
        rows.append(_row(model, {name: results[model, name] for name in sets}))
    return rows


def identity(about: dict[str, object]) -> str:
    """What makes two sets the same: the corpus's checksum, the split, how many sentences of it were read."""
    return f"{about['checksum']}:{about['split']}:{about['sentences']}"


def _row(model: str, by_set: dict[str, list[Result]]) -> Row:
    def values(measure: str) -> dict[str, list[float]]:
        return {
            name: [getattr(result.score.known, measure) for result in results]
            for name, results in by_set.items()
        }

    perplexities = values("log_perplexity")
    accuracies = {name: [100 * value for value in each] for name, each in values("accuracy").items()}
    for columns in (perplexities, accuracies):
        if len(columns) > 1:
            columns[AVERAGE] = [statistics.fmean(masking) for masking in zip(*columns.values(), strict=True)]
    return Row(
        model, {name: (Cell.of(perplexities[name]), Cell.of(accuracies[name])) for name in perplexities}
    )


def render(rows: Sequence[Row], form: str = "text") -> str:
    """The table as aligned text, Markdown or CSV (plain numbers, mean and deviation in columns of their own)."""
    if form == "csv":
        return _csv(rows)
    header, body = ["model"], [[row.model] for row in rows]
    for name in rows[0].cells:
        header += [f"{name} log-ppl", f"{name} acc %"]
        for cells, row in zip(body, rows, strict=True):
            perplexity, accuracy = row.cells[name]
            cells += [perplexity.text(3), accuracy.text(2)]
    widths = [max(map(len, column)) for column in zip(header, *body, strict=True)]
    lines = [[header[0].ljust(widths[0]), *map(str.rjust, header[1:], widths[1:])]]
    lines += [[cells[0].ljust(widths[0]), *map(str.rjust, cells[1:], widths[1:])] for cells in body]
    if form == "markdown":
        rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in [lines[0], rule, *lines[1:]])
    rule = ["─" * width for width in widths]
    return "\n".join("  ".join(cells).rstrip() for cells in [lines[0], rule, *lines[1:]])


def notes(evaluations: Sequence[Evaluation]) -> list[str]:
    """What a reader of the table must know: hidden tokens that it leaves out as `[UNK]`, sentences that were cut."""
    unknown: dict[str, str] = {}
    cut: dict[str, str] = {}
    for evaluation in evaluations:
        for result in evaluation.results:
            share = result.score.unknown.targets / max(
                1, result.score.unknown.targets + result.score.known.targets
            )
            if share:
                unknown.setdefault(result.set, f"{result.set} {100 * share:.2f} %")
        for name, about in evaluation.sets.items():
            if about["truncated"]:
                cut.setdefault(name, f"{name} {about['truncated']:,} of {about['sentences']:,}")
    lines = (
        ("hidden tokens left out because they are [UNK] in the vocabulary", unknown),
        ("sentences longer than the models were asked to read, and cut there", cut),
    )
    return [f"{what}: {', '.join(parts.values())}" for what, parts in lines if parts]


def _csv(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["model", "set", "log_perplexity", "log_perplexity_sd", "accuracy_percent", "accuracy_percent_sd"]
    )
    for row in rows:
        for name, (perplexity, accuracy) in row.cells.items():
            numbers = (perplexity.mean, perplexity.deviation, accuracy.mean, accuracy.deviation)
            writer.writerow([row.model, name, *(f"{number:.6f}" for number in numbers)])
    return out.getvalue().rstrip("\n")
