from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from corpus.schema import CorpusError
from corpus.vocabulary import read_vocabulary

PIECES = ["[PAD]", "[UNK]", "[MASK]", "가", "##가", "봄"]


def test_vocab_txt_is_one_piece_a_line(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    assert read_vocabulary(path) == set(PIECES)


def test_a_gzipped_vocabulary_is_unpacked_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "pieces"
    path.write_bytes(gzip.compress("\r\n".join(PIECES).encode()))
    assert read_vocabulary(path) == set(PIECES)


def test_a_folder_is_searched_for_a_tokenizer(tmp_path: Path) -> None:
    model = {"type": "WordPiece", "vocab": {piece: index for index, piece in enumerate(PIECES)}}
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": model}), encoding="utf-8")
    assert read_vocabulary(tmp_path) == set(PIECES)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("가\n나\n", "no \\[UNK\\]"),
        ('{"model": {"type": "BPE", "vocab": {"[UNK]": 0}}}', "BPE model"),
        ('{"version": 1}', "not a tokenizer.json"),
        ('{"model"', "not a tokenizer.json"),
    ],
)
def test_what_is_no_wordpiece_vocabulary_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "vocab"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=complaint):
        read_vocabulary(path)


def test_an_empty_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no vocabulary"):
        read_vocabulary(tmp_path)
    with pytest.raises(CorpusError, match="does not exist"):
        read_vocabulary(tmp_path / "vocab.txt")
