"""Tokenizers that carry the corpus's text treatment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from corpus.schema import Treatment
from corpus.syllables import needed, replace
from corpus.text import RECIPES, normalize
from model.errors import ModelError
from model.tokenization import (
    SPECIAL_TOKENS,
    from_vocabulary,
    ksx1001_syllables,
    read_vocabulary,
    train_wordpiece,
    with_treatment,
)

TREATMENT = Treatment(RECIPES["default"], needed(None))
SYLLABLES = [
    *SPECIAL_TOKENS,
    *"주년을도이칠란드베트남로동자",
    *(f"##{c}" for c in "주년을도이칠란드베트남로동자"),
    ".",
]


@pytest.fixture(scope="module")
def plain() -> PreTrainedTokenizerFast:
    return from_vocabulary(list(dict.fromkeys(SYLLABLES)))


def test_words_with_syllables_that_the_south_lacks_are_no_longer_unknown(
    plain: PreTrainedTokenizerFast,
) -> None:
    text = "돐을 도이췰란드 윁남 로동자．"
    assert plain.tokenize(text).count("[UNK]") == 4
    treated = with_treatment(plain, TREATMENT)
    assert treated.tokenize(text) == [
        *(
            "주",
            "##년",
            "##을",
            "도",
            "##이",
            "##칠",
            "##란",
            "##드",
            "베",
            "##트",
            "##남",
            "로",
            "##동",
            "##자",
            ".",
        )
    ]


def test_the_treatment_survives_saving_and_loading(plain: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    with_treatment(plain, TREATMENT).save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert loaded.tokenize("도이췰란드") == ["도", "##이", "##칠", "##란", "##드"]
    assert loaded.mask_token_id == 4
    loaded.save_pretrained(tmp_path / "again")
    assert AutoTokenizer.from_pretrained(tmp_path / "again").tokenize("돐") == ["주", "##년"]


def test_a_second_treatment_takes_the_place_of_the_first(plain: PreTrainedTokenizerFast) -> None:
    twice = with_treatment(with_treatment(plain, TREATMENT), Treatment((), {"돐": "도"}))
    once = with_treatment(plain, Treatment((), {"돐": "도"}))
    assert twice.backend_tokenizer.to_str() == once.backend_tokenizer.to_str()


def test_pairs_keep_their_segment_ids(plain: PreTrainedTokenizerFast) -> None:
    encoded = with_treatment(plain, TREATMENT)("로동자", "베트남")
    assert encoded["token_type_ids"] == [0, 0, 0, 0, 0, 1, 1, 1, 1]


KOREAN = st.text(
    st.one_of(
        st.sampled_from(
            [
                *"돐윁췰뙤약볕첫생일쯘히그 \t\n．１０％《》〈〉“”ㅋ㎡…\u3000\xa0\u200b\ufeffé",
                "\u1100",
                "\u1161",
            ]
        ),
        st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(KOREAN, st.sampled_from(list(RECIPES)))
def test_the_tokenizer_treats_text_exactly_as_the_corpus_does(text: str, recipe: str) -> None:
    treatment = Treatment(RECIPES[recipe], needed(None))
    treated = with_treatment(from_vocabulary(SPECIAL_TOKENS), treatment).backend_tokenizer.normalizer
    untreated = from_vocabulary(SPECIAL_TOKENS).backend_tokenizer.normalizer
    expected = replace(normalize(text, treatment.steps), treatment.mapping)
    assert treated.normalize_str(text) == untreated.normalize_str(expected)


def test_a_step_of_a_newer_corpus_is_refused(plain: PreTrainedTokenizerFast) -> None:
    with pytest.raises(ModelError, match="'time-travel'"):
        with_treatment(plain, Treatment(("time-travel",), {}))


def test_a_vocabulary_without_mask_token_is_refused() -> None:
    with pytest.raises(ModelError, match=r"no \[MASK\] token"):
        from_vocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "가"])


def test_a_vocabulary_that_holds_a_token_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("가\n나\n가\n")
    with pytest.raises(ModelError, match="a token twice"):
        read_vocabulary(tmp_path / "vocab.txt")


def test_a_learnt_vocabulary_holds_the_souths_syllables_in_both_forms_and_frequent_words() -> None:
    vocabulary = train_wordpiece(lambda: ["노동자가 노동을 한다"] * 50, 6_000, TREATMENT)
    assert vocabulary[:5] == list(SPECIAL_TOKENS)
    assert len(set(vocabulary)) == len(vocabulary)
    assert {"가", "##가", "힝", "##힝", "노동"} <= set(vocabulary)
    assert "윁" not in vocabulary


def test_the_standard_set_of_the_south_has_2350_syllables() -> None:
    syllables = ksx1001_syllables()
    assert len(set(syllables)) == 2_350
    assert (syllables[0], syllables[-1]) == ("가", "힝")


DATA = Path(os.environ.get("DPRK_DATA", "../shared/data"))


@pytest.mark.realdata
def test_kr_berts_vocabulary_makes_its_tokenizer() -> None:
    path = DATA / "vocab" / "krbert-char16424.txt"
    if not path.exists():
        pytest.skip(f"no real data in {DATA}; set DPRK_DATA")
    tokenizer = with_treatment(from_vocabulary(read_vocabulary(path)), TREATMENT)
    assert len(tokenizer) == 16_424
    assert "[UNK]" not in tokenizer.tokenize("돐을 맞는 도이췰란드의 로동자")
