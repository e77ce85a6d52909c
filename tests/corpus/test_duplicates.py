from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any, ClassVar

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Document
from corpus.duplicates import Neighbours, Sentences
from corpus.export import Options, export
from corpus.schema import Manifest
from corpus.selection import place, splitter
from corpus.sources import Source
from corpus.split import split_of
from corpus.tally import Tally

WORDS = [f"{a}{b}{c}" for a in "봄여름가을겨" for b in "논밭산들강" for c in "은는이가을를"]


def article(seed: int, length: int = 200) -> list[str]:
    return random.Random(seed).choices(WORDS, k=length)


def edited(words: list[str], share: float, seed: int) -> list[str]:
    chance = random.Random(seed)
    copy = list(words)
    for spot in chance.sample(range(len(words)), round(share * len(words))):
        copy[spot] = f"새{chance.randrange(1000)}"
    return copy


def similarity(a: list[str], b: list[str]) -> float:
    """What MinHash estimates, by counting."""
    first, second = ({tuple(words[n : n + 3]) for n in range(len(words) - 2)} for words in (a, b))
    return len(first & second) / len(first | second)


def write(path: Path, texts: dict[str, str], days: dict[str, str] | None = None) -> Source:
    records = [{"id": name, "text": text, "date": (days or {}).get(name)} for name, text in texts.items()]
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return Source("jsonl", str(path))


def homes(folder: Path) -> dict[str, str]:
    return {
        name: shard.split
        for shard in Manifest.load(folder).shards
        for name in pq.read_table(folder / shard.path)["document_id"].to_pylist()
    }


class TestNeighbours:
    @pytest.mark.parametrize("share", [0.0, 0.01, 0.03])
    def test_edited_copies_are_found(self, share: float) -> None:
        neighbours = Neighbours(0.7)
        originals = [article(seed) for seed in range(300)]
        for number, words in enumerate(originals):
            neighbours.add(" ".join(words), str(number))
        for number, words in enumerate(originals):
            copy = edited(words, share, number)
            matches = neighbours.matches(" ".join(copy))
            assert [match.document_id for match in matches] == [str(number)]
            assert matches[0].similarity == pytest.approx(similarity(words, copy), abs=0.17)

    def test_the_estimate_is_right_in_the_mean(self) -> None:
        pairs = [(words := article(seed), edited(words, 0.03, seed)) for seed in range(200)]
        off = []
        for words, copy in pairs:
            neighbours = Neighbours(0.5)
            neighbours.add(" ".join(words), "a")
            (match,) = neighbours.matches(" ".join(copy))
            off.append(match.similarity - similarity(words, copy))
        assert sum(off) / len(off) == pytest.approx(0, abs=0.01)

    @given(st.lists(st.text("가나 \n", max_size=12), max_size=8))
    def test_a_text_is_like_itself_however_short(self, texts: list[str]) -> None:
        neighbours = Neighbours(0.7)
        for number, text in enumerate(texts):
            neighbours.add(text, str(number))
        for number, text in enumerate(texts):
            assert str(number) in [m.document_id for m in neighbours.matches(text) if m.similarity == 1.0]

    def test_different_articles_on_one_theme_are_left_alone(self) -> None:
        neighbours = Neighbours(0.7)
        for seed in range(300):
            text = " ".join(article(seed))
            assert neighbours.matches(text) == []
            neighbours.add(text, str(seed))


class TestExport:
    TEXTS: Any = {
        name: " ".join(words) + " 끝이다."
        for seed in range(60)
        for name, words in ((f"a{seed}", article(seed)), (f"b{seed}", edited(article(seed), 0.02, seed)))
    } | {"copy": " ".join(article(0)) + "  끝이다."}

    @pytest.mark.parametrize(("dedup", "left"), [("none", 121), ("exact", 120), ("near", 60)])
    def test_the_first_of_those_alike_stays(self, tmp_path: Path, dedup: Any, left: int) -> None:
        manifest = export(
            [write(tmp_path / "a.jsonl", self.TEXTS)],
            tmp_path / "out",
            Options(dedup=dedup),
            report=tmp_path / "r",
        )
        assert manifest.splits["all"].documents == left
        assert {f"a{n}" for n in range(60)} <= homes(tmp_path / "out").keys()
        lines = (tmp_path / "r").read_text(encoding="utf-8").splitlines()[1:]
        assert len(lines) == 121 - left
        for line in lines:
            reason, name, like, similarity, _ = line.split(",")
            if reason == "document: nearly the same text as an earlier one":
                assert like == name.replace("b", "a")
                assert 0.7 <= float(similarity) < 1
            else:
                assert (reason, name, like) == ("document: the same text as an earlier one", "copy", "a0")

    @pytest.mark.parametrize("dedup", ["none", "exact", "near"])
    def test_those_alike_are_never_in_different_splits(self, tmp_path: Path, dedup: Any) -> None:
        options = Options(ratio=(0.5, 0.3, 0.2), dedup=dedup)
        export([write(tmp_path / "a.jsonl", self.TEXTS)], tmp_path / "out", options)
        found = homes(tmp_path / "out")
        assert set(found.values()) == {"train", "validation", "test"}
        assert all(found[f"b{n}"] == found[f"a{n}"] for n in range(60) if f"b{n}" in found)
        assert all(found[f"a{n}"] == split_of(f"a{n}", options.ratio) for n in range(60))

    def test_by_date_the_later_one_leaves_if_it_would_be_in_another_split(self, tmp_path: Path) -> None:
        days = {name: "2020-01-01" if name[0] == "a" else "2021-01-01" for name in self.TEXTS}
        extra = {f"n{n}": " ".join(article(1000 + n)) for n in range(5)}
        source = write(tmp_path / "a.jsonl", self.TEXTS | extra, days | dict.fromkeys(extra, "2021-01-01"))
        options = Options(ratio=0.5, split_by="date")
        manifest = export([source], tmp_path / "out", options)
        assert manifest.dropped["document: nearly the same text as one in another split"] == 60
        assert {name[0] for name, split in homes(tmp_path / "out").items() if split == "validation"} == {"n"}

    def test_between_two_splits_there_is_no_place(self, tmp_path: Path) -> None:
        """a and c have less in common than the threshold, b is like both; the hash puts a and c on different sides."""
        shared = article(7, 300)
        a, b, c = article(8, 60) + shared[:-20], shared, shared[20:] + article(9, 60)
        assert similarity(a, c) < 0.65 < 0.74 < min(similarity(a, b), similarity(b, c))
        first = next(f"a{n}" for n in range(99) if split_of(f"a{n}", 0.5) == "train")
        second = next(f"c{n}" for n in range(99) if split_of(f"c{n}", 0.5) == "validation")
        texts = {first: " ".join(a), second: " ".join(c), "b": " ".join(b)}
        manifest = export([write(tmp_path / "a.jsonl", texts)], tmp_path / "out", Options(ratio=0.5))
        assert homes(tmp_path / "out") == {first: "train", second: "validation"}
        assert manifest.examples["document: nearly the same text as one in another split"] == ("b",)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)))
def test_which_one_stays_hangs_on_the_order_of_the_sources_alone(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("order")
    texts = {f"d{n}": " ".join(edited(article(3), 0.01, n)) for n in order}
    export([write(folder / "a.jsonl", texts)], folder / "out", Options(dedup="near"))
    assert set(homes(folder / "out")) == {f"d{order[0]}"}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 400)), min_size=8, max_size=30, unique=True),
    st.data(),
    st.sampled_from([0.5, (0.5, 0.3, 0.2)]),
)
def test_no_document_ever_changes_sides_while_clusters_grow_and_meet(
    documents: list[tuple[int, int]], data: st.DataObject, ratio: Any
) -> None:
    """A document is words of an endless text from some place on: those that begin near each other are alike, and a
    document between two others can make one cluster of two. Later crawls may add anywhere in the order.
    """
    lines = {number: article(number, 700) for number in range(5)}
    options = Options(ratio=ratio)
    side: dict[str, str] = {}
    for end in (len(documents) // 3, len(documents) // 2, len(documents)):
        crawled = data.draw(st.permutations(documents[:end]))
        stream = [
            (Source("text", "a"), Document(f"{line}/{start}", words), words)
            for line, start in crawled
            for words in [" ".join(lines[line][start : start + 300])]
        ]
        split, _ = splitter([], options)
        placed = {document.id: home for _, document, home in place(stream, split, options, Tally())}
        assert all(side.setdefault(name, home) == home for name, home in placed.items())
        texts = {document.id: words for _, document, words in stream}
        for name in placed:
            seen = Neighbours(options.similarity)
            seen.add(texts[name], name)
            alike = [other for other in placed if seen.matches(texts[other])]
            assert {placed[other] for other in alike} == {placed[name]}


class TestSentences:
    COMMON = (
        "농장에서는 올해 농사차비를 빈틈없이 갖추고 물길과 양수설비를 제때에 보수하여 모내기를 앞당겨 끝냈다."
    )
    EDITED = COMMON.replace("올해", "래년")
    OTHER = "공장에서는 새 제품을 더 많이 생산하기 위하여 힘쓰고있다."
    TEXTS: ClassVar = {
        "a": f"{COMMON} 첫눈이 내렸다. {COMMON}",
        "b": f"{OTHER} {COMMON} 둘째 글이다.",
        "c": f"{EDITED} 셋째 글이다.",
        "d": COMMON,
    }

    @pytest.mark.parametrize(
        ("how", "left"),
        [
            ("none", ["a", "a", "a", "b", "b", "b", "c", "c", "d"]),
            ("exact", ["a", "a", "b", "b", "c", "c"]),
            ("near", ["a", "a", "b", "b", "c"]),
        ],
    )
    def test_the_first_of_those_alike_stays_within_and_across_documents(
        self, tmp_path: Path, how: Any, left: list[str]
    ) -> None:
        export([write(tmp_path / "a.jsonl", self.TEXTS)], tmp_path / "out", Options(dedup_sentences=how))
        (shard,) = Manifest.load(tmp_path / "out").shards
        rows = pq.read_table(tmp_path / "out" / shard.path).to_pylist()
        assert [row["document_id"] for row in rows] == left
        for name in set(left):
            assert [row["position"] for row in rows if row["document_id"] == name] == list(
                range(left.count(name))
            )

    def test_the_report_says_what_was_left_out_for_which_document(self, tmp_path: Path) -> None:
        source, options = write(tmp_path / "a.jsonl", self.TEXTS), Options(dedup_sentences="near")
        manifest = export([source], tmp_path / "out", options, report=tmp_path / "report.csv")
        with (tmp_path / "report.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        same, near = "sentence: the same as an earlier one", "sentence: nearly the same as an earlier one"
        assert [(row["reason"], row["name"], row["like"], row["text"]) for row in rows] == [
            (same, "a", "a", self.COMMON),
            (same, "b", "a", self.COMMON),
            (near, "c", "a", self.EDITED),
            (same, "d", "a", self.COMMON),
            ("document: no sentence", "d", "", ""),
        ]
        assert 0.7 <= float(rows[2]["similarity"]) < 1
        assert manifest.dropped == {same: 3, near: 1, "document: no sentence": 1}

    def test_no_sentence_of_a_later_split_stands_in_an_earlier_one(self, tmp_path: Path) -> None:
        texts = {f"d{n}": f"{self.COMMON} {' '.join(article(n, 60))}." for n in range(40)}
        options = Options(ratio=0.5, dedup_sentences="exact")
        export([write(tmp_path / "a.jsonl", texts)], tmp_path / "out", options)
        train, validation = (
            {
                text
                for shard in Manifest.load(tmp_path / "out").shards
                if shard.split == split
                for text in pq.read_table(tmp_path / "out" / shard.path)["text"].to_pylist()
            }
            for split in ("train", "validation")
        )
        assert len(train) + len(validation) == 41
        assert not train & validation

    @given(st.lists(st.text("가나다 .", min_size=1, max_size=9), max_size=20), st.sampled_from([None, 0.7]))
    def test_every_sentence_is_kept_or_counted_and_no_two_kept_are_equal(
        self, sentences: list[str], threshold: float | None
    ) -> None:
        tally = Tally()
        kept = list(Sentences(threshold).new(sentences, "a", tally))
        assert len(kept) + tally.dropped.total() == len(sentences)
        assert len({"".join(sentence.split()) for sentence in kept}) == len(kept)

    def test_most_edited_copies_are_found_and_different_sentences_left_alone(self) -> None:
        originals = [" ".join(article(seed, 20)) for seed in range(300)]
        copies = [" ".join(edited(article(seed, 20), 0.05, seed)) for seed in range(300)]
        seen, tally = Sentences(0.6), Tally()
        assert list(seen.new(originals, "a", tally)) == originals
        assert len(list(seen.new(copies, "b", tally))) < 30
