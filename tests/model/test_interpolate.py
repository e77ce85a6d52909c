"""Weights between a base and its run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from model.checkpoint import load_checkpoint
from model.errors import ModelError
from model.evaluate import EvaluationSet, evaluate
from model.interpolate import interpolate
from model.recipes import RECIPES, Run
from model.train import continue_pretraining


@pytest.fixture(scope="module")
def run(base: Path, dprk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    settings = Run(folder, max_steps=3, device="cpu", precision="fp32")
    continue_pretraining(str(base), dprk, recipe=RECIPES["default"], run=settings)
    return folder


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return AutoModelForMaskedLM.from_pretrained(folder).state_dict()


@pytest.mark.parametrize("alpha", [0.0, 0.25, 1.0])
def test_each_weight_lies_on_the_way_between_the_two(
    base: Path, run: Path, tmp_path: Path, alpha: float
) -> None:
    interpolate(str(base), run, alpha=alpha, output=tmp_path / "mixed")
    start, end, mixed = weights(base), weights(run), weights(tmp_path / "mixed")
    for name, found in mixed.items():
        torch.testing.assert_close(found, (1 - alpha) * start[name] + alpha * end[name])
    if alpha in (0, 1):
        assert all(torch.equal(found, (start, end)[int(alpha)][name]) for name, found in mixed.items())


def test_the_result_is_a_run_with_the_runs_tokenizer(
    base: Path, run: Path, dprk: Path, tmp_path: Path
) -> None:
    interpolate(str(base), run, alpha=0.5, output=tmp_path / "mixed")
    assert "[UNK]" not in AutoTokenizer.from_pretrained(tmp_path / "mixed").tokenize(
        "도이췰란드에서 돐을 맞으며"
    )
    record = json.loads((tmp_path / "mixed/run.json").read_text())
    assert (record["finished"], record["command"], record["alpha"]) == (True, "interpolate", 0.5)
    assert record["interpolated"]["result"]["steps"] == 3
    sets = [EvaluationSet("dprk", dprk)]
    found = evaluate([("mixed", str(tmp_path / "mixed"))], sets, repeats=1, max_sentences=5, device="cpu")
    assert found.results[0].score.known.targets > 0
    with pytest.raises(ModelError, match="holds a run already"):
        interpolate(str(base), run, alpha=0.5, output=tmp_path / "mixed")
    interpolate(str(base), run, alpha=0.1, output=tmp_path / "mixed", overwrite=True)


def test_a_run_of_another_base_is_refused(base: Path, run: Path, tmp_path: Path) -> None:
    model, tokenizer = load_checkpoint(str(base))
    del model.base_model.encoder.layer[1]
    model.config.num_hidden_layers = 1
    model.save_pretrained(tmp_path / "other")
    tokenizer.save_pretrained(tmp_path / "other")
    with pytest.raises(ModelError, match="different shapes"):
        interpolate(str(tmp_path / "other"), run, alpha=0.5, output=tmp_path / "mixed")
    tokenizer.add_tokens(["새말"])
    model.resize_token_embeddings(len(tokenizer))
    model.save_pretrained(tmp_path / "other")
    tokenizer.save_pretrained(tmp_path / "other")
    with pytest.raises(ModelError, match="different vocabularies"):
        interpolate(str(tmp_path / "other"), run, alpha=0.5, output=tmp_path / "mixed")
    assert not (tmp_path / "mixed").exists()


def test_neither_of_the_two_is_overwritten(base: Path, run: Path) -> None:
    with pytest.raises(ModelError, match="one of the two"):
        interpolate(str(base), run, alpha=0.5, output=run, overwrite=True)
