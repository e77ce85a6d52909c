"""Tables in the paper's form: log-perplexity and MLM accuracy of each model on each set, and what they differ by.

Table 7 has a row a model, Table 9 a row a weight λ; both are the same table here, the second sorted by λ.
"""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from model.bootstrap import AVERAGE, Differences, paired_differences
from model.errors import ModelError
from model.published import Published, published
from model.recipes import lone_weight, pull_label
from model.rendering import render_grid
from model.results import Evaluation, Score

Averaging = Literal["tokens", "batches"]
AVERAGINGS: tuple[Averaging, ...] = ("tokens", "batches")

LOG_PERPLEXITY, ACCURACY, RECIPROCAL_RANK = "log-ppl", "acc", "mrr"
MEASURES = (LOG_PERPLEXITY, ACCURACY, RECIPROCAL_RANK)
HEADINGS = {LOG_PERPLEXITY: "log-ppl", ACCURACY: "acc %", RECIPROCAL_RANK: "MRR"}
CSV_NAMES = {
    LOG_PERPLEXITY: "log_perplexity",
    ACCURACY: "accuracy_percent",
    RECIPROCAL_RANK: "reciprocal_rank",
}
DIGITS = {LOG_PERPLEXITY: 3, ACCURACY: 2, RECIPROCAL_RANK: 3}


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
    """One model: its figures by set and measure (log-perplexity in nats, accuracy in per cent, mean reciprocal rank),
    the average of several sets last; `weight` is its λ, None for a base and where it is not the paper's regulariser
    alone; `pull` says what held it near its base; `published` is what the paper reports of it.
    """

    model: str
    weight: float | None
    pull: str
    cells: dict[str, dict[str, Cell]]
    published: dict[str, Published]


def comparison(evaluation: Evaluation, averaging: Averaging = "tokens") -> list[Row]:
    """The rows of the table, models in the order they were evaluated in.

    `averaging` over tokens, or over batches as the paper did (which gives no mean reciprocal rank). The average is over
    sets first and then over maskings, as in the paper.
    """
    scores: dict[str, dict[str, list[Score]]] = {name: {} for name in evaluation.models}
    for result in evaluation.results:
        scores[result.model].setdefault(result.set, []).append(result.score)
    rows = []
    for model, by_set in scores.items():
        about = evaluation.models[model]
        pulls = about.get("pull")
        weight = None if pulls is None else lone_weight(pulls)
        figures = {name: [_figures(score, averaging) for score in by_set[name]] for name in evaluation.sets}
        if len(figures) > 1:
            figures[AVERAGE] = [
                {measure: statistics.fmean(each[measure] for each in masking) for measure in masking[0]}
                for masking in zip(*figures.values(), strict=True)
            ]
        cells = {
            name: {measure: Cell.of([each[measure] for each in maskings]) for measure in maskings[0]}
            for name, maskings in figures.items()
        }
        theirs = {} if pulls and weight is None else published(about.get("model", ""), weight)
        rows.append(Row(model, weight, "" if pulls is None else pull_label(pulls), cells, theirs))
    return rows


def _figures(score: Score, averaging: Averaging) -> dict[str, float]:
    if averaging == "batches":
        means = score.batch_means
        return {LOG_PERPLEXITY: means.log_perplexity, ACCURACY: 100 * means.accuracy}
    known = score.known
    return {
        LOG_PERPLEXITY: known.log_perplexity,
        ACCURACY: 100 * known.accuracy,
        RECIPROCAL_RANK: known.reciprocal_rank,
    }


def by_weight(rows: Sequence[Row]) -> list[Row]:
    """The rows in the order of λ, models without one first: the form of the paper's Table 9."""
    return sorted(rows, key=lambda row: -1.0 if row.weight is None else row.weight)


def render(
    rows: Sequence[Row],
    form: str = "text",
    *,
    measures: Sequence[str] = (LOG_PERPLEXITY, ACCURACY),
    with_published: bool = False,
) -> str:
    """The table as aligned text, Markdown, LaTeX or CSV (plain numbers, mean and deviation in columns of their own).

    `with_published` puts the paper's value beside each of ours, where it has one.
    """
    shown = [measure for measure in measures if measure in next(iter(rows[0].cells.values()))]
    if form == "csv":
        return _csv(rows, shown)
    header, body = ["model"], [[row.model] for row in rows]
    for name in rows[0].cells:
        for measure in shown:
            header.append(f"{name} {HEADINGS[measure]}")
            for cells, row in zip(body, rows, strict=True):
                cells.append(row.cells[name][measure].text(DIGITS[measure]))
            theirs = [_published(row, name, measure) for row in rows]
            if with_published and any(theirs):
                header.append("paper")
                for cells, value in zip(body, theirs, strict=True):
                    cells.append(value or "–")
    return render_grid(header, body, form)


def _published(row: Row, name: str, measure: str) -> str:
    values = row.published.get(name)
    if values is None or measure == RECIPROCAL_RANK:
        return ""
    value = values.log_perplexity if measure == LOG_PERPLEXITY else values.accuracy
    return f"{value:.{DIGITS[measure]}f}"


def differences(evaluation: Evaluation, baseline: str, form: str = "text") -> str:
    """What each model's figures differ by from the baseline's, with 95 % intervals; see `model.bootstrap`.

    Raises `ModelError` when there is no such model.
    """
    if baseline not in evaluation.models:
        raise ModelError(f"no model {baseline!r} to compare with; there are {', '.join(evaluation.models)}")
    others = [name for name in evaluation.models if name != baseline]
    sums = {
        model: {name: evaluation.documents[model, name] for name in evaluation.sets}
        for model in evaluation.models
    }
    found = paired_differences(sums[baseline], [sums[name] for name in others])
    if form == "csv":
        return _differences_csv(baseline, others, found)
    header, body = [f"less {baseline}"], [[name] for name in others]
    for name in found[0] if found else ():
        header += [f"{name} {HEADINGS[LOG_PERPLEXITY]}", f"{name} {HEADINGS[ACCURACY]}"]
        for cells, difference in zip(body, found, strict=True):
            both = difference[name]
            cells += [both.log_perplexity.text(3), both.accuracy.text(2)]
    return render_grid(header, body, form)


def notes(evaluation: Evaluation) -> list[str]:
    """What a reader of the table must know: vocabularies that differ, hidden tokens that it leaves out as `[UNK]`,
    sentences that were cut.
    """
    unknown: dict[str, str] = {}
    for result in evaluation.results:
        targets = result.score.unknown.targets
        share = targets / max(1, targets + result.score.known.targets)
        if share:
            unknown.setdefault(result.set, f"{result.set} {100 * share:.2f} %")
    cut = {
        name: f"{name} {about['truncated']:,} of {about['sentences']:,}"
        for name, about in evaluation.sets.items()
        if about["truncated"]
    }
    lines = [
        f"{what}: {', '.join(parts.values())}"
        for what, parts in (
            ("hidden tokens left out because they are [UNK] in the vocabulary", unknown),
            ("sentences longer than the models were asked to read, and cut there", cut),
        )
        if parts
    ]
    if len({about.get("tokenizer") for about in evaluation.models.values()}) > 1:
        lines.append(
            "the models have different vocabularies: log-perplexity and accuracy a token cannot be compared between "
            "them, bits a syllable can (model evaluate --by-syllable)"
        )
    return lines


def _csv(rows: Sequence[Row], measures: Sequence[str]) -> str:
    names = {
        LOG_PERPLEXITY: "log_perplexity",
        ACCURACY: "accuracy_percent",
        RECIPROCAL_RANK: "reciprocal_rank",
    }
    header = ["model", "weight", "set"]
    for measure in measures:
        header += [names[measure], f"{names[measure]}_sd"]
    lines = [header]
    for row in rows:
        for name, cells in row.cells.items():
            numbers = [number for each in measures for number in (cells[each].mean, cells[each].deviation)]
            weight = "" if row.weight is None else f"{row.weight:g}"
            lines.append([row.model, weight, name, *(f"{number:.6f}" for number in numbers)])
    return written(lines)


def _differences_csv(baseline: str, models: Sequence[str], found: Sequence[dict[str, Differences]]) -> str:
    lines = [["model", "baseline", "set", "measure", "difference", "low", "high"]]
    for model, by_set in zip(models, found, strict=True):
        for name, both in by_set.items():
            for measure, difference in (
                (CSV_NAMES[LOG_PERPLEXITY], both.log_perplexity),
                (CSV_NAMES[ACCURACY], both.accuracy),
            ):
                numbers = (difference.value, difference.low, difference.high)
                lines.append([model, baseline, name, measure, *(f"{number:.6f}" for number in numbers)])
    return written(lines)


def written(lines: Sequence[Sequence[str]]) -> str:
    """CSV without the last line's end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue().rstrip("\n")
