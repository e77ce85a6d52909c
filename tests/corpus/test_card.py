from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.card import card
from corpus.export import Options, export
from corpus.sources import Source

Articles = Callable[..., Path]


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(0.8, ["train", "validation"]), ((0.5, 0.25, 0.25), ["train", "validation", "test"]), (None, ["train"])],
)
def test_datasets_loads_the_folder_by_its_name_alone(
    tmp_path: Path,
    articles: Articles,
    monkeypatch: pytest.MonkeyPatch,
    ratio: float | tuple[float, ...] | None,
    expected: list[str],
) -> None:
    """Without --split the files are called all-*; the library keeps that word for itself, so the card says train."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets: Any = pytest.importorskip("datasets")
    manifest = export(
        [Source("jsonl", str(articles(60)))], tmp_path / "corpus", Options(ratio=ratio, shard_bytes=2_000)
    )
    loaded = datasets.load_dataset(str(tmp_path / "corpus"), cache_dir=str(tmp_path / "cache"))
    assert list(loaded) == expected
    assert [len(loaded[name]) for name in expected] == [
        counts.sentences for counts in manifest.splits.values()
    ]
    assert loaded["train"][0]["position"] == 0


def test_the_card_has_the_front_matter_that_hubs_read(tmp_path: Path, articles: Articles) -> None:
    export([Source("jsonl", str(articles(60)))], tmp_path / "corpus", Options(ratio=0.8))
    front = (tmp_path / "corpus" / "README.md").read_text(encoding="utf-8").split("---\n")[1]
    assert front == (
        "language:\n- ko\nlicense: other\ntask_categories:\n- fill-mask\nsize_categories:\n- n<1K\n"
        "configs:\n- config_name: default\n  data_files:\n"
        "  - split: train\n    path: data/train-*.parquet\n  - split: validation\n    path: data/validation-*.parquet\n"
    )


def test_the_card_tells_counts_treatment_mapping_losses_and_licence(
    tmp_path: Path, articles: Articles
) -> None:
    source = articles(10)
    with source.open("a", encoding="utf-8") as file:
        file.write('{"id": "blank", "text": ""}\n')
    text = card(export([Source("jsonl", str(source))], tmp_path / "corpus"), "양어")
    assert "# 양어\n" in text
    assert "| all | 10 | 20 | " in text
    assert "| jsonl:articles.jsonl | 10 | 20 | " in text
    assert "| 2021 | 10 | 20 | " in text
    assert "| 20-39 | 50.0% |" in text
    assert "- **nfc**: " in text
    assert "| `돐` | `주년` | 10 |" in text
    assert "| document: no text | 1 | blank |" in text
    assert "## Licence" in text


def test_a_corpus_without_mapping_or_loss_says_so(tmp_path: Path, articles: Articles) -> None:
    text = card(export([Source("jsonl", str(articles(3)))], tmp_path / "corpus", Options(map=False)), "a")
    assert "No syllable was replaced." in text
    assert "## Left out\n\nNothing." in text


def test_the_card_counts_sections_where_there_are_any(make_corpus: Callable[..., Path]) -> None:
    folder = make_corpus(
        "c",
        {"text": "논이다. 밭이다.", "section": "농업; 소식"},
        {"text": "산이다.", "section": "소식"},
        "강이다.",
    )
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "| section | documents | sentences | characters |" in text
    rows = ["| 소식 | 2 | 3 | 12 |", "| 농업 | 1 | 2 | 8 |", "| (none) | 1 | 1 | 4 |"]
    assert "\n".join(rows) in text
    assert "section | documents" not in (make_corpus("d", "논이다.") / "README.md").read_text(
        encoding="utf-8"
    )
