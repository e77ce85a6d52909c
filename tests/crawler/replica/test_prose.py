import re
from collections import Counter
from datetime import date

import pytest

from crawler.replica.korean import Variety
from crawler.replica.prose import Document, document

VARIETIES: tuple[Variety, ...] = ("dprk", "rok")
MANY = 600


@pytest.fixture(scope="module")
def documents() -> dict[Variety, list[Document]]:
    return {variety: [document(variety, 7, n) for n in range(MANY)] for variety in VARIETIES}


def text_of(documents: list[Document]) -> str:
    return "\n".join(paragraph for written in documents for paragraph in written.paragraphs)


def sentences_of(documents: list[Document]) -> list[str]:
    """Sentences outside quotations, so that a quotation of two counts with the sentence around it."""
    text = re.sub(
        r"《[^》]*》|\"[^\"]*\"", lambda quoted: quoted.group().replace(".", ""), text_of(documents)
    )
    return [found for found in re.split(r"(?<=[다요]\.)\s*|\n|．", text) if found.strip()]


@pytest.mark.parametrize("variety", VARIETIES)
def test_a_document_depends_on_its_seed_and_number_alone(variety: Variety) -> None:
    assert document(variety, 7, 41) == document(variety, 7, 41)
    assert document(variety, 7, 41) != document(variety, 7, 42)
    assert document(variety, 7, 41).paragraphs != document(variety, 8, 41).paragraphs


def test_a_document_is_the_same_on_every_machine_and_version() -> None:
    written = document("dprk", 1, 0, date(2026, 5, 9), topic="essay")
    assert written.date == date(2026, 5, 9)
    assert (written.topic, written.genre) == ("essay", "수필")
    assert written.id == "dprk-1-000000"


@pytest.mark.parametrize("variety", VARIETIES)
def test_nothing_of_the_templates_is_left_in_the_text(
    variety: Variety, documents: dict[Variety, list[Document]]
) -> None:
    for written in documents[variety]:
        whole = "\n".join((written.title, written.subtitle, written.byline, *written.paragraphs))
        assert not re.search(r"[{}<>@|/+#]|\(으\)|\(이\)|  ", whole), whole
        assert written.title
        assert len(written.paragraphs) >= 2
        assert all(paragraph == paragraph.strip() for paragraph in written.paragraphs)


@pytest.mark.parametrize("variety", VARIETIES)
def test_a_variety_has_thousands_of_word_forms(
    variety: Variety, documents: dict[Variety, list[Document]]
) -> None:
    forms = Counter(text_of(documents[variety]).split())
    assert sum(count >= 2 for count in forms.values()) >= 1500


@pytest.mark.parametrize("variety", VARIETIES)
def test_most_sentences_have_8_to_30_words(
    variety: Variety, documents: dict[Variety, list[Document]]
) -> None:
    lengths = [len(sentence.split()) for sentence in sentences_of(documents[variety])]
    assert sum(8 <= length <= 30 for length in lengths) / len(lengths) > 0.9
    assert max(lengths) <= 40


def test_dprk_text_keeps_dprk_spelling_words_and_signs(documents: dict[Variety, list[Document]]) -> None:
    text = text_of(documents["dprk"])
    for sign in (
        "돐",
        "췰",
        "윁",
        "곬",
        "뙈",
        "《",
        "로동자",
        "녀성",
        "력사",
        "리용",
        "되였",
        "하였다",
        "고있다",
        "뜨락또르",
        "남새",
    ):
        assert sign in text, sign
    for foreign in (
        "노동자",
        "여성",
        "역사",
        "이용",
        "되었",
        "했다",
        "고 있다",
        "트랙터",
        "채소",
        '"',
        "컴퓨터",
        "할 수",
        " 것이",
    ):
        assert foreign not in text, foreign


def test_rok_text_keeps_south_korean_spelling_words_and_signs(
    documents: dict[Variety, list[Document]],
) -> None:
    text = text_of(documents["rok"])
    for sign in (
        "노동자",
        "여성",
        "역사",
        "이용",
        "했다",
        "고 있다",
        "트랙터",
        "채소",
        '"',
        "컴퓨터",
        "습니다.",
        "어요.",
        "홈런",
    ):
        assert sign in text, sign
    for foreign in (
        "로동",
        "녀성",
        "력사",
        "리용",
        "되였",
        "하였다",
        "고있다",
        "뜨락또르",
        "남새",
        "《",
        "콤퓨터",
        "돐",
        "윁",
    ):
        assert foreign not in text, foreign


def test_the_varieties_share_words_but_most_forms_differ(documents: dict[Variety, list[Document]]) -> None:
    dprk, rok = (Counter(text_of(documents[variety]).split()) for variety in VARIETIES)
    shared = sum(count for form, count in dprk.items() if form in rok) / dprk.total()
    assert 0.2 < shared < 0.6


def test_dprk_typesetting_is_now_and_then_full_width(documents: dict[Variety, list[Document]]) -> None:
    full_digits = sum(bool(re.search("[０-９]", text_of([written]))) for written in documents["dprk"])
    full_stops = sum("．" in text_of([written]) for written in documents["dprk"])
    unspaced = sum(bool(re.search(r"다\.[가-힣]", text_of([written]))) for written in documents["dprk"])
    assert all(0.01 < count / MANY < 0.15 for count in (full_digits, full_stops, unspaced))


def test_dprk_quotations_may_hold_two_sentences_and_sources_are_cited(
    documents: dict[Variety, list[Document]],
) -> None:
    text = text_of(documents["dprk"])
    assert re.search(r"《[^《》]+다\. ?[^《》]+다\.》라고", text)
    assert re.search(r"\(《[^《》]+》 \d+권, \d+페지\)", text)
    assert any(written.byline.startswith("본사기자 ") for written in documents["dprk"])


def test_a_rok_document_keeps_to_one_register(documents: dict[Variety, list[Document]]) -> None:
    registers = Counter()
    for written in documents["rok"]:
        endings = {
            "formal" if end.endswith("니다.") else "polite" if end.endswith("요.") else "plain"
            for end in (sentence.strip() for sentence in sentences_of([written]))
        }
        assert len(endings) == 1, written
        registers.update(endings)
    assert all(count / MANY > 0.1 for count in registers.values())
    assert len(registers) == 3


def test_words_agree_with_the_kind_of_plant_that_the_document_is_about() -> None:
    steel_words = re.compile("강재|선철|철근|강관|주강품")
    cloth_words = re.compile("양말|내의|모포|목도리|학생옷")
    for number in range(300):
        text = text_of([document("dprk", 3, number, topic="factory")])
        assert not (steel_words.search(text) and cloth_words.search(text))


@pytest.mark.parametrize(("month", "season"), [(1, "겨울"), (4, "봄"), (7, "여름"), (10, "가을")])
def test_an_essay_knows_the_season_of_its_day(month: int, season: str) -> None:
    leads = [document("dprk", 5, n, date(2026, month, 20), topic="essay").paragraphs[0] for n in range(20)]
    assert all(season in lead for lead in leads)
