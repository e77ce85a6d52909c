"""Small real corpora and a small real base, made once by the project's own commands' functions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from corpus.export import Options, export
from corpus.sources import Source
from crawler.replica.korean import Variety
from crawler.replica.prose import document
from model.pretrain import pretrain
from model.recipes import RECIPES, Run

DOCUMENTS = 60


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Two test processes with two threads each would wait for one another on two cores."""
    torch.set_num_threads(1)


def write_corpus(folder: Path, variety: Variety, documents: int = DOCUMENTS, seed: int = 1) -> Path:
    """A split corpus of generated prose in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / f"{variety}.jsonl"
    lines = [document(variety, seed, number) for number in range(documents)]
    source.write_text(
        "".join(
            json.dumps({"id": d.id, "title": d.title, "text": "\n".join(d.paragraphs)}) + "\n" for d in lines
        )
    )
    export([Source("jsonl", str(source))], folder / variety, Options(ratio=0.8))
    return folder / variety


@pytest.fixture(scope="session")
def dprk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus in the North's orthography."""
    return write_corpus(tmp_path_factory.mktemp("corpora"), "dprk")


@pytest.fixture(scope="session")
def rok(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus in the South's orthography."""
    return write_corpus(tmp_path_factory.mktemp("corpora"), "rok")


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory, rok: Path) -> Path:
    """A tiny base that has seen a little of the South's Korean."""
    folder = tmp_path_factory.mktemp("runs") / "base"
    pretrain(
        [rok],
        size="tiny",
        recipe=replace(RECIPES["pretrain"], batch_tokens=1024),
        run=Run(folder, max_steps=25, device="cpu", precision="fp32"),
        vocabulary_size=6_000,
    )
    return folder
