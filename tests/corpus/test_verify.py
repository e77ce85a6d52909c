from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from corpus.cli import corpus as command
from corpus.export import Options, export
from corpus.schema import CorpusError
from corpus.sources import Source
from corpus.verify import verify

TRAIN = "data/train-00000-of-00002.parquet"
VALIDATION = "data/validation-00000-of-00001.parquet"


@pytest.fixture
def corpus(tmp_path: Path, articles: Callable[[int], Path]) -> Path:
    options = Options(ratio=0.8, shard_bytes=4_000)
    export([Source("jsonl", str(articles(60)))], tmp_path / "corpus", options)
    return tmp_path / "corpus"


def rewrite(path: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """A shard with other rows, and a manifest that vouches for it: only the rows themselves tell."""
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
    vouch(path, len(rows))


def vouch(path: Path, rows: int) -> None:
    folder = path.parents[1]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for shard in manifest["shards"]:
        if shard["path"] == path.relative_to(folder).as_posix():
            data = path.read_bytes()
            shard |= {"rows": rows, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_a_fresh_corpus_is_sound(corpus: Path) -> None:
    assert verify(corpus) == []
    result = CliRunner().invoke(command, ["verify", str(corpus)])
    assert result.exit_code == 0
    assert "is sound: 120 sentences in 3 shards, no document in two splits" in result.stdout


def test_every_row_is_reported_as_progress(corpus: Path) -> None:
    seen: list[int] = []
    verify(corpus, progress=seen.append)
    assert sum(seen) == 120


def test_one_flipped_byte_is_found(corpus: Path) -> None:
    data = bytearray((corpus / TRAIN).read_bytes())
    data[len(data) // 3] ^= 1
    (corpus / TRAIN).write_bytes(data)
    assert any(f"{TRAIN}: the SHA-256 is" in fault for fault in verify(corpus))


def test_a_shard_cut_short_is_found_once_and_hides_no_other_fault(corpus: Path) -> None:
    (corpus / TRAIN).write_bytes((corpus / TRAIN).read_bytes()[:500])
    (corpus / VALIDATION).unlink()
    faults = verify(corpus)
    assert [fault.partition(": ")[0] for fault in faults] == [TRAIN, TRAIN, TRAIN, VALIDATION]
    assert faults[0].startswith(f"{TRAIN}: 500 bytes instead of")
    assert "not a Parquet file" in faults[2]
    assert faults[3] == f"{VALIDATION}: missing"


def test_a_document_in_two_splits_is_found_though_every_checksum_holds(corpus: Path) -> None:
    guest = pq.read_table(corpus / VALIDATION).to_pylist()[:2]
    rewrite(corpus / TRAIN, lambda rows: rows.extend(guest))
    faults = verify(corpus)
    assert faults[0] == f"1 document in more than one split: {guest[0]['document_id']}"
    assert sum(fault.startswith("split train: ") for fault in faults) == 3


def test_rows_out_of_order_are_found(corpus: Path) -> None:
    names = [row["document_id"] for row in pq.read_table(corpus / TRAIN).to_pylist()]
    rewrite(corpus / TRAIN, lambda rows: rows.insert(0, rows.pop(3)))
    scattered, misnumbered, *counts = verify(corpus)
    assert scattered == f"1 document not in one piece: {names[3]}"
    assert misnumbered == f"1 document without sentences numbered 0, 1, 2, ...: {names[3]}"
    assert all(" documents instead of " in fault for fault in counts)


def test_rows_that_went_missing_are_counted_in_every_table(corpus: Path) -> None:
    rewrite(corpus / VALIDATION, lambda rows: rows.pop())
    faults = [fault.partition(" instead of ")[0] for fault in verify(corpus)]
    assert "source jsonl:articles.jsonl: 119 sentences" in faults
    assert "year 2021: 119 sentences" in faults
    assert sum(fault.startswith("split validation: ") for fault in faults) == 2  # and characters


def test_a_changed_text_is_found_by_its_length(corpus: Path) -> None:
    rewrite(corpus / TRAIN, lambda rows: rows[0].update(text=rows[0]["text"] + "!"))
    assert [fault for fault in verify(corpus) if "characters" not in fault] == []
    assert len(verify(corpus)) == 3


def test_other_columns_are_found(corpus: Path) -> None:
    table = pq.read_table(corpus / VALIDATION).drop_columns(["section"])
    table = table.set_column(2, "position", table["position"].cast(pa.int64()))
    pq.write_table(table.append_column("url", pa.array(["u"] * len(table))), corpus / VALIDATION)
    vouch(corpus / VALIDATION, len(table))
    assert verify(corpus) == [
        f"{VALIDATION}: the column position is int64 instead of int32 without nulls",
        f"{VALIDATION}: no column section",
        f"{VALIDATION}: a column url that no corpus has",
    ]


def test_a_shard_without_texts_is_an_answer_not_a_crash(corpus: Path) -> None:
    pq.write_table(pq.read_table(corpus / VALIDATION).drop_columns(["text"]), corpus / VALIDATION)
    assert f"{VALIDATION}: no column text" in verify(corpus)


def test_a_shard_of_another_export_is_found(
    corpus: Path, tmp_path: Path, articles: Callable[[int], Path]
) -> None:
    other = tmp_path / "other"
    export([Source("jsonl", str(articles(60)))], other, Options(ratio=0.8, shard_bytes=4_000, map=False))
    (corpus / VALIDATION).write_bytes((other / VALIDATION).read_bytes())
    vouch(corpus / VALIDATION, pq.read_metadata(corpus / VALIDATION).num_rows)
    faults = verify(corpus)
    assert (
        f"{VALIDATION}: other options in its metadata than in the manifest (a shard of another export?)"
        in faults
    )
    assert (
        f"{VALIDATION}: other treatment in its metadata than in the manifest (a shard of another export?)"
        in faults
    )


def test_a_stray_file_and_a_missing_card_are_found(corpus: Path) -> None:
    (corpus / "data" / "train-00000-of-00001.parquet").write_bytes(b"old")
    (corpus / "README.md").unlink()
    assert verify(corpus) == [
        "data/train-00000-of-00001.parquet: not in the manifest, yet readers of the folder would take it",
        "README.md: missing",
    ]


def test_a_gap_in_the_numbers_of_the_shards_is_found(corpus: Path) -> None:
    manifest = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))
    del manifest["shards"][0]
    (corpus / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert any("should be called data/train-00000-of-00001.parquet" in fault for fault in verify(corpus))


def test_no_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is not a corpus"):
        verify(tmp_path)


def test_the_command_lists_the_faults_and_exits_with_1(corpus: Path) -> None:
    (corpus / VALIDATION).unlink()
    result = CliRunner().invoke(command, ["verify", str(corpus)])
    assert result.exit_code == 1
    assert result.stdout == f"{VALIDATION}: missing\n"
    assert result.stderr == f"Error: {corpus} has 1 fault: export or copy the corpus again\n"
