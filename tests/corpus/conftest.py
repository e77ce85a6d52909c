"""Texts in our own words, and the folder of real data."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.export import Options, export
from corpus.sources import Source

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(os.environ.get("DPRK_DATA", ROOT / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set DPRK_DATA to its folder")
    return folder


@pytest.fixture
def articles(tmp_path: Path) -> Callable[..., Path]:
    """Writes `count` short articles as JSON lines; each is a document of two sentences."""

    def write(count: int, name: str = "articles.jsonl") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8") as file:
            for number in range(count):
                record = {
                    "id": f"a/{number}",
                    "title": f"{number}호 양어장",
                    "date": f"2021-03-{number % 28 + 1:02}",
                    "text": f"양어장에서 고기를 {number}톤 잡았다. 관리공들은 60돐을 맞으며 새 못을 팠다.",
                }
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        return path

    return write


@pytest.fixture
def make_corpus(tmp_path: Path) -> Callable[..., Path]:
    """Exports documents, one text each or records, to a corpus of their own."""

    def make(name: str, *documents: str | dict[str, Any], **options: Any) -> Path:
        path = tmp_path / f"{name}.jsonl"
        records = [{"text": each} if isinstance(each, str) else each for each in documents]
        path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
        export([Source("jsonl", str(path))], tmp_path / name, Options(**options))
        return tmp_path / name

    return make
