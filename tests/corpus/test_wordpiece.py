from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.wordpiece import WordPiece, stands_alone, words

VOCABULARY = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "공", "##장", "공장", "##에", "##에서", "##서", "봄", "##봄", "밭",
    "《", "》", ".", "!", "a", "##b", "力", "㎡", "##㎡", "1", "##1",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from([*"공장에서봄밭《》.!ab力㎡1 - …·~$^`’ˇ", "공장", "에서", "x" * 99])).map(
    "".join
)


def test_the_longest_piece_comes_first() -> None:
    assert WordPiece(VOCABULARY).pieces("공장에서") == ("공장", "##에서")


def test_one_missing_part_makes_the_whole_word_unknown() -> None:
    wordpiece = WordPiece(VOCABULARY)
    assert wordpiece.pieces("공장밭") is None
    assert wordpiece.knows("공장 밭")
    assert not wordpiece.knows("공장 공장밭")


def test_a_word_of_more_than_100_characters_is_unknown() -> None:
    wordpiece = WordPiece(VOCABULARY)
    assert wordpiece.pieces("1" * 100) == ("1", *["##1"] * 99)
    assert wordpiece.pieces("1" * 101) is None


def test_marks_and_hanja_are_words_of_their_own_and_other_signs_are_not() -> None:
    assert words("《봄》이 力道5㎡.") == ["《", "봄", "》", "이", "力", "道", "5㎡", "."]
    assert [stands_alone(c) for c in "《力$㎡돐"] == [True, True, True, False, False]


@given(TEXTS)
def test_it_is_what_the_reference_tokenizer_does(text: str) -> None:
    tokenizers: Any = pytest.importorskip("tokenizers")
    reference = tokenizers.Tokenizer(
        tokenizers.models.WordPiece({t: i for i, t in enumerate(VOCABULARY)}, unk_token="[UNK]")
    )
    reference.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    reference.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    wordpiece = WordPiece(VOCABULARY)
    tokens = [piece for word in words(text) for piece in wordpiece.pieces(word) or ("[UNK]",)]
    assert tokens == reference.encode(text).tokens
