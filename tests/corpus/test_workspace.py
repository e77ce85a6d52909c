from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.export import Options, export
from corpus.schema import CorpusError, Manifest
from corpus.sources import Source
from corpus.workspace import replacing

Articles = Callable[..., Path]


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def corpus(tmp_path: Path, articles: Articles) -> Path:
    export([Source("jsonl", str(articles(20)))], tmp_path / "corpus")
    return tmp_path / "corpus"


def test_a_corpus_is_not_replaced_without_force(corpus: Path, articles: Articles) -> None:
    before = content(corpus)
    with pytest.raises(CorpusError, match="already holds a corpus"):
        export([Source("jsonl", str(articles(30)))], corpus)
    assert content(corpus) == before


def test_a_corpus_is_replaced_as_a_whole_with_force(corpus: Path, articles: Articles) -> None:
    (corpus / "data" / "all-00001-of-00002.parquet").write_bytes(b"of an older export")
    export([Source("jsonl", str(articles(30)))], corpus, Options(ratio=0.5), force=True)
    assert sorted(content(corpus)) == [
        "README.md",
        "data/train-00000-of-00001.parquet",
        "data/validation-00000-of-00001.parquet",
        "manifest.json",
    ]


def test_a_corpus_that_lost_a_shard_can_be_replaced(corpus: Path, articles: Articles) -> None:
    (corpus / "data" / "all-00000-of-00001.parquet").unlink()
    export([Source("jsonl", str(articles(30)))], corpus, force=True)
    assert Manifest.load(corpus).splits["all"].documents == 30


@pytest.mark.parametrize("force", [False, True])
def test_what_is_not_a_corpus_is_never_replaced(tmp_path: Path, articles: Articles, force: bool) -> None:
    for name in ("folder", "file"):
        target = tmp_path / name
        if name == "folder":
            target.mkdir()
            (target / "letter.txt").write_text("소중한 편지", encoding="utf-8")
        else:
            target.write_text("소중한 편지", encoding="utf-8")
        with pytest.raises(CorpusError, match="not a corpus, so it is left alone"):
            export([Source("jsonl", str(articles(5)))], target, force=force)
    assert (tmp_path / "folder" / "letter.txt").exists()
    assert (tmp_path / "file").is_file()


def test_an_empty_folder_and_missing_parents_are_no_obstacle(tmp_path: Path, articles: Articles) -> None:
    (tmp_path / "empty").mkdir()
    for target in (tmp_path / "empty", tmp_path / "a" / "b" / "c"):
        export([Source("jsonl", str(articles(5)))], target)
        assert Manifest.load(target).splits["all"].documents == 5


def test_a_failed_export_leaves_the_old_corpus_and_no_rubbish(corpus: Path, tmp_path: Path) -> None:
    before = content(corpus)
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{\n", encoding="utf-8")
    with pytest.raises(CorpusError):
        export([Source("jsonl", str(broken))], corpus, force=True)
    assert content(corpus) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["articles.jsonl", "broken.jsonl", "corpus"]


def test_two_exports_do_not_write_one_corpus_at_once(tmp_path: Path) -> None:
    with (
        replacing(tmp_path / "out"),
        pytest.raises(CorpusError, match="another export is writing"),
        replacing(tmp_path / "out"),
    ):
        pass


def test_a_kill_between_the_renames_is_mended(corpus: Path, tmp_path: Path, articles: Articles) -> None:
    corpus.rename(tmp_path / ".corpus.old")
    with pytest.raises(CorpusError, match="already holds a corpus"):
        export([Source("jsonl", str(articles(5)))], corpus)
    assert Manifest.load(corpus).splits["all"].documents == 20


@pytest.mark.slow
def test_a_killed_export_leaves_the_old_corpus_and_the_next_one_clears_up(
    corpus: Path, tmp_path: Path, articles: Articles
) -> None:
    before = content(corpus)
    endless = tmp_path / "endless.jsonl"
    os.mkfifo(endless)
    command = [
        sys.executable,
        "-m",
        "corpus",
        "export",
        "--source",
        f"jsonl:{endless}",
        "--output",
        str(corpus),
        "--force",
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    partial = tmp_path / ".corpus.partial"
    while not partial.exists():  # then it waits for the pipe's other end
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert partial.exists()
    assert content(corpus) == before
    export([Source("jsonl", str(articles(30)))], corpus, force=True)
    assert Manifest.load(corpus).splits["all"].documents == 30
    assert not list(tmp_path.glob(".corpus*"))
