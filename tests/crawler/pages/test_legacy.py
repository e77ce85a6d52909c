"""The pages of the legacy site; whole articles are among the golden pages too."""

import datetime as dt
import os
from pathlib import Path

import pytest

from crawler.pages.article import read_article
from crawler.pages.detect import PageError
from crawler.pages.legacy_list import legacy_news_id, read_legacy_list

DATA = Path(os.environ.get("DPRK_DATA", Path(__file__).parents[3].parent / "shared" / "data"))
REAL_ARTICLE = DATA / "html" / "legacy-article.en.html"
REAL_LIST = DATA / "html" / "legacy-list.en.html"

TITLE = '<p class="ArticleContent" align="center"><b>못가의 저녁</b></p>'
FIRST = '<p class="ArticleContent">저녁노을이 비낀 못가에 양어공들이 모여앉았다. 물고기가 뛴다.</p>'
SECOND = '<p class="ArticleContent">물은 맑고 깊다고 한다. 래년에는 못이 하나 더 생긴다.</p>'
BYLINE = '<p class="ArticleContent" align="right">림단비</p>'


def legacy(*paragraphs: str) -> str:
    return f"<html><body><table><tr><td>{''.join(paragraphs)}</td></tr></table></body></html>"


@pytest.mark.parametrize("times", [1, 2, 4])
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("with_byline", [True, False])
def test_text_that_is_printed_several_times_is_read_once(times: int, whole: bool, with_byline: bool) -> None:
    unit = [TITLE] * whole + [FIRST, SECOND] + [BYLINE] * with_byline
    page = read_article(legacy(*[TITLE] * (not whole), *unit * times, *[BYLINE] * (not with_byline)))
    assert (page.title, page.byline, page.body.count("\n")) == ("못가의 저녁", "림단비", 1)


def test_short_lines_may_repeat_on_purpose() -> None:
    star = '<p class="ArticleContent">＊ ＊</p>'
    assert read_article(legacy(TITLE, star, star)).body == "＊ ＊\n＊ ＊"


def test_text_without_a_dressed_title_takes_the_title_of_the_list() -> None:
    page = read_article(legacy(FIRST, SECOND, BYLINE), listed_title="목록의 제목")
    assert (page.title, page.body.count("\n"), page.byline) == ("목록의 제목", 1, "림단비")


def test_centred_title_need_not_be_bold() -> None:
    centred = '<p class="ArticleContent" style="text-align: Center">{}</p>'
    page = read_article(legacy(centred.format("제목"), centred.format("부제목"), FIRST))
    assert (page.title, page.subtitle, page.body.count("\n")) == ("제목", "부제목", 0)


def test_centred_caption_below_a_picture_is_no_subtitle() -> None:
    picture = '<p class="ArticleContent" align="center"><img src="1.jpg"></p>'
    caption = '<p class="ArticleContent" align="center">사진의 설명</p>'
    page = read_article(legacy(picture, TITLE, picture, caption, FIRST))
    assert (page.title, page.subtitle, page.body.count("\n")) == ("못가의 저녁", "", 1)


def test_page_that_is_all_bold_headings_is_no_article() -> None:
    with pytest.raises(PageError, match="no text"):
        read_article(legacy(TITLE, TITLE))


@pytest.mark.parametrize(
    ("href", "news_id"),
    [
        (
            "javascript:article_open('index.php?strPageID=SF01_02_01&newsID=2022-02-11-0008')",
            "2022-02-11-0008",
        ),
        (
            "http://www.rodong.rep.kp/ko/index.php?strPageID=SF01_02_01&newsID=2014-06-03-0012",
            "2014-06-03-0012",
        ),
        ("index.php?newsID=2014-06-03-0012&strPageID=SF01_02_01&iMenuID=1", "2014-06-03-0012"),
        ("index.php?strPageID=SF01_02_02&newsID=2022-02-11-0008", None),
        ("index.php?strPageID=SF01_02_01&newsID=2022-02-31-0008", None),
        ("index.php?strPageID=SF01_02_01", None),
        ("index.php?MTJAMjAyNC0wNC0wMS1OMDI1QDVAMUBAMEAxMw==", None),
        ("../ko/", None),
    ],
)
def test_legacy_address_names_its_article(href: str, news_id: str | None) -> None:
    assert legacy_news_id(href) == news_id


def test_legacy_list_is_read_with_what_it_tells() -> None:
    row = (
        '<div class="ListNewsLineContainer"><div class="ListNewsLineNo">1.</div><div class="{}">'
        "<a href=\"javascript:article_open('index.php?strPageID=SF01_02_01&newsID={}')\">{}</a></div>"
        '<div class="ListNewsLineWriter">본사기자 림단비</div><div class="ListNewsLineDate">{}</div></div>'
    )
    page = read_legacy_list(
        "<html><body><a href='index.php?strPageID=SF01_01_02&iMenuID=1&iSubMenuID=9'>머리의 련결</a>"
        '<div class="ListNewsContainer">'
        + row.format(
            "ListNewsLineTitleW", "2014-06-03-0012", "[사설] 땅을 <nobr>아끼자</nobr> [2면]", "2014.06.03"
        )
        + row.format("ListNewsLineTitle", "2014-06-02-0001", "못가의 저녁", "")
        + "<a href='index.php?strPageID=SF01_01_02&iMenuID=2&iSubMenuID=2'>2</a></div></body></html>"
    )
    first, second = page.entries
    assert (first.news_id, first.title, first.genre, first.page) == (
        "2014-06-03-0012", "[사설] 땅을 아끼자", "사설", 2
    )  # fmt: skip
    assert (first.author, first.href) == (
        "본사기자 림단비",
        "index.php?strPageID=SF01_02_01&newsID=2014-06-03-0012",
    )
    assert (second.news_id, second.date) == ("2014-06-02-0001", dt.date(2014, 6, 2))
    assert (list(page.links), page.total) == ([2], None)


@pytest.mark.parametrize(
    ("html", "reason"),
    [("<h1>알수 없는 주소</h1>", "not found"), ("<div id='ThemeListDIV'>1</div>", "unknown layout")],
)
def test_page_behind_the_last_is_no_legacy_list(html: str, reason: str) -> None:
    with pytest.raises(PageError) as error:
        read_legacy_list(html)
    assert error.value.reason == reason


@pytest.mark.realdata
@pytest.mark.skipif(not REAL_ARTICLE.exists(), reason=f"no real page at {REAL_ARTICLE} (set DPRK_DATA)")
def test_real_legacy_article_is_read_whole() -> None:
    html = REAL_ARTICLE.read_text(encoding="utf-8")
    page = read_article(html)
    assert (page.layout, page.date, page.page) == ("legacy", dt.date(2022, 2, 11), None)
    # Every paragraph is in one of the parts, pictures and empty ones aside, and none twice.
    parts = [page.title, *page.body.split("\n"), page.byline]
    assert (len(parts), len(set(parts))) == (22, 22)
    assert len(page.title.split()) == 9
    assert len(page.byline.split()) == 2
    assert "  " not in page.body
    assert not any(mark in page.body for mark in "<>\u00a0")


@pytest.mark.realdata
@pytest.mark.skipif(not REAL_LIST.exists(), reason=f"no real page at {REAL_LIST} (set DPRK_DATA)")
def test_real_legacy_list_is_read_whole_and_in_order() -> None:
    page = read_legacy_list(REAL_LIST.read_text(encoding="utf-8"))
    assert len({entry.news_id for entry in page.entries}) == 40
    assert all(entry.title and entry.author and len(entry.news_id) == 15 for entry in page.entries)
    assert [entry.date for entry in page.entries] == sorted(
        (entry.date for entry in page.entries), reverse=True
    )
    assert all(entry.news_id.startswith(entry.date.isoformat()) for entry in page.entries)
