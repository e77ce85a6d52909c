import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.replica.korean import Variety, conjugate, final_consonant, resolve_particles

SYLLABLES = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("논을/를 다진다", "논을 다진다"),
        ("보리을/를 거둔다", "보리를 거둔다"),
        ("서울(으)로 간다", "서울로 간다"),
        ("평양(으)로 간다", "평양으로 간다"),
        ("남포(으)로 간다", "남포로 간다"),
        ("콩과/와 밀과/와 보리은/는", "콩과 밀과 보리는"),
        ("가뭄(이)라는 조건", "가뭄이라는 조건"),
        ("더위(이)라는 조건", "더위라는 조건"),
        ("12이/가", "12가"),
        ("13이/가", "13이"),
        ("100(으)로", "100으로"),
        ("31(으)로", "31로"),
        ("１０을/를", "１０을"),
        ("95%이/가", "95%가"),
        ("40t을/를", "40t을"),
        ("《길》은/는", "《길》은"),
        ("'바다'은/는", "'바다'는"),
    ],
)
def test_a_particle_follows_the_sound_before_it(text: str, expected: str) -> None:
    assert resolve_particles(text) == expected


@given(SYLLABLES)
def test_particles_agree_with_unicode_about_every_syllable(syllable: str) -> None:
    closed = len(unicodedata.normalize("NFD", syllable)) == 3
    assert bool(final_consonant(syllable)) == closed
    assert resolve_particles(f"{syllable}은/는") == syllable + ("은" if closed else "는")
    assert resolve_particles(f"{syllable}이/가") == syllable + ("이" if closed else "가")


@pytest.mark.parametrize(
    ("stem", "ending", "dprk", "rok"),
    [
        ("하", "었다", "하였다", "했다"),
        ("하", "어", "하여", "해"),
        ("되", "었다", "되였다", "되었다"),
        ("되", "어요", "되여요", "돼요"),
        ("보내", "었다", "보내였다", "보냈다"),
        ("뛰", "어", "뛰여", "뛰어"),
        ("피", "었다", "피였다", "피었다"),
        ("꾸리", "었다", "꾸렸다", "꾸렸다"),
        ("일떠세우", "어", "일떠세워", "일떠세워"),
        ("바꾸", "었다", "바꾸었다", "바꿨다"),
        ("보", "어", "보아", "봐"),
        ("나오", "었다", "나왔다", "나왔다"),
        ("쓰", "었다", "썼다", "썼다"),
        ("모으", "었다", "모았다", "모았다"),
        ("오르", "었다", "올랐다", "올랐다"),
        ("서두르", "어", "서둘러", "서둘러"),
        ("치르/으", "었다", "치렀다", "치렀다"),
        ("높", "어", "높아", "높아"),
        ("읽", "었다", "읽었다", "읽었다"),
        ("돕/ㅂ", "어", "도와", "도와"),
        ("돕/ㅂ", "으며", "도우며", "도우며"),
        ("가볍/ㅂ", "었다", "가벼웠다", "가벼웠다"),
        ("새롭/ㅂ", "ㄴ", "새로운", "새로운"),
        ("듣/ㄷ", "었다", "들었다", "들었다"),
        ("듣/ㄷ", "는", "듣는", "듣는"),
        ("짓/ㅅ", "어", "지어", "지어"),
        ("짓/ㅅ", "고", "짓고", "짓고"),
        ("짓/ㅅ", "ㄹ", "지을", "지을"),
        ("만들", "는", "만드는", "만드는"),
        ("만들", "ㄴ", "만든", "만든"),
        ("만들", "ㄹ", "만들", "만들"),
        ("만들", "으면", "만들면", "만들면"),
        ("만들", "ㅁ", "만듦", "만듦"),
        ("벌리", "ㄴ다", "벌린다", "벌린다"),
        ("볶", "ㄴ다", "볶는다", "볶는다"),
        ("찾", "ㅂ니다", "찾습니다", "찾습니다"),
        ("드물", "ㅂ니다", "드뭅니다", "드뭅니다"),
        ("특색있", "ㄴ", "특색있는", "특색있는"),
        ("받아들이", "으면", "받아들이면", "받아들이면"),
        ("내놓", "었다", "내놓았다", "내놓았다"),
        ("계획이/이", "ㅂ니다", "계획입니다", "계획입니다"),
        ("계획이/이", "어요", "계획이에요", "계획이에요"),
        ("정도이/이", "어요", "정도예요", "정도예요"),
        ("정도이/이", "다", "정도이다", "정도다"),
    ],
)
def test_verbs_conjugate_by_the_standard_of_their_variety(
    stem: str, ending: str, dprk: str, rok: str
) -> None:
    assert (conjugate(stem, ending, "dprk"), conjugate(stem, ending, "rok")) == (dprk, rok)


@given(
    st.text(SYLLABLES, min_size=1, max_size=4),
    st.sampled_from(
        ["고", "며", "으며", "으면", "어", "었다", "는", "ㄴ", "ㄹ", "ㅁ", "ㄴ다", "ㅂ니다", "기", "도록"]
    ),
    st.sampled_from(["dprk", "rok"]),
)
def test_a_conjugated_form_is_made_of_whole_syllables(stem: str, ending: str, variety: Variety) -> None:
    form = conjugate(stem, ending, variety)
    assert all("가" <= character <= "힣" for character in form)
    assert form[: len(stem) - 1] == stem[: len(stem) - 1] or stem.endswith("르")
