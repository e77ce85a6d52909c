from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Document
from corpus.schema import CorpusError
from corpus.sources import Source
from corpus.tally import Tally


def read(kind: str, location: Path, tally: Tally | None = None) -> list[Document]:
    return list(Source(kind, str(location)).read(tally or Tally()))


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


class TestSource:
    def test_is_parsed_at_the_first_colon(self) -> None:
        assert Source.parse("archive:sqlite:///a.db") == Source("archive", "sqlite:///a.db")

    @pytest.mark.parametrize("text", ["html:page", "jsonl", "jsonl:", ":file", ""])
    def test_of_an_unknown_kind_or_no_location_is_refused(self, text: str) -> None:
        with pytest.raises(CorpusError, match="write KIND:LOCATION"):
            Source.parse(text)

    @pytest.mark.parametrize(
        ("source", "label"),
        [
            ("archive:sqlite:////srv/data/rodong.db", "archive:rodong.db"),
            ("archive:postgresql://user:secret@host/news?sslmode=require", "archive:news"),
            ("newyear:/srv/new_year/", "newyear:new_year"),
            ("jsonl:a.jsonl.gz", "jsonl:a.jsonl.gz"),
        ],
    )
    def test_label_shows_neither_folder_nor_password(self, source: str, label: str) -> None:
        assert Source.parse(source).label == label


class TestJsonLines:
    def test_known_keys_become_a_document(self, tmp_path: Path) -> None:
        record = {
            "id": "a/1",
            "title": "물길",
            "date": "2020-05-06",
            "section": "농업",
            "text": "물이 온다.\n좋다.",
        }
        path = write(tmp_path / "a.jsonl", json.dumps(record, ensure_ascii=False))
        expected = Document("a/1", "물이 온다.\n좋다.", "물길", dt.date(2020, 5, 6), "농업")
        assert read("jsonl", path) == [expected]

    @pytest.mark.parametrize("key", ["text", "body", "data"])
    def test_the_text_may_be_called_otherwise_and_all_else_be_missing(self, tmp_path: Path, key: str) -> None:
        path = write(tmp_path / "b.jsonl", json.dumps({key: "비가 온다."}))
        assert read("jsonl", path) == [Document("b/1", "비가 온다.")]

    def test_a_year_alone_is_its_first_day(self, tmp_path: Path) -> None:
        path = write(tmp_path / "c.jsonl", '{"text": "가", "year": 1987}\n{"text": "나", "date": "1988"}\n')
        assert [document.date for document in read("jsonl", path)] == [
            dt.date(1987, 1, 1),
            dt.date(1988, 1, 1),
        ]

    def test_a_date_that_is_none_is_counted_and_the_document_kept(self, tmp_path: Path) -> None:
        tally = Tally()
        path = write(tmp_path / "d.jsonl", '{"text": "가", "date": "봄날"}\n')
        assert [document.date for document in read("jsonl", path, tally)] == [None]
        assert sum(tally.dropped.values()) == 1

    def test_broken_lines_are_skipped_counted_and_named(self, tmp_path: Path) -> None:
        lines = [
            '{"text": "가"}',
            '{"text": "나"',
            "[1]",
            '{"text": 5}',
            '{"title": "다"}',
            '{"text": "\\ud800"}',
            "",
            '{"text": "라"}',
        ]
        tally = Tally()
        documents = read("jsonl", write(tmp_path / "e.jsonl", "\n".join(lines)), tally)
        assert [document.text for document in documents] == ["가", "라"]
        assert tally.dropped == {"line: not a JSON object with a text": 5}
        assert tally.examples["line: not a JSON object with a text"][:2] == ("e.jsonl:2", "e.jsonl:3")

    def test_a_line_that_is_not_utf8_is_counted_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "f.jsonl"
        path.write_bytes('{"text": "가"}\n'.encode("euc-kr") + '{"text": "나"}\n'.encode())
        tally = Tally()
        assert [document.text for document in read("jsonl", path, tally)] == ["나"]
        assert tally.dropped == {"line: not UTF-8": 1}

    def test_nothing_but_broken_lines_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(CorpusError, match="none of its 2 lines"):
            read("jsonl", write(tmp_path / "g.jsonl", "봄\n여름\n"))

    def test_gzip_is_known_by_its_bytes_and_a_cut_one_is_an_error(self, tmp_path: Path) -> None:
        packed = gzip.compress("\n".join(json.dumps({"text": f"{n}번째 줄"}) for n in range(500)).encode())
        whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
        whole.write_bytes(packed)
        cut.write_bytes(packed[: len(packed) // 2])
        assert len(read("jsonl", whole)) == 500
        with pytest.raises(CorpusError, match="damaged or half-copied"):
            read("jsonl", cut)

    def test_a_byte_order_mark_is_no_part_of_the_first_line(self, tmp_path: Path) -> None:
        path = tmp_path / "h.jsonl"
        path.write_bytes(b"\xef\xbb\xbf" + '{"text": "가"}\r\n'.encode())
        assert [document.text for document in read("jsonl", path)] == ["가"]


class TestOriginalJson:
    """The file of the first DPRK-BERT: one object, its `data` a list of articles whose text is again `data`."""

    RECORDS: ClassVar = [
        {
            "id": n,
            "title": f"{n}호 물길",
            "date": f"2019-05-{n:02}",
            "data": f'{n}번째 물길이다.\n"[{{,]" 끝.',
        }
        for n in range(1, 10)
    ]

    @pytest.mark.parametrize("indent", [None, 2])
    def test_every_element_is_a_document(self, tmp_path: Path, indent: int | None) -> None:
        path = write(tmp_path / "a.json", json.dumps({"data": self.RECORDS}, indent=indent))
        documents = read("jsonl", path)
        assert documents[1] == Document("2", '2번째 물길이다.\n"[{,]" 끝.', "2호 물길", dt.date(2019, 5, 2))
        assert len(documents) == 9

    def test_it_may_be_gzipped_with_a_byte_order_mark_and_larger_than_what_is_read_at_once(
        self, tmp_path: Path
    ) -> None:
        records = [{"id": n, "data": f"{n} " + "밭을 갈았다. " * 20_000} for n in range(12)]
        content = json.dumps({"data": records, "count": 12}, ensure_ascii=False)
        (tmp_path / "big.json.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + content.encode(), 1))
        assert [document.text for document in read("jsonl", tmp_path / "big.json.gz")] == [
            record["data"] for record in records
        ]

    @given(cut=st.integers(12, 300))
    def test_a_cut_file_is_an_error_wherever_it_was_cut(
        self, tmp_path_factory: pytest.TempPathFactory, cut: int
    ) -> None:
        text = json.dumps({"data": self.RECORDS}, ensure_ascii=False)
        path = write(tmp_path_factory.mktemp("cut") / "a.json", text[:cut])
        with pytest.raises(CorpusError, match=r"damaged or half-copied: no JSON after character \d+"):
            read("jsonl", path)

    def test_elements_without_a_text_are_counted(self, tmp_path: Path) -> None:
        tally = Tally()
        path = write(tmp_path / "a.json", '{"data": [{"id": 1}, 12, "봄", {"data": "가"}]}')
        assert [document.id for document in read("jsonl", path, tally)] == ["a/4"]
        assert tally.dropped == {"record: not a JSON object with a text": 3}
        with pytest.raises(CorpusError, match="none of its 1 records"):
            read("jsonl", write(tmp_path / "b.json", '{"data": [{"id": 1}]}'))

    @pytest.mark.parametrize("before", ['{"version": "1.1", "count": 9, "note": null, "data": ', "["])
    def test_the_list_may_stand_behind_a_version_or_alone(self, tmp_path: Path, before: str) -> None:
        text = json.dumps(self.RECORDS, ensure_ascii=False)
        content = f"[{text[1:-1]}]" if before == "[" else before + text + "}"
        assert len(read("jsonl", write(tmp_path / "a.json", content))) == 9

    def test_a_folder_is_all_its_files_with_ids_of_their_own(self, tmp_path: Path) -> None:
        write(tmp_path / "2018.json", json.dumps({"data": [{"data": "하나"}]}))
        (tmp_path / "old").mkdir()
        (tmp_path / "old" / "2017.jsonl.gz").write_bytes(gzip.compress(b'{"text": "a"}\n{"text": "b"}\n'))
        write(tmp_path / "note.md", "아니다")
        tally = Tally()
        assert [d.id for d in read("jsonl", tmp_path, tally)] == ["2018/1", "old/2017/1", "old/2017/2"]
        assert tally.dropped == {"file: not .jsonl or .json": 1}
        assert tally.examples["file: not .jsonl or .json"] == (f"{tmp_path.name}/note.md",)


class TestNewYear:
    PREFACE = (
        "새해를 맞으며\n\n- 1961년 01월 01일\n해 제\n\n이것은 해설이다.\n\n원 문\n\n동무들!\n\n봄이 온다.\n"
    )

    def test_preface_is_cut_and_counted_and_the_first_line_is_the_title(self, tmp_path: Path) -> None:
        write(tmp_path / "1961.txt", self.PREFACE)
        tally = Tally()
        expected = Document(
            "newyear/1961", "동무들!\n봄이 온다.", "새해를 맞으며", dt.date(1961, 1, 1), "신년사"
        )
        assert read("newyear", tmp_path, tally) == [expected]
        assert tally.dropped == {"preface: cut from a New Year address": 1}

    def test_every_cut_is_in_the_report_with_its_text(self, tmp_path: Path) -> None:
        write(tmp_path / "1961.txt", self.PREFACE)
        write(
            tmp_path / "2012.txt",
            "북한 신년사설 전문\n새해가 밝았다.\n들에 눈이 내렸다.\n올해도 힘쓰자.\n(끝)\n",
        )
        with (tmp_path / "report.csv").open("w+", encoding="utf-8") as report:
            read("newyear", tmp_path, Tally(report))
            report.seek(0)
            rows = list(csv.DictReader(report))
        assert [(row["name"], row["text"]) for row in rows if row["reason"][:4] != "file"] == [
            ("newyear/1961", "- 1961년 01월 01일 해 제 이것은 해설이다. 원 문"),
            ("newyear/2012", "북한 신년사설 전문"),
            ("newyear/2012", "(끝)"),
        ]

    def test_byte_order_mark_and_carriage_returns_leave_no_trace(self, tmp_path: Path) -> None:
        (tmp_path / "1962.txt").write_bytes(b"\xef\xbb\xbf" + self.PREFACE.replace("\n", "\r\n").encode())
        assert read("newyear", tmp_path)[0].text == "동무들!\n봄이 온다."

    def test_notes_of_the_press_at_both_ends_are_cut_and_counted(self, tmp_path: Path) -> None:
        text = (
            "북한 신년사설 전문\n[ 2012-01-01 오전 11:52:56 ]\n<올해를 풍년의 해로>\n*******\n"
            "새해가 밝았다.\n들에 눈이 내렸다.\n올해도 힘쓰자.\n마을은 조용하다.\n(끝)\n"
        )
        write(tmp_path / "2012.txt", text)
        tally = Tally()
        (document,) = read("newyear", tmp_path, tally)
        assert document.title == "<올해를 풍년의 해로>"
        assert document.text == "새해가 밝았다.\n들에 눈이 내렸다.\n올해도 힘쓰자.\n마을은 조용하다."
        assert tally.dropped == {
            "line: a note of the press at the head of a New Year address": 3,
            "line: a note of the publisher at the foot of a New Year address": 1,
        }

    def test_an_address_that_begins_at_once_has_no_title_and_loses_nothing(self, tmp_path: Path) -> None:
        write(tmp_path / "2017.txt", "친애하는 벗들!\n새해가 왔습니다.\n")
        tally = Tally()
        (document,) = read("newyear", tmp_path, tally)
        assert (document.title, document.text) == (None, "친애하는 벗들!\n새해가 왔습니다.")
        assert not tally.dropped

    def test_years_come_in_order_and_other_files_are_counted(self, tmp_path: Path) -> None:
        for name in ("1999.txt", "1947.txt", "README.txt", "19480.txt", ".hidden.txt"):
            write(tmp_path / name, "제목\n글이다.\n")
        tally = Tally()
        assert [d.id for d in read("newyear", tmp_path, tally)] == ["newyear/1947", "newyear/1999"]
        assert tally.dropped == {"file: not YYYY.txt": 2}

    def test_what_is_not_a_folder_of_years_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CorpusError, match=r"no YYYY\.txt"):
            read("newyear", tmp_path)
        with pytest.raises(CorpusError, match="not a folder"):
            read("newyear", write(tmp_path / "a.txt", "글"))


class TestKorNli:
    HEADER = "sentence1\tsentence2\tgold_label\n"

    def test_premise_and_hypothesis_are_one_row_and_quotes_are_kept(self, tmp_path: Path) -> None:
        path = write(
            tmp_path / "dev.tsv",
            self.HEADER + '그는 "비."라고 했다.\t비가 왔다.\tneutral\n"열린 따옴표\t둘\tneutral\n',
        )
        assert read("kornli", path) == [
            Document("dev/1", '그는 "비."라고 했다. 비가 왔다.', split=False),
            Document("dev/2", '"열린 따옴표 둘', split=False),
        ]

    def test_rows_without_three_columns_are_counted(self, tmp_path: Path) -> None:
        tally = Tally()
        path = write(tmp_path / "dev.tsv", self.HEADER + "하나\t둘\tneutral\n하나뿐\n\t\tneutral\n")
        assert len(read("kornli", path, tally)) == 1
        assert tally.dropped == {"line: not a premise, a hypothesis and a label": 2}

    @pytest.mark.parametrize("content", ["", "id\tdocument\tlabel\n"])
    def test_another_header_is_refused(self, tmp_path: Path, content: str) -> None:
        with pytest.raises(CorpusError, match="not KorNLI"):
            read("kornli", write(tmp_path / "other.tsv", content))


class TestText:
    def test_a_file_is_a_document_a_line(self, tmp_path: Path) -> None:
        path = write(tmp_path / "reviews.txt", "좋다. 또 보자.\n\n별로다.\n")
        assert read("text", path) == [
            Document("reviews/1", "좋다. 또 보자."),
            Document("reviews/3", "별로다."),
        ]

    def test_a_folder_is_a_document_a_file_in_order(self, tmp_path: Path) -> None:
        write(tmp_path / "b" / "2.txt", "둘")
        write(tmp_path / "a.txt", "하나\n계속")
        (tmp_path / "b" / "1.txt.gz").write_bytes(gzip.compress("셋".encode()))
        write(tmp_path / "note.md", "아니다")
        write(tmp_path / ".git" / "old.txt", "아니다")
        tally = Tally()
        assert read("text", tmp_path, tally) == [
            Document("a", "하나\n계속"),
            Document("b/1", "셋"),
            Document("b/2", "둘"),
        ]
        assert tally.dropped == {"file: not .txt": 1}

    def test_nothing_there_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(CorpusError, match=r"has no \.txt"):
            read("text", tmp_path)
        with pytest.raises(CorpusError, match="does not exist"):
            read("text", tmp_path / "no.txt")

    def test_a_file_of_a_folder_that_is_not_utf8_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "old.txt").write_bytes("봄".encode("euc-kr"))
        with pytest.raises(CorpusError, match=r"old\.txt is not UTF-8"):
            read("text", tmp_path)


class TestEncodings:
    LINES = ("봄이 왔다.", "여름이 왔다.")

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
    @pytest.mark.parametrize("pack", [bytes, gzip.compress])
    def test_a_byte_order_mark_says_how_to_read(self, tmp_path: Path, encoding: str, pack: Any) -> None:
        (tmp_path / "a.txt").write_bytes(pack("\r\n".join(self.LINES).encode(encoding)))
        records = [json.dumps({"text": line}, ensure_ascii=False) for line in self.LINES]
        (tmp_path / "a.jsonl").write_bytes(pack("\n".join(records).encode(encoding)))
        (tmp_path / "a.json").write_bytes(pack(f'{{"data": [{", ".join(records)}]}}'.encode(encoding)))
        for kind, name in (("text", "a.txt"), ("jsonl", "a.jsonl"), ("jsonl", "a.json")):
            assert tuple(document.text for document in read(kind, tmp_path / name)) == self.LINES

    @pytest.mark.parametrize("kind", ["text", "jsonl", "kornli"])
    @pytest.mark.parametrize("encoding", ["cp949", "euc-kr"])
    def test_a_file_in_cp949_is_refused_with_what_converts_it(
        self, tmp_path: Path, kind: str, encoding: str
    ) -> None:
        (tmp_path / "old.txt").write_bytes(("ascii first\n" + "\n".join(self.LINES * 9)).encode(encoding))
        with pytest.raises(CorpusError, match=r"CP949 .*`iconv -f CP949 -t UTF-8 old\.txt`"):
            read(kind, tmp_path / "old.txt")

    def test_a_long_file_in_cp949_is_known_by_its_beginning(self, tmp_path: Path) -> None:
        (tmp_path / "old.txt").write_bytes("논에 물이 들어왔다.\n".encode("cp949") * 9_000)
        with pytest.raises(CorpusError, match="CP949"):
            read("text", tmp_path / "old.txt")

    def test_single_lines_in_another_encoding_are_counted_and_left_out(self, tmp_path: Path) -> None:
        lines = [line.encode("cp949" if n % 3 == 0 else "utf-8") for n, line in enumerate(self.LINES * 3)]
        (tmp_path / "mixed.txt").write_bytes(b"\n".join(lines))
        tally = Tally()
        assert len(read("text", tmp_path / "mixed.txt", tally)) == 4
        assert tally.dropped == {"line: not UTF-8": 2}
        assert tally.examples["line: not UTF-8"] == ("mixed.txt:1", "mixed.txt:4")

    def test_a_broken_line_of_an_ascii_file_is_counted_alone(self, tmp_path: Path) -> None:
        lines = [json.dumps({"text": f"{n}번째 봄"}).encode() for n in range(30)]
        (tmp_path / "a.jsonl").write_bytes(b"\n".join([*lines, "봄".encode("cp949")]))
        tally = Tally()
        assert len(read("jsonl", tmp_path / "a.jsonl", tally)) == 30
        assert tally.dropped == {"line: not UTF-8": 1}

    @pytest.mark.parametrize("content", ["봄이 왔다.".encode("utf-16-le"), bytes(range(256)) + bytes(600)])
    def test_what_is_no_text_is_refused(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "a.txt").write_bytes(content)
        with pytest.raises(CorpusError, match="is no text, or UTF-16 without a byte order mark"):
            read("text", tmp_path / "a.txt")

    def test_utf16_that_breaks_off_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_bytes("봄이 왔다.\n여름".encode("utf-16")[:-1])
        with pytest.raises(CorpusError, match="not UTF-16 throughout"):
            read("text", tmp_path / "a.txt")


class TestEmpty:
    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            ("text", ""),
            ("text", "\n \n"),
            ("jsonl", ""),
            ("jsonl", '{"data": []}'),
            ("kornli", TestKorNli.HEADER),
        ],
    )
    def test_a_source_without_a_document_is_named(self, tmp_path: Path, kind: str, content: str) -> None:
        with pytest.raises(CorpusError, match=rf"^{kind}:a holds no document \(it is empty\)"):
            read(kind, write(tmp_path / "a", content))

    def test_what_was_wrong_with_its_lines_is_said(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a", TestKorNli.HEADER + "하나\n둘\n")
        with pytest.raises(CorpusError, match="2 × line: not a premise"):
            read("kornli", path)
