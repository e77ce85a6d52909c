import dataclasses
import json
from pathlib import Path

import pytest

from crawler.pages.article import ArticlePage, check_identity, read_article
from crawler.pages.detect import PageError

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir() if (path / "expected.json").exists())
FIELDS = [field.name for field in dataclasses.fields(ArticlePage)]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("case", CASES)
def test_golden_page_is_read_field_by_field(case: str, field: str) -> None:
    page = read_article((GOLDEN / case / "page.html").read_text(encoding="utf-8"))
    expected = json.loads((GOLDEN / case / "expected.json").read_text(encoding="utf-8"))
    value = getattr(page, field)
    assert (value.isoformat() if field == "date" and value else value) == expected[field]


def b_page(content: str, around: str = "") -> str:
    return (
        f'<html><body>{around}<div id="articleContent"><div id="ContDIV">{content}</div></div></body></html>'
    )


REFUSED = {
    "blocked": "<html><head><meta name='kcsc' content='blocking'><title>차단 안내</title></head></html>",
    "blocked by another filter": "<html><head><title>Web Page Blocked!</title></head><body>no</body></html>",
    "not found": "<html><body><h1>알수 없는 주소</h1></body></html>",
    "not found, spelt apart": "<html><body><h1>알 수 없는 주소입니다</h1></body></html>",
    "unknown layout": "<html><body><main><p>새로운 얼개의 글이다.</p></main></body></html>",
    "unknown layout, text outside of paragraphs": b_page("<div>단락이 아닌 글이다.</div>"),
    "empty page": "  \n ",
    "empty page, with tags": "<html><body></body></html>",
    "no text": b_page('<p class="TitleP">제목만 있다</p>'),
    "no text, not even a title": b_page(""),
    "no title": b_page('<p class="TextP">본문뿐이다.</p>'),
}


@pytest.mark.parametrize("case", REFUSED)
def test_page_without_an_article_is_refused_with_its_reason(case: str) -> None:
    with pytest.raises(PageError) as error:
        read_article(REFUSED[case])
    assert error.value.reason == case.partition(",")[0].removesuffix(" by another filter")


def test_title_of_the_list_stands_in_where_the_page_marks_none() -> None:
    page = read_article(b_page('<p class="TextP">본문뿐이다.</p>'), listed_title="목록의 제목")
    assert (page.title, page.body) == ("목록의 제목", "본문뿐이다.")


def test_photo_viewer_that_fetches_its_pictures_makes_a_photo_article() -> None:
    page = read_article(b_page('<p class="TitleP">사진들</p><script>var iType=3;</script>'))
    assert (page.layout, page.body) == ("B-photo", "")


def test_decorative_images_are_no_photo_article() -> None:
    with pytest.raises(PageError, match="no text"):
        read_article(b_page('<p class="TitleP">제목</p><img src="images/rodong_mark.png">'))


def test_words_of_the_site_within_an_article_do_not_make_it_refused() -> None:
    page = read_article(
        b_page('<p class="TitleP">알수 없는 주소</p><p class="TextP">차단 안내에 대한 글이다.</p>')
    )
    assert page.title == "알수 없는 주소"


class TestIdentity:
    def page(self, **changes: object) -> ArticlePage:
        text = (GOLDEN / "layout_b" / "page.html").read_text(encoding="utf-8")
        return dataclasses.replace(read_article(text), **changes)  # type: ignore[arg-type]

    def test_own_id_is_accepted(self) -> None:
        check_identity(self.page(), "2026-08-20-012", "아무 제목")

    def test_id_of_another_article_is_refused(self) -> None:
        with pytest.raises(PageError, match="wrong article"):
            check_identity(self.page(), "2026-08-20-013")

    def test_other_date_with_another_title_is_refused(self) -> None:
        with pytest.raises(PageError, match="wrong article"):
            check_identity(self.page(news_id=None), "2026-08-19-012", "다른 제목")

    def test_other_date_with_the_listed_title_is_accepted(self) -> None:
        listed = "농장소식 온실마다  푸른 잎새 솔뫼남새농장에서 생산량 10% 늘어"
        check_identity(self.page(news_id=None), "2026-08-19-012", listed)
