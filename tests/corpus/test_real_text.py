"""The export on the real texts; figures are of the files as they are published."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpus.export import Options, export
from corpus.schema import Manifest
from corpus.sources import Source

pytestmark = pytest.mark.realdata


def texts(folder: Path, manifest: Manifest) -> list[str]:
    return [
        t
        for shard in manifest.shards
        for t in pq.read_table(folder / shard.path, columns=["text"])["text"].to_pylist()
    ]


def test_new_year_addresses_in_the_norths_spelling(real_data: Path, tmp_path: Path) -> None:
    source = Source("newyear", str(real_data / "dprk" / "new_year"))
    manifest = export([source], tmp_path / "out", Options(exclude="rok"))
    assert manifest.splits["all"].documents == 69
    assert manifest.dropped["document: spelt as rok"] == 4
    assert manifest.dropped["preface: cut from a New Year address"] == 58
    assert manifest.replaced["돐"] > 150
    lines = texts(tmp_path / "out", manifest)
    assert not [line for line in lines if line in ("원 문", "해 제") or "\ufeff" in line or "돐" in line]


def test_kornli_is_one_row_a_pair(real_data: Path, tmp_path: Path) -> None:
    manifest = export([Source("kornli", str(real_data / "rok" / "kornli.dev.ko.tsv"))], tmp_path / "out")
    assert (
        manifest.splits["all"].sentences
        == 2490 - manifest.dropped["document: the same text as an earlier one"]
    )
    assert sum('"' in line for line in texts(tmp_path / "out", manifest)) > 20  # read without quoting


@pytest.mark.slow
def test_the_quarterly_loses_one_nearly_equal_article_and_no_syllable_that_krbert_lacks(
    real_data: Path, tmp_path: Path
) -> None:
    vocabulary = real_data / "vocab" / "krbert-char16424.txt"
    source = Source("jsonl", str(real_data / "dprk" / "kyongje_yongu.jsonl.gz"))
    manifest = export([source], tmp_path / "out", Options(ratio=0.8, vocab=vocabulary))
    straddling = "document: nearly the same text as one in another split"
    kept = sum(counts.documents for counts in manifest.splits.values())
    assert (kept, dict(manifest.dropped).get(straddling)) == (1704, 1)
    lines = texts(tmp_path / "out", manifest)
    assert not [line for line in lines if "．" in line or "\xa0" in line or "《" in line]
    assert manifest.replaced["췰"] == 254
    # With the quotations skipped whole, sentences stay far below the 512 tokens that the paper cut at.
    assert max(map(len, lines)) < 2_000
    mapped = re.compile("|".join(map(re.escape, manifest.treatment.mapping)))
    assert not [line for line in lines if mapped.search(line)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "documents"), [("petitions.jsonl.gz", 3600), ("speeches.jsonl.gz", 590)])
def test_southern_texts_are_read_as_they_are(
    real_data: Path, tmp_path: Path, name: str, documents: int
) -> None:
    manifest = export([Source("jsonl", str(real_data / "rok" / name))], tmp_path / "out", Options(ratio=0.8))
    assert sum(counts.documents for counts in manifest.splits.values()) >= documents
    assert not [reason for reason in manifest.dropped if reason.startswith(("line: not", "date"))]
