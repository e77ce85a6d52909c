"""The whole road by its commands, as a user types them: page → archive → corpus → model → table and figure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from transformers import pipeline

from crawler.replica.server import serve
from crawler.replica.site import Site

ROOT = Path(__file__).parent.parent
SMALL = ("--size", "tiny", "--vocab-size", "6000", "--batch-tokens", "1024", "--max-steps", "30")
SHORT = ("--batch-tokens", "1024", "--learning-rate", "1e-3", "--max-steps", "20")


class Shell:
    """Runs the installed commands from the checkout, on one thread, without a hub."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(folder),
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
            "LC_ALL": "C.UTF-8",
            "ARCHIVE_URL": f"sqlite:///{folder}/rodong.db",
        }

    def __call__(self, *command: object, exit_code: int = 0) -> str:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == exit_code, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout if exit_code == 0 else done.stderr


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything once; the tests look at what it left."""
    folder = tmp_path_factory.mktemp("road")
    shell = Shell(folder)
    fast = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")
    with serve(Site(seed=3, days=20, per_day=10, today=date(2026, 5, 20))) as server:
        shell("scrapy", "crawl", "rodong", "-a", f"base_url={server.url}", *fast)
    shell(
        "scrapy",
        "prose",
        "--orthography",
        "rok",
        "--documents",
        80,
        "--seed",
        3,
        "--output",
        folder / "rok.jsonl",
    )
    shell(
        "corpus",
        "export",
        "--split",
        "--source",
        f"archive:sqlite:///{folder}/rodong.db",
        "--output",
        folder / "dprk",
    )
    shell("corpus", "export", "--split", "--source", f"jsonl:{folder}/rok.jsonl", "--output", folder / "rok")
    shell("model", "pretrain", "--corpus", folder / "rok", "--output", folder / "base", *SMALL)
    train = (
        "model",
        "train",
        "--corpus",
        folder / "dprk",
        "--base",
        folder / "base",
        "--retain",
        folder / "rok",
    )
    shell(*train, "--output", folder / "plain", *SHORT)
    shell(*train, "--output", folder / "near", "--regularizer", "representations", "--weight", 0.3, *SHORT)
    sets = ("--corpus", f"dprk={folder}/dprk", "--corpus", f"rok={folder}/rok:validation")
    models = (folder / "base", folder / "plain", folder / "near")
    table = shell("model", "evaluate", *models, *sets, "--output", folder / "results.json")
    (folder / "table.txt").write_text(table)
    shell("model", "plot", folder / "plain", folder / "near", "--output", folder / "stray.png")
    return folder


@pytest.mark.slow
def test_the_table_has_every_model_on_every_set(road: Path) -> None:
    header, _, *rows = (road / "table.txt").read_text().splitlines()
    assert header.split()[:5] == ["model", "dprk", "log-ppl", "dprk", "acc"]
    assert [row.split()[0] for row in rows[:3]] == ["base", "plain", "near"]
    assert rows[0].count("±") == 6


@pytest.mark.slow
def test_compare_prints_the_same_table_again(road: Path) -> None:
    again = Shell(road)("model", "compare", road / "results.json")
    assert (road / "table.txt").read_text().startswith(again.splitlines()[0])


@pytest.mark.slow
def test_the_unregularised_model_learns_most_and_strays_most(road: Path) -> None:
    scores = json.loads((road / "results.json").read_text())["results"]
    loss = {
        model: sum(s["score"]["known"]["nll"] for s in scores if (s["model"], s["set"]) == (model, "dprk"))
        for model in ("base", "plain", "near")
    }
    assert loss["plain"] < loss["near"] < loss["base"]
    stray = {
        model: [json.loads(line) for line in (road / model / "metrics.jsonl").read_text().splitlines()][-1][
            "stray"
        ]
        for model in ("plain", "near")
    }
    assert stray["near"] < stray["plain"]


@pytest.mark.slow
def test_the_figure_is_a_picture(road: Path) -> None:
    assert (road / "stray.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_run_takes_raw_text_with_the_norths_syllables(road: Path) -> None:
    guesses = pipeline("fill-mask", model=str(road / "near"))("윁남의 농장원들이 돐을 맞으며 [MASK] 보냈다．")
    assert guesses[0]["sequence"].startswith("베트남의")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "words"),
    [
        (
            "model train --corpus {road}/dprk --base {road}/base --output {road}/x --weight -1",
            "cannot be negative",
        ),
        ("model train --corpus {road}/dprk --base {road}/nowhere --output {road}/x", "does not exist"),
        ("model train --corpus {road}/nowhere --base {road}/base --output {road}/x", "not a corpus"),
        ("model train --corpus {road}/dprk --base {road}/base --output {road}/near", "holds a run already"),
        ("model evaluate {road}/base --corpus {road}/dprk", "NAME=DIR"),
        ("model compare {road}/rok.jsonl", "no results"),
        ("model plot {road}/base", "no stray"),
        ("corpus export --split 0.5 --source jsonl:{road}/rok.jsonl --output {road}/rok", "--force"),
        ("corpus export --source archive:sqlite:///{road}/nowhere.db --output {road}/y", "no archive"),
        ("scrapy crawl rodong -a base_url=http://127.0.0.1:9/ko/ -s RETRY_ENABLED=False", "127.0.0.1:9"),
    ],
)
def test_what_cannot_work_is_one_line_and_exit_code_1(road: Path, command: str, words: str) -> None:
    error = Shell(road)(*command.format(road=road).split(), exit_code=1)
    assert words in error.strip().splitlines()[-1]
    if not command.startswith("scrapy"):  # Scrapy's own log is longer; its last line is ours
        assert len(error.strip().splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("command", ["model train --weight", "model nonsense", "corpus export --split 2"])
def test_wrong_usage_is_exit_code_2(road: Path, command: str) -> None:
    assert Shell(road)(*command.split(), exit_code=2)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["", "pretrain", "train", "evaluate", "compare", "plot"])
def test_every_help_has_an_example(road: Path, command: str) -> None:
    text = Shell(road)("model", *command.split(), "--help")
    assert f"  model {command or 'train'}" in text


def test_the_demo_script_is_valid_shell() -> None:
    subprocess.run(["bash", "-n", str(ROOT / "demo.sh")], check=True)
    assert os.access(ROOT / ".ci/run", os.X_OK)
