from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.text import RECIPES, STEPS, Replace, UnicodeForm, lost, normalize

# Text rich in what the steps act on, beside arbitrary text.
TRICKY = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from(
            "가힣\u1100\u1161\u11a8\u0301 \t\n\xa0\u3000\u200b\ufeff\xad．，％０ＡｚＡ《》〈〉.,%[]^-\\ㅋㅠ㎡…"
            "勞\uf90a（()<＜>≪»‹„㈱㊊"
        ),
    )
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("생산이 １２．５％ 늘었다．", "생산이 12.5% 늘었다."),
        ("《새 집》\xa0이다", "《새 집》 이다"),
        ("벼모\u3000\u3000밭\t길\r\n끝", "벼모 밭 길 끝"),
        ("려\u200b명\ufeff거리\xad", "려명거리"),
        (unicodedata.normalize("NFD", "물길공사"), "물길공사"),
        ("\u1100\u200b\u1161", "가"),  # a joiner between two jamo
        ("\uf90a속", "金속"),  # a compatibility copy of a Hanja
        ("３００￥", "300¥"),
        ("ㅋㅋ ㅠㅠ 5㎡ 그런데…", "ㅋㅋ ㅠㅠ 5㎡ 그런데…"),  # what NFKC would have changed
        ("<<봄>> ≪여름≫ «가을» ＜＜겨울＞＞ ‹논›", "《봄》 《여름》 《가을》 《겨울》 〈논〉"),
        ('“봄” ‘여름’ "가을" 《겨울》', '“봄” ‘여름’ "가을" 《겨울》'),  # conventions of different texts
        ("3 < 5, 5 > 3", "3 < 5, 5 > 3"),
        ("로동(勞動)과 《력사》（歷史）를 경제 (經濟, 産業)[産業]로", "로동과 《력사》를 경제로"),
        ("勞動과 3(三) 수(水曜日)요일 (로동) 산(San). (漢字)", "勞動과 3(三) 수요일 (로동) 산(San). (漢字)"),
        ("녀성들은 로동에서 되였다", "녀성들은 로동에서 되였다"),  # the orthography is the corpus
    ],
)
def test_default_recipe_cleans_layout_and_keeps_spelling(raw: str, expected: str) -> None:
    assert normalize(raw) == expected


@pytest.mark.parametrize(
    ("kept", "by_nfkc"),
    [
        ("10³", "103"),
        ("①물", "1물"),
        ("ㄱ. ㅋㅋ", "ᄀ. ᄏᄏ"),
        ("원칙ㆍ방법", "원칙ᆞ방법"),
        ("㎡ ㎏ ㏊ ℃", "m2 kg ha °C"),
        ("Ⅱ장", "II장"),
        ("그런데…", "그런데..."),
        ("x´", "x \u0301"),
        ("《봄》〈논〉“밭”‘벼’·×○※→", "《봄》〈논〉“밭”‘벼’·×○※→"),
    ],
)
def test_what_nfkc_would_change_is_kept(kept: str, by_nfkc: str) -> None:
    assert normalize(kept) == kept
    assert normalize(kept, ("nfkc",)) == by_nfkc


def test_paper_recipe_replaces_ascii_punctuation_and_newspaper_brackets_by_spaces() -> None:
    text = "《3.5%》 [주체108(2019)년] a-b\\c 〈가〉◇나"
    assert normalize(text, RECIPES["paper"]) == " 3 5 주체108 2019 년 a b\\c 가 나"


def test_paper_recipe_removes_every_ascii_punctuation_mark_but_the_backslash() -> None:
    marks = "".join(chr(code) for code in range(33, 127) if not chr(code).isalnum())
    assert normalize(marks, RECIPES["paper"]).strip() == "\\"


@pytest.mark.parametrize("recipe", list(RECIPES))
@given(text=TRICKY)
def test_a_recipe_applied_twice_gives_what_it_gives_once(recipe: str, text: str) -> None:
    once = normalize(text, RECIPES[recipe])
    assert normalize(once, RECIPES[recipe]) == once


@pytest.mark.parametrize("recipe", list(RECIPES))
@given(text=TRICKY)
def test_the_fast_form_does_what_the_rules_say_one_after_the_other(recipe: str, text: str) -> None:
    expected = text
    for name in RECIPES[recipe]:
        for rule in STEPS[name].rules:
            match rule:
                case UnicodeForm(form):
                    expected = unicodedata.normalize(form, expected)
                case Replace(pattern, replacement):
                    expected = re.sub(pattern, lambda _, r=replacement: r, expected)
    assert normalize(text, RECIPES[recipe]) == expected


@given(text=TRICKY)
def test_no_white_space_but_single_ordinary_spaces_is_left(text: str) -> None:
    result = normalize(text)
    assert "  " not in result
    assert all(character == " " or not character.isspace() for character in result)


def test_what_a_step_takes_out_as_words_is_told_with_the_reason() -> None:
    text = "로동（勞動）과 력사 (歷史)(史)"
    reason = "gloss: Hanja in brackets"
    assert list(lost(text, RECIPES["default"])) == [(reason, "(勞動)"), (reason, " (歷史)(史)")]
    assert list(lost(text, RECIPES["paper"])) == []


@given(text=TRICKY)
def test_what_is_told_as_lost_is_what_the_step_takes_out(text: str) -> None:
    steps = RECIPES["default"]
    before, after = (
        normalize(text, steps[: steps.index("hanja")]),
        normalize(text, steps[: steps.index("hanja") + 1]),
    )
    assert len(before) - len(after) == sum(len(passage) for _, passage in lost(text, steps))


@pytest.mark.parametrize("unit", ["가(", "가 ", "가(漢", "(漢)", "가(漢)", "<", "<<>"])
def test_hostile_repetition_takes_no_quadratic_time(unit: str) -> None:
    normalize(unit * 100_000)


@pytest.mark.parametrize("recipe", list(RECIPES))
@settings(deadline=None)  # the first example compiles the rules
@given(text=TRICKY)
def test_a_tokenizer_that_compiles_a_recipe_treats_text_alike(recipe: str, text: str) -> None:
    normalizers = pytest.importorskip("tokenizers.normalizers")
    known = "".join(c for c in text if unicodedata.ucd_3_2_0.category(c) != "Cn")  # see below
    assert _compiled(normalizers, RECIPES[recipe]).normalize_str(known) == normalize(known, RECIPES[recipe])


@pytest.mark.parametrize("name", list(STEPS))
def test_a_tokenizer_that_compiles_the_rules_treats_every_character_alike(name: str) -> None:
    normalizers = pytest.importorskip("tokenizers.normalizers")
    # Where every rule's characters lie; on later ones the two libraries may follow different Unicode versions.
    known = unicodedata.ucd_3_2_0.category
    characters = [chr(code) for code in range(0x10000) if known(chr(code)) not in ("Cs", "Cn")]
    text = "가".join(characters) if name not in ("nfc", "nfkc") else " 가 ".join(characters)
    assert _compiled(normalizers, [name]).normalize_str(text) == normalize(text, (name,))


def _compiled(normalizers: Any, steps: Sequence[str]) -> Any:
    from tokenizers import Regex

    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(rule.pattern), rule.replacement)
            if isinstance(rule, Replace)
            else {"NFC": normalizers.NFC, "NFKC": normalizers.NFKC}[rule.form]()
            for name in steps
            for rule in STEPS[name].rules
        ]
    )


def test_an_unknown_step_is_named() -> None:
    with pytest.raises(ValueError, match="no such step: lower"):
        normalize("가", ("nfc", "lower"))


def test_every_step_gives_a_reason_and_every_recipe_names_steps() -> None:
    assert all(step.reason and step.rules and name == step.name for name, step in STEPS.items())
    assert {name for recipe in RECIPES.values() for name in recipe} <= STEPS.keys()
