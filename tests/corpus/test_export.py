from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from corpus.export import Options, export
from corpus.schema import SCHEMA, CorpusError
from corpus.sources import Source

Articles = Callable[..., Path]


def rows(folder: Path, split: str) -> list[dict[str, Any]]:
    return [
        row
        for path in sorted((folder / "data").glob(f"{split}-*"))
        for row in pq.read_table(path).to_pylist()
    ]


def jsonl(path: Path, *records: dict[str, Any]) -> Source:
    path.write_text(
        "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8"
    )
    return Source("jsonl", str(path))


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_one_row_a_sentence_with_all_that_is_known_of_its_document(tmp_path: Path) -> None:
    source = jsonl(
        tmp_path / "a.jsonl",
        {
            "id": "a/1",
            "title": "새\xa0못",
            "date": "2021-03-01",
            "section": "농업",
            "text": "못을 팠다．물이 찼다．\n\n60돐이다.",
        },
        {"text": "제목도 날자도 없다."},
    )
    export([source], tmp_path / "out")
    known = {
        "document_id": "a/1",
        "date": dt.date(2021, 3, 1),
        "source": "jsonl:a.jsonl",
        "section": "농업",
        "title": "새 못",
    }
    bare = {"document_id": "a/2", "date": None, "source": "jsonl:a.jsonl", "section": None, "title": None}
    assert rows(tmp_path / "out", "all") == [
        {"text": "못을 팠다.", "position": 0, **known},
        {"text": "물이 찼다.", "position": 1, **known},
        {"text": "60주년이다.", "position": 2, **known},
        {"text": "제목도 날자도 없다.", "position": 0, **bare},
    ]


def test_shards_have_the_schema_and_carry_options_and_treatment(tmp_path: Path, articles: Articles) -> None:
    manifest = export([Source("jsonl", str(articles(5)))], tmp_path / "out")
    schema = pq.read_schema(tmp_path / "out" / manifest.shards[0].path)
    assert schema.remove_metadata() == SCHEMA
    assert json.loads(schema.metadata[b"dprk_bert.options"]) == manifest.options
    assert json.loads(schema.metadata[b"dprk_bert.treatment"])["steps"] == list(manifest.treatment.steps)


def test_the_same_input_and_options_give_the_same_bytes_anywhere(tmp_path: Path, articles: Articles) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    source = articles(80)
    copy = elsewhere / source.name
    copy.write_bytes(source.read_bytes())
    options = Options(ratio=0.8, shard_bytes=2_500)
    export([Source("jsonl", str(source))], tmp_path / "corpus", options)
    export([Source("jsonl", str(copy))], elsewhere / "corpus", options)
    assert content(tmp_path / "corpus") == content(elsewhere / "corpus")
    assert not [name for name, data in content(elsewhere / "corpus").items() if b"elsewhere" in data]


def test_the_manifest_counts_what_the_shards_hold(tmp_path: Path, articles: Articles) -> None:
    manifest = export(
        [Source("jsonl", str(articles(100)))], tmp_path / "out", Options(ratio=0.8, shard_bytes=1_500)
    )
    for split, counts in manifest.splits.items():
        found = rows(tmp_path / "out", split)
        assert counts.sentences == len(found) == manifest.sentences(split)
        assert counts.documents == len({row["document_id"] for row in found})
        assert counts.characters == sum(len(row["text"]) for row in found)
    for shard in manifest.shards:
        data = (tmp_path / "out" / shard.path).read_bytes()
        assert (shard.bytes, shard.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert sum(shard.rows for shard in manifest.shards) == 200
    assert manifest.replaced == {"돐": 100}


def test_large_splits_are_streamed_in_row_groups(tmp_path: Path, articles: Articles) -> None:
    manifest = export([Source("jsonl", str(articles(12_000)))], tmp_path / "out")
    groups = pq.ParquetFile(tmp_path / "out" / manifest.shards[0].path).metadata
    assert [groups.row_group(index).num_rows for index in range(groups.num_row_groups)] == [
        10_000,
        10_000,
        4_000,
    ]


class TestSplit:
    def test_no_document_is_in_both_splits_and_none_is_lost(self, tmp_path: Path, articles: Articles) -> None:
        export([Source("jsonl", str(articles(200)))], tmp_path / "out", Options(ratio=0.8))
        train, validation = (
            {row["document_id"] for row in rows(tmp_path / "out", name)} for name in ("train", "validation")
        )
        assert not train & validation
        assert len(train | validation) == 200
        assert len(train) == pytest.approx(160, abs=25)

    def test_documents_keep_their_split_when_the_corpus_grows(
        self, tmp_path: Path, articles: Articles
    ) -> None:
        export([Source("jsonl", str(articles(100)))], tmp_path / "before", Options(ratio=0.8))
        export([Source("jsonl", str(articles(300)))], tmp_path / "after", Options(ratio=0.8))
        before, after = (
            {row["document_id"] for row in rows(tmp_path / name, "validation")}
            for name in ("before", "after")
        )
        assert before < after

    def test_an_empty_split_is_an_error_that_says_why(self, tmp_path: Path, articles: Articles) -> None:
        with pytest.raises(CorpusError, match=r"the split validation is empty: 2 documents are too few"):
            export([Source("jsonl", str(articles(2)))], tmp_path / "out", Options(ratio=0.99))
        assert not (tmp_path / "out").exists()

    def test_a_ratio_outside_0_and_1_is_refused(self, tmp_path: Path, articles: Articles) -> None:
        with pytest.raises(CorpusError, match="between 0 and 1"):
            export([Source("jsonl", str(articles(9)))], tmp_path / "out", Options(ratio=1.0))

    def test_no_day_is_in_two_splits_and_the_undated_are_left_out(
        self, tmp_path: Path, articles: Articles
    ) -> None:
        undated = jsonl(tmp_path / "u.jsonl", {"id": "u", "text": "언젠가 비가 왔다."})
        options = Options(ratio=0.8, split_by="date")
        manifest = export([Source("jsonl", str(articles(200))), undated], tmp_path / "out", options)
        train, validation = (
            {row["date"] for row in rows(tmp_path / "out", name)} for name in ("train", "validation")
        )
        assert max(train) < min(validation)
        assert manifest.assigned == {min(validation).isoformat(): "validation"}
        assert manifest.examples == {"document: no date, and --split-by asks for one": ("u",)}

    def test_no_section_is_in_two_splits(self, tmp_path: Path) -> None:
        records = [
            {"id": str(n), "section": f"{n % 7}면" + "; 사설" * (n % 2), "text": f"{n}번째 소식이다."}
            for n in range(140)
        ]
        source = jsonl(tmp_path / "a.jsonl", *records)
        manifest = export([source], tmp_path / "out", Options(ratio=(0.6, 0.2, 0.2), split_by="section"))
        found = {
            name: {row["section"].partition(";")[0] for row in rows(tmp_path / "out", name)}
            for name in ("train", "validation", "test")
        }
        assert sorted(section for sections in found.values() for section in sections) == sorted(
            manifest.assigned
        )
        assert all(manifest.assigned[s] == name for name, sections in found.items() for s in sections)


class TestWhatIsLeftOut:
    def test_every_reason_is_counted_with_examples(self, tmp_path: Path) -> None:
        source = jsonl(
            tmp_path / "a.jsonl",
            {"id": "empty", "text": " \n"},
            {"id": "first", "text": "비가 온다."},
            {"id": "same", "text": " 비가\xa0온다．\n"},
            {"id": "signs", "text": "2021. 3. 1.\n1 + 1"},
            {"id": "mixed", "text": "눈이 온다.\n***"},
            {"id": "marks", "text": "* * *\n◇"},
        )
        manifest = export([source], tmp_path / "out")
        assert [row["document_id"] for row in rows(tmp_path / "out", "all")] == ["first", "mixed"]
        assert manifest.dropped == {
            "document: no sentence": 1,
            "document: no text": 1,
            "document: no text is left of it": 1,
            "document: the same text as an earlier one": 1,
            "line: a separator": 3,
            "sentence: no letter": 2,
        }
        assert manifest.examples["document: the same text as an earlier one"] == ("same",)

    def test_days_outside_the_range_are_left_out(self, tmp_path: Path) -> None:
        records = [
            {"id": day, "date": day, "text": f"{day}에 비가 왔다."}
            for day in ("2020-01-01", "2020-01-02", "2020-01-03")
        ]
        source = jsonl(tmp_path / "a.jsonl", *records, {"id": "undated", "text": "언젠가 비가 왔다."})
        day = dt.date(2020, 1, 2)
        manifest = export([source], tmp_path / "out", Options(since=day, until=day))
        assert {row["document_id"] for row in rows(tmp_path / "out", "all")} == {"2020-01-02"}
        assert manifest.dropped == {
            "document: no date, and --since or --until asks for one": 1,
            "document: outside --since and --until": 2,
        }

    def test_sections_can_be_chosen(self, tmp_path: Path) -> None:
        sections = {"a": "경제", "b": "문화; 경제", "c": "문화", "d": None}
        records = [{"id": id_, "section": name, "text": f"{id_}이다."} for id_, name in sections.items()]
        source = jsonl(tmp_path / "a.jsonl", *records)
        manifest = export([source], tmp_path / "out", Options(sections=("경제", "체육")))
        assert [row["document_id"] for row in rows(tmp_path / "out", "all")] == ["a", "b"]
        assert manifest.dropped == {
            "document: no section, and --section asks for one": 1,
            "document: of another --section": 1,
        }
        assert manifest.options["section"] == ["경제", "체육"]

    def test_one_orthography_can_be_left_out(self, tmp_path: Path) -> None:
        source = jsonl(
            tmp_path / "a.jsonl", {"id": "n", "text": "로동은 즐겁다."}, {"id": "s", "text": "노동은 즐겁다."}
        )
        manifest = export([source], tmp_path / "out", Options(exclude="rok"))
        assert [row["document_id"] for row in rows(tmp_path / "out", "all")] == ["n"]
        assert manifest.examples == {"document: spelt as rok": ("s",)}

    def test_a_new_year_address_in_southern_spelling_is_flagged_or_left_out(self, tmp_path: Path) -> None:
        folder = tmp_path / "new_year"
        folder.mkdir()
        (folder / "1999.txt").write_text("인사\n로동은 즐겁습니다. 력사는 깁니다.\n", encoding="utf-8")
        (folder / "2008.txt").write_text("인사\n노동은 즐겁습니다. 역사는 깁니다.\n", encoding="utf-8")
        source = Source("newyear", str(folder))
        kept = export([source], tmp_path / "kept").examples
        assert kept == {"spelling: a New Year address as the South spells, kept": ("newyear/2008",)}
        left_out = export([source], tmp_path / "left", Options(exclude="rok")).examples
        assert left_out == {"document: spelt as rok": ("newyear/2008",)}

    def test_an_empty_source_among_others_is_an_error(self, tmp_path: Path, articles: Articles) -> None:
        (tmp_path / "empty.txt").touch()
        with pytest.raises(CorpusError, match=r"text:empty\.txt holds no document"):
            export(
                [Source("jsonl", str(articles(3))), Source("text", str(tmp_path / "empty.txt"))],
                tmp_path / "out",
            )
        assert not (tmp_path / "out").exists()

    def test_an_export_that_leaves_nothing_is_an_error_with_the_reasons(self, tmp_path: Path) -> None:
        with pytest.raises(CorpusError, match=r"nothing to export: .*1 × document: no text"):
            export([jsonl(tmp_path / "a.jsonl", {"text": " "})], tmp_path / "out")


def test_two_texts_under_one_id_stay_two_documents(tmp_path: Path) -> None:
    a = jsonl(tmp_path / "a.jsonl", {"id": "x", "text": "봄이다."}, {"id": "x", "text": "여름이다."})
    b = jsonl(tmp_path / "b.jsonl", {"id": "x", "text": "가을이다."})
    export([a, b], tmp_path / "out")
    assert [row["document_id"] for row in rows(tmp_path / "out", "all")] == ["x", "x#2", "x#3"]


class TestTreatment:
    TEXT = "《새 집》에 든지 10돐이다."

    def run(self, tmp_path: Path, **options: Any) -> tuple[str, dict[str, str]]:
        manifest = export(
            [jsonl(tmp_path / "a.jsonl", {"text": self.TEXT})], tmp_path / "out", Options(**options)
        )
        return rows(tmp_path / "out", "all")[0]["text"], dict(manifest.treatment.mapping)

    def test_without_a_vocabulary_syllables_are_mapped_and_signs_are_kept(self, tmp_path: Path) -> None:
        assert self.run(tmp_path)[0] == "《새 집》에 든지 10주년이다."

    def test_a_vocabulary_decides_what_is_mapped(self, tmp_path: Path) -> None:
        (tmp_path / "vocab.txt").write_text("[UNK]\n돐\n##돐\n》\n", encoding="utf-8")
        text, mapping = self.run(tmp_path, vocab=tmp_path)
        assert text == '"새 집"에 든지 10돐이다.'
        assert "돐" not in mapping

    def test_mapping_can_be_turned_off(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, map=False) == (self.TEXT, {})

    def test_the_recipe_of_the_paper_leaves_no_punctuation(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, recipe="paper")[0] == "새 집 에 든지 10주년이다"


def test_kornli_rows_are_not_split(tmp_path: Path) -> None:
    path = tmp_path / "dev.tsv"
    path.write_text(
        "sentence1\tsentence2\tgold_label\n비가 온다. 춥다.\t눈이 온다.\tneutral\n", encoding="utf-8"
    )
    export([Source("kornli", str(path))], tmp_path / "out")
    assert [row["text"] for row in rows(tmp_path / "out", "all")] == ["비가 온다. 춥다. 눈이 온다."]
