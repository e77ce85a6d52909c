"""The loop: what a run logs, examines and keeps."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForMaskedLM

from model.checkpoint import load_checkpoint
from model.data import Sentences, find_corpus, tokenize
from model.errors import ModelError
from model.fit import fit
from model.log import AVAILABLE, check_trackers
from model.recipes import RECIPES, Best, Fitted, Pull, Run
from model.regularizers import build_terms

RECIPE = RECIPES["default"]


@pytest.fixture(scope="module")
def sentences(base: Path, dprk: Path) -> Sentences:
    _, tokenizer = load_checkpoint(str(base))
    return tokenize([(find_corpus(dprk), "train")], tokenizer, 64, describe="")


def test_a_run_is_logged_and_examined_evenly_whatever_its_length(
    base: Path, sentences: Sentences, tmp_path: Path
) -> None:
    model, tokenizer = load_checkpoint(str(base))
    run = Run(tmp_path, max_steps=437, device="cpu", precision="fp32")
    few = sentences.subset(8)
    recipe = replace(RECIPE, batch_tokens=64, max_length=16)
    fit(model, tokenizer, few, recipe=recipe, run=run, examine=lambda precision: {"looked": precision})
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    looked = [line["step"] for line in lines if "looked" in line]
    assert looked == [0, *range(36, 437, 36), 437]
    assert {line["step"] for line in lines} >= {*range(0, 437, 2), 437}


def test_a_loss_that_is_no_number_stops_the_run(base: Path, sentences: Sentences, tmp_path: Path) -> None:
    model, tokenizer = load_checkpoint(str(base))
    recipe = replace(RECIPE, learning_rate=1e30, clip=None, warmup=0.0)
    run = Run(tmp_path, max_steps=20, device="cpu", precision="fp32")
    with pytest.raises(ModelError, match="no longer a number"):
        fit(model, tokenizer, sentences, recipe=recipe, run=run)


class TestBestAndLast:
    """With an examination that says what the test wants to hear."""

    def fit(
        self, base: Path, sentences: Sentences, folder: Path, scores: list[float], **changes: Any
    ) -> tuple[Fitted, list[dict[str, Any]]]:
        """A run that is examined after each of its steps; returns also the lines of its examinations."""
        folder.mkdir(exist_ok=True)
        model, tokenizer = load_checkpoint(str(base))
        heard = iter([9.0, *scores])

        def examine(precision: str) -> dict[str, Any]:
            # Two sets, of which the average counts.
            score = next(heard)
            return {"validation": {"a": said(score - 1), "b": said(score + 1)}}

        def said(score: float) -> dict[str, float]:
            return {"log_perplexity": score, "accuracy": 0.5}

        fitted = fit(
            model,
            tokenizer,
            sentences.subset(64),
            recipe=replace(RECIPE, batch_tokens=128, max_length=16, learning_rate=1e-3, **changes),
            run=Run(folder, max_steps=len(scores), device="cpu", precision="fp32"),
            examine=examine,
        )
        text = (folder / "metrics.jsonl").read_text()
        return fitted, [line for line in map(json.loads, text.splitlines()) if "validation" in line]

    def test_the_best_examination_is_kept_beside_the_last_step(
        self, base: Path, sentences: Sentences, tmp_path: Path
    ) -> None:
        fitted, _ = self.fit(base, sentences, tmp_path / "run", [5.0, 3.0, 4.0])
        assert fitted.best == Best(2, 3.0)
        same, _ = self.fit(base, sentences, tmp_path / "shorter", [5.0, 3.0, 2.0])
        assert same.best == Best(3, 2.0)
        best, last, other = (
            AutoModelForMaskedLM.from_pretrained(folder).state_dict()
            for folder in (tmp_path / "run/best", tmp_path / "run/last", tmp_path / "shorter/best")
        )
        assert all(torch.equal(last[name], other[name]) for name in last)
        assert not all(torch.equal(last[name], best[name]) for name in last)

    def test_without_patience_a_run_goes_on_to_its_end(
        self, base: Path, sentences: Sentences, tmp_path: Path
    ) -> None:
        fitted, lines = self.fit(base, sentences, tmp_path, [3.0, 4.0, 4.0, 4.0, 4.0])
        assert (fitted.steps, len(lines)) == (5, 6)

    def test_patience_ends_a_run_that_no_longer_improves(
        self, base: Path, sentences: Sentences, tmp_path: Path
    ) -> None:
        fitted, lines = self.fit(base, sentences, tmp_path, [5.0, 3.0, 4.0, 3.5, 1.0, 1.0], patience=2)
        assert (fitted.steps, fitted.best) == (4, Best(2, 3.0))
        assert [line["step"] for line in lines] == [0, 1, 2, 3, 4]
        assert lines[-1]["learning_rate"] == pytest.approx(
            1e-3 * 3 / 6
        )  # the schedule is that of the whole run

    def test_an_equal_score_is_no_improvement(self, base: Path, sentences: Sentences, tmp_path: Path) -> None:
        fitted, _ = self.fit(base, sentences, tmp_path, [3.0, 3.0, 3.0, 3.0], patience=3)
        assert (fitted.steps, fitted.best) == (4, Best(1, 3.0))


def test_with_patience_a_run_of_many_epochs_is_examined_after_each(
    base: Path, sentences: Sentences, tmp_path: Path
) -> None:
    model, tokenizer = load_checkpoint(str(base))
    recipe = replace(RECIPES["paper"], epochs=20, max_length=32)
    few = sentences.subset(16)  # two steps an epoch
    run = Run(tmp_path, device="cpu", precision="fp32")
    fit(model, tokenizer, few, recipe=recipe, run=run, examine=lambda precision: {"looked": precision})
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "looked" in line] == list(range(0, 41, 2))


def test_the_terms_are_logged_raw_and_weighted(base: Path, sentences: Sentences, tmp_path: Path) -> None:
    model, tokenizer = load_checkpoint(str(base))
    pulls = [Pull(weight=0.3), Pull("l2-sp", 0.1)]
    run = Run(tmp_path, max_steps=5, device="cpu", precision="fp32")
    terms = build_terms(pulls, model, tokenizer, run=run)
    fit(model, tokenizer, sentences, recipe=replace(RECIPE, batch_tokens=512), run=run, terms=terms)
    line = json.loads((tmp_path / "metrics.jsonl").read_text().splitlines()[-1])
    parts = line["regularizers"]
    assert list(parts) == ["representations", "l2-sp"]
    assert parts["l2-sp"]["weighted"] == 0.1 * parts["l2-sp"]["value"] > 0
    added = sum(part["weighted"] for part in parts.values())
    assert line["loss"] == pytest.approx(line["mlm_loss"] + added, rel=1e-6)


def test_tensorboard_gets_the_figures_of_the_metrics(
    base: Path, sentences: Sentences, tmp_path: Path
) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    model, tokenizer = load_checkpoint(str(base))
    run = Run(tmp_path, max_steps=3, device="cpu", precision="fp32", trackers=("tensorboard",))
    fit(
        model,
        tokenizer,
        sentences,
        recipe=replace(RECIPE, batch_tokens=512),
        run=run,
        examine=lambda precision: {"validation": {"set": {"log_perplexity": 2.0, "accuracy": 0.25}}},
    )
    events = accumulator.EventAccumulator(str(tmp_path / "tracking" / "dprk-bert")).Reload()
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    losses = [(event.step, event.value) for event in events.Scalars("loss")]
    assert losses == [(line["step"], pytest.approx(line["loss"])) for line in lines if "loss" in line]
    assert [event.value for event in events.Scalars("validation/set/accuracy")] == [0.25] * 4


def test_a_tracker_without_its_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AVAILABLE, "wandb", lambda: False)
    with pytest.raises(ModelError, match="pip install wandb"):
        check_trackers(("wandb",))
