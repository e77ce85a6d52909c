"""A run that was killed goes on as if nothing had happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from transformers import AutoModelForMaskedLM

from model.errors import ModelError
from model.progress import Progress, keep_metrics, last_progress, save_progress
from model.recipes import RECIPES, Pull, Run
from model.train import continue_pretraining

ROOT = Path(__file__).parent.parent.parent


EVERY_TERM = ("representations", "l2-sp", "ewc", "distillation", "replay")


def command(base: Path, corpus: Path, retain: Path, output: Path, *more: str) -> list[str]:
    options = ["--max-steps", "32", "--batch-tokens", "512", "--save-every", "5", "--dropout", "0.1"]
    options += ["--learning-rate", "1e-3", "--device", "cpu", "--precision", "fp32"]
    options += ["--retain", str(retain), "--fisher-sentences", "20"]
    options += [word for name in EVERY_TERM for word in ("--regularizer", name)]
    train = [sys.executable, "-m", "model", "train", "--corpus", str(corpus), "--base", str(base)]
    return [*train, "--output", str(output), *options, *more]


def run(words: list[str]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


def lines(folder: Path) -> list[dict[str, float]]:
    return [
        {name: value for name, value in json.loads(line).items() if name != "tokens_per_second"}
        for line in (folder / "metrics.jsonl").read_text().splitlines()
    ]


@pytest.mark.slow
def test_a_run_killed_at_any_moment_and_resumed_equals_an_undisturbed_one(
    base: Path, dprk: Path, rok: Path, tmp_path: Path
) -> None:
    assert run(command(base, dprk, rok, tmp_path / "whole")).returncode == 0
    stopped = tmp_path / "stopped"
    for kills in range(2):
        running = subprocess.Popen(
            command(base, dprk, rok, stopped, *(["--resume"] if kills else [])),
            cwd=ROOT,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stderr=subprocess.DEVNULL,
        )
        before = last_progress(stopped)
        deadline = time.monotonic() + 120
        while last_progress(stopped) in (None, before) and time.monotonic() < deadline:
            assert running.poll() is None, "the run ended before it could be killed"
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.wait()
    refused = run(command(base, dprk, rok, stopped))
    assert refused.returncode == 1
    assert "--resume" in refused.stderr
    resumed = run(command(base, dprk, rok, stopped, "--resume"))
    assert resumed.returncode == 0, resumed.stderr
    assert lines(stopped) == lines(tmp_path / "whole")
    whole, again = (
        AutoModelForMaskedLM.from_pretrained(tmp_path / name).state_dict() for name in ("whole", "stopped")
    )
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    assert last_progress(stopped) is None
    assert sorted(path.name for path in stopped.iterdir()) == sorted(
        path.name for path in (tmp_path / "whole").iterdir()
    )


RECIPE = replace(RECIPES["default"], batch_tokens=512)


def train(base: Path, corpus: Path, output: Path, weight: float, **changes: object) -> None:
    settings = Run(output, max_steps=4, device="cpu", precision="fp32", save_every=2)
    continue_pretraining(
        str(base), corpus, recipe=RECIPE, run=replace(settings, **changes), pull=Pull(weight=weight)
    )


@pytest.mark.parametrize(
    "pull",
    [
        Pull("representations", 0.3, teacher_input="unmasked", text="retain"),
        Pull("l2-sp", 0.1),
        Pull("ewc", 1.0, fisher_sentences=20),
        Pull("distillation", 1.0),
        Pull("replay", 0.25),
    ],
    ids=lambda pull: pull.regularizer,
)
def test_each_term_goes_on_from_a_state_as_if_it_had_never_stopped(
    base: Path, dprk: Path, rok: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pull: Pull
) -> None:
    recipe = replace(RECIPE, dropout=0.1, keep="best", learning_rate=1e-3)

    def go_on(folder: Path, *, resume: bool = False) -> None:
        settings = Run(folder, max_steps=6, device="cpu", precision="fp32", save_every=2, resume=resume)
        continue_pretraining(str(base), dprk, recipe=recipe, run=settings, pull=pull, retain=rok)

    def stopping(accelerator: Accelerator, folder: Path, progress: Progress) -> None:
        save_progress(accelerator, folder, progress)
        if progress.step == 4:
            raise KeyboardInterrupt

    go_on(tmp_path / "whole")
    with monkeypatch.context() as patch:
        patch.setattr("model.fit.save_progress", stopping)
        with pytest.raises(KeyboardInterrupt):
            go_on(tmp_path / "stopped")
    assert last_progress(tmp_path / "stopped") is not None
    go_on(tmp_path / "stopped", resume=True)
    assert lines(tmp_path / "stopped") == lines(tmp_path / "whole")
    for name in ("model.safetensors", "last/model.safetensors"):
        assert (tmp_path / "stopped" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_run_is_not_resumed_with_other_options(base: Path, dprk: Path, tmp_path: Path) -> None:
    train(base, dprk, tmp_path / "run", 0.3)
    record = json.loads((tmp_path / "run/run.json").read_text()) | {"finished": False}
    (tmp_path / "run/run.json").write_text(json.dumps(record))
    with pytest.raises(ModelError, match=r"another pull\.0\.weight;"):
        train(base, dprk, tmp_path / "run", 0.7, resume=True)
    with pytest.raises(ModelError, match=r"another run\.seed;"):
        train(base, dprk, tmp_path / "run", 0.3, resume=True, seed=5)


def test_resuming_what_was_never_begun_begins_it(base: Path, dprk: Path, tmp_path: Path) -> None:
    train(base, dprk, tmp_path / "run", 0.0, resume=True)
    assert lines(tmp_path / "run")[-1]["step"] == 4


def test_a_finished_run_is_not_resumed(base: Path, dprk: Path, tmp_path: Path) -> None:
    train(base, dprk, tmp_path / "run", 0.0)
    with pytest.raises(ModelError, match="holds a run already"):
        train(base, dprk, tmp_path / "run", 0.0, resume=True)


def test_metrics_after_the_state_and_half_a_line_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 0}\n{"step": 2}\n{"step": 3}\n{"st')
    keep_metrics(path, 2)
    assert path.read_text() == '{"step": 0}\n{"step": 2}\n'


def test_a_state_that_was_being_written_does_not_count(tmp_path: Path) -> None:
    for name in ("9", "20", "30.writing"):
        (tmp_path / "progress" / name).mkdir(parents=True)
    assert last_progress(tmp_path) == tmp_path / "progress" / "20"


def test_a_state_is_written_after_the_line_of_its_step(
    base: Path, dprk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a run that is killed between the two would lack the line for ever."""
    written: list[tuple[int, float]] = []

    def watching(accelerator: Accelerator, folder: Path, progress: Progress) -> None:
        written.append((progress.step, lines(folder)[-1]["step"]))
        save_progress(accelerator, folder, progress)

    monkeypatch.setattr("model.fit.save_progress", watching)
    train(base, dprk, tmp_path / "run", 0.0)
    assert written == [(2, 2)]
