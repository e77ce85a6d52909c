"""An export beside a corpus that is there: nothing to do, brought up to date, killed, or without room."""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus import parallel
from corpus.export import Options, export
from corpus.schema import CorpusError, Manifest
from corpus.sources import Source
from corpus.verify import verify

OPTIONS = Options(ratio=0.7, shard_bytes=3_000)


def article(number: int, text: str = "") -> dict[str, Any]:
    catch = f"{number}호 양어장에서 고기 {number * 7}톤을 잡았다."
    ponds = f"{number * 3}일 60돐을 맞으며 못 {number}개를 팠다."
    return {
        "id": f"a/{number}",
        "date": f"20{number % 9 + 10}-03-01",
        "text": text or f"{catch}\n{ponds}\n2021. 3. 1.",
    }


def write(path: Path, *articles: dict[str, Any]) -> Source:
    path.write_text(
        "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in articles), encoding="utf-8"
    )
    return Source("jsonl", str(path))


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def identities(folder: Path) -> set[int]:
    return {path.stat().st_ino for path in (folder / "data").iterdir()}


CHANGES: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "added at the end": lambda old: [*old, *map(article, range(1000, 1010))],
    "added in the middle": lambda old: [*old[:100], article(1000), *old[100:]],
    "changed": lambda old: [*old[:50], article(50, "못이 말랐다."), *old[51:]],
    "withdrawn": lambda old: [*old[:70], *old[71:]],
    "left without a sentence": lambda old: [*old[:70], article(70, "2021. 3. 1."), *old[71:]],
    "repeated": lambda old: [*old, {**old[3], "id": "again"}],
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_updated_corpus_is_the_one_exported_from_nothing(tmp_path: Path, change: str) -> None:
    old = [article(number) for number in range(300)]
    source = write(tmp_path / "a.jsonl", *old)
    kept, new = tmp_path / "kept" / "out", tmp_path / "new" / "out"
    export([source], kept, OPTIONS)
    before = identities(kept)
    write(tmp_path / "a.jsonl", *CHANGES[change](old))
    export([source], kept, OPTIONS, update=True)
    export([source], new, OPTIONS)
    assert content(kept) == content(new)
    assert verify(kept) == []
    after = identities(kept)
    assert len(after - before) <= 3 < len(after) / 3  # the others are the very files of before


def test_an_export_of_what_is_there_does_nothing(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", *map(article, range(100)))
    first = export([source], tmp_path / "out", OPTIONS)
    before = (tmp_path / "out").stat().st_ino
    said: list[str] = []
    assert export([source], tmp_path / "out", OPTIONS, say=said.append) == first
    assert (tmp_path / "out").stat().st_ino == before
    assert "nothing to do" in said[0]
    export([source], tmp_path / "out", OPTIONS, force=True)
    assert (tmp_path / "out").stat().st_ino != before


@pytest.mark.parametrize("change", ["source", "options", "shard"])
def test_an_export_of_something_else_is_refused(tmp_path: Path, change: str) -> None:
    source = write(tmp_path / "a.jsonl", *map(article, range(100)))
    options = OPTIONS
    manifest = export([source], tmp_path / "out", options)
    if change == "source":
        path = tmp_path / "a.jsonl"
        times = path.stat()
        path.write_bytes(path.read_bytes().replace("잡았다".encode(), "팔았다".encode()))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif change == "options":
        options = Options(ratio=0.7, shard_bytes=3_000, map=False)
    else:
        (tmp_path / "out" / manifest.shards[0].path).unlink()
    with pytest.raises(CorpusError, match="already holds a corpus"):
        export([source], tmp_path / "out", options)


def test_an_update_with_other_options_is_refused_and_names_them(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", *map(article, range(100)))
    export([source], tmp_path / "out", OPTIONS)
    before = content(tmp_path / "out")
    with pytest.raises(CorpusError, match="made with another split, seed:"):
        export([source], tmp_path / "out", Options(ratio=0.5, seed=1, shard_bytes=3_000), update=True)
    assert content(tmp_path / "out") == before


def test_an_update_of_nothing_is_an_export(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", *map(article, range(100)))
    export([source], tmp_path / "out", OPTIONS, update=True)
    assert verify(tmp_path / "out") == []


def test_a_damaged_shard_is_not_kept(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", *map(article, range(300)))
    manifest = export([source], tmp_path / "out", OPTIONS)
    path = tmp_path / "out" / manifest.shards[1].path
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    (tmp_path / "out" / manifest.shards[2].path).write_bytes(b"PAR1")
    export([source], tmp_path / "out", OPTIONS, update=True)
    assert verify(tmp_path / "out") == []


def test_a_report_names_everything_though_the_shards_are_there(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", *map(article, range(300)))
    export([source], tmp_path / "out", OPTIONS, report=tmp_path / "first.csv")
    export([source], tmp_path / "out", OPTIONS, update=True, report=tmp_path / "second.csv")
    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "second.csv").read_bytes()
    assert (tmp_path / "first.csv").read_text(encoding="utf-8").count("sentence: no letter") == 300


def test_shards_are_copied_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "a.jsonl", *map(article, range(300)))
    export([source], tmp_path / "out", OPTIONS)
    write(tmp_path / "a.jsonl", *map(article, range(301)))

    def refuse(*_: object) -> None:
        raise OSError("this file system has no links")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    export([source], tmp_path / "out", OPTIONS, update=True)
    assert verify(tmp_path / "out") == []


def test_an_update_knows_repeated_sentences_though_they_are_in_a_shard_that_is_kept(tmp_path: Path) -> None:
    options = dataclasses.replace(OPTIONS, dedup_sentences="exact")
    source = write(tmp_path / "a.jsonl", *map(article, range(300)))
    kept, new = tmp_path / "kept" / "out", tmp_path / "new" / "out"
    export([source], kept, options)
    before = identities(kept)
    write(
        tmp_path / "a.jsonl",
        *map(article, range(300)),
        {**article(999), "text": article(7)["text"] + "\n새 글이다."},
    )
    manifest = export([source], kept, options, update=True)
    export([source], new, options)
    assert content(kept) == content(new)
    assert manifest.dropped["sentence: the same as an earlier one"] == 2
    assert len(identities(kept) - before) <= 3


@pytest.mark.slow
def test_the_number_of_processes_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_ALONE", 0.0)
    long = [
        article(n, "\n".join(f"{n}-{m}: 봄이 왔다. 60돐을 맞는다." for m in range(600))) for n in range(60)
    ]
    source = write(tmp_path / "a.jsonl", *long)
    folders = []
    for jobs in (1, 2):
        folders.append(tmp_path / f"j{jobs}" / "out")
        export([source], folders[-1], Options(ratio=0.8, shard_bytes=1_000_000), jobs=jobs)
    assert len(Manifest.load(folders[0]).shards) > 2
    assert content(folders[0]) == content(folders[1])


COMMAND = [sys.executable, "-m", "corpus", "export", "--split", "0.7", "--shard-size", "3000", "--jobs", "1"]


@pytest.mark.slow
def test_a_killed_update_leaves_the_old_corpus_and_the_next_one_succeeds(tmp_path: Path) -> None:
    first, last = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    articles = [article(number) for number in range(300)]
    sources = [write(first, *articles), write(last, article(999))]
    export(sources, tmp_path / "out", OPTIONS)
    before = content(tmp_path / "out")
    write(first, *articles, *map(article, range(1000, 2000)))
    last.unlink()
    os.mkfifo(last)  # nobody writes to it: there the export waits
    files = [f"--source=jsonl:{path}" for path in (first, last)]
    process = subprocess.Popen([*COMMAND, *files, f"--output={tmp_path / 'out'}", "--update"])
    while len(list(tmp_path.glob(".out.partial/data/*"))) < 15:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert content(tmp_path / "out") == before
    assert verify(tmp_path / "out") == []
    last.unlink()
    write(last, article(999))
    export(sources, tmp_path / "out", OPTIONS, update=True)
    assert verify(tmp_path / "out") == []
    assert Manifest.load(tmp_path / "out").made_from != json.loads(before["manifest.json"])["made_from"]
    assert not list(tmp_path.glob(".out*"))


@pytest.mark.slow
def test_without_room_the_old_corpus_stays_and_one_line_says_what_to_do(tmp_path: Path) -> None:
    long = [
        article(n, "\n".join(f"{n}-{m * n % 7919} 봄이 왔다." for m in range(30 + n * 30))) for n in range(60)
    ]
    source = write(tmp_path / "a.jsonl", *long[:20])
    export([source], tmp_path / "out", OPTIONS)
    before = content(tmp_path / "out")
    write(tmp_path / "a.jsonl", *long)
    result = subprocess.run(
        [*COMMAND, f"--source=jsonl:{source.location}", f"--output={tmp_path / 'out'}", "--update"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000)),
    )
    assert (result.returncode, result.stderr.count("\n")) == (1, 1), result.stderr
    assert "no room to write" in result.stderr
    assert "File too large" in result.stderr
    assert content(tmp_path / "out") == before
    assert not list(tmp_path.glob(".out*"))
