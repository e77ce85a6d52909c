from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.export import Options, export
from corpus.schema import CorpusError, Manifest, open_corpus, shard_paths
from corpus.sources import Source


@pytest.fixture
def folder(tmp_path: Path, articles: Callable[[int], Path]) -> Path:
    output = tmp_path / "corpus"
    export([Source("jsonl", str(articles(50)))], output, Options(ratio=0.8, shard_bytes=1_500))
    return output


def test_a_saved_manifest_is_loaded_as_it_was(folder: Path, tmp_path: Path) -> None:
    manifest = Manifest.load(folder)
    manifest.save(tmp_path)
    assert Manifest.read(tmp_path) == manifest


def test_shards_of_a_split_come_in_order(folder: Path) -> None:
    names = [path.name for path in shard_paths(folder, "train")]
    assert names == sorted(names)
    assert names[0] == f"train-00000-of-0000{len(names)}.parquet"


def test_a_folder_without_a_manifest_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is not a corpus"):
        open_corpus(tmp_path / "nothing")


@pytest.mark.parametrize("content", ["", "[]", '{"format": "other"}', '{"format": "dprk-bert corpus 1"}'])
def test_a_manifest_that_is_not_ours_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match="export the corpus again"):
        open_corpus(tmp_path)


def test_a_missing_shard_is_named(folder: Path) -> None:
    shard_paths(folder, "validation")[0].unlink()
    with pytest.raises(CorpusError, match=r"validation-00000-of-00001\.parquet is missing"):
        open_corpus(folder)


def test_a_half_written_shard_is_named(folder: Path) -> None:
    path = shard_paths(folder, "train")[0]
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CorpusError, match="has 100 bytes instead of"):
        open_corpus(folder)


def test_a_split_that_is_not_there_is_named_with_those_that_are(folder: Path) -> None:
    with pytest.raises(CorpusError, match="no split 'test', only: train, validation"):
        open_corpus(folder, "test")


def test_the_checksum_follows_the_rows(folder: Path, tmp_path: Path, articles: Callable[[int], Path]) -> None:
    same, other = tmp_path / "same", tmp_path / "other"
    export([Source("jsonl", str(articles(50)))], same, Options(ratio=0.8, shard_bytes=1_500))
    export([Source("jsonl", str(articles(51)))], other, Options(ratio=0.8, shard_bytes=1_500))
    assert Manifest.load(same).checksum == Manifest.load(folder).checksum != Manifest.load(other).checksum


def test_the_manifest_is_plain_readable_json(folder: Path) -> None:
    raw = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert raw["treatment"]["mapping"]["돐"] == "주년"
    assert raw["splits"]["train"]["documents"] + raw["splits"]["validation"]["documents"] == 50
