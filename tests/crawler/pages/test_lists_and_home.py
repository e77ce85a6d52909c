import datetime as dt

import pytest

from crawler.pages.detect import PageError
from crawler.pages.home import SectionLink, read_home, section_number
from crawler.pages.list_page import read_list
from crawler.pages.tokens import encode


def link(text: str, words: str, attributes: str = "") -> str:
    return f'<a {attributes} href="index.php?{encode(text)}">{words}</a>'


TODAY = f"""<html><body><div id="PathBar"><a href="index.php">홈</a> &gt; 오늘호 기사 &gt; 1,032건</div>
<div class="side">{link("12@2026-08-20-002@15@@@0@9@", "곁칸의 제목")}
{link("12@2026-08-20-099@1@1@@0@1@", "곁칸의 기사")}</div>
<div id="revoList"><div class="date_news_list">
<div class="row"><div class="media"><div class="media-left">
{link("12@2026-08-20-002@15@@@0@1@", '<img src="data:image/png;base64,AAAA">', 'class="media-heading"')}</div>
<div class="media-body">{link("12@2026-08-20-002@2@1@@0@1@", "농장소식<br>푸른 잎새<br>온실에서 [2면]")}</div></div>
<div class="col-sm-3"><p>본사기자 림단비</p></div></div>
<div class="row"><div class="media-body">{link("12@2026-08-20-003@2@1@@0@2@", "[사설] 땅을 아끼자 [1면]")}</div>
<div class="col-sm-2">한기철</div></div>
</div></div>
{link("1@@2@1@", "1")} {link("1@@2@2@", "2")} {link("1@@2@3@@0@", "＞＞＞")} {link("1@@5@2@", "다른 목록")}
{link("12@2026-08-20-004@2@1@@0@3@", "뿌리밖의 기사")}</body></html>"""


class TestList:
    def test_only_the_list_itself_counts_and_thumbnails_are_merged(self) -> None:
        entries = read_list(TODAY, category=2).entries
        assert [entry.news_id for entry in entries] == ["2026-08-20-002", "2026-08-20-003"]
        assert entries[0].href == "index.php?" + encode("12@2026-08-20-002@2@1@@0@1@")

    def test_title_loses_the_paper_page_and_keeps_its_genre(self) -> None:
        first, second = read_list(TODAY, category=2).entries
        assert (first.title, first.page, first.genre) == ("농장소식 푸른 잎새 온실에서", 2, "")
        assert (second.title, second.page, second.genre) == ("[사설] 땅을 아끼자", 1, "사설")

    def test_author_is_in_either_column(self) -> None:
        assert [entry.author for entry in read_list(TODAY, category=2).entries] == [
            "본사기자 림단비",
            "한기철",
        ]

    def test_total_and_page_links_of_the_same_list_are_found(self) -> None:
        page = read_list(TODAY, category=2)
        assert (page.total, sorted(page.links)) == (1032, [1, 2, 3])
        assert page.links[3] == "index.php?" + encode("1@@2@3@@0@")

    @pytest.mark.parametrize(
        "root", ['id="RevoListDIV"', 'id="ThemeListDIV"', 'id="NewsListDIV"', 'id="OtherListDIV"']
    )
    def test_every_generation_of_list_is_read(self, root: str) -> None:
        anchor = link("12@2026-09-15-012@1@1@@0@1@", "첫줄<br>둘째줄")
        item = f'<li>{anchor} <span class="news_date">2026.9.14.</span></li>'
        page = read_list(f"<html><body><div {root}><ul>{item}</ul></div></body></html>", category=1)
        assert [(entry.title, entry.date) for entry in page.entries] == [
            ("첫줄 둘째줄", dt.date(2026, 9, 14))
        ]
        assert page.total is None

    def test_date_falls_back_to_the_id(self) -> None:
        assert read_list(TODAY, category=2).entries[0].date == dt.date(2026, 8, 20)

    def test_class_list_follows_links_of_its_own_keyword(self) -> None:
        html = f"<div id='ThemeListDIV'></div>{link('1@@11@2@사설@', '2')}{link('1@@11@3@론설@', '3')}"
        assert list(read_list(html, category=11, keyword="사설").links) == [2]

    @pytest.mark.parametrize(
        ("html", "reason"),
        [
            ("<html><body><div id='articleContent'><p>기사</p></div></body></html>", "unknown layout"),
            ("<html><body><h1>알수 없는 주소</h1></body></html>", "not found"),
            ("", "empty page"),
        ],
    )
    def test_page_without_a_list_is_refused(self, html: str, reason: str) -> None:
        with pytest.raises(PageError) as error:
            read_list(html, category=1)
        assert error.value.reason == reason


class TestHome:
    def test_sections_are_found_by_label_wherever_they_stand(self) -> None:
        html = f"""<html><body>{link("1@@5@1@", "<b>사회문화생활</b>")}{link("1@@1@1@", "혁명활동소식")}
        <a href="../en/">English</a>{link("19@@19@@@1", "검색")}</body></html>"""
        assert read_home(html) == (
            SectionLink("사회문화생활", 5, "index.php?" + encode("1@@5@1@")),
            SectionLink("혁명활동소식", 1, "index.php?" + encode("1@@1@1@")),
        )

    @pytest.mark.parametrize(
        "block",
        [
            '<div class="TopClassBG">{title}{link}</div>',
            '<div class="TopClassBG">{title}</div>{link}',
            '<div class="TopClassBG">{link}{title}</div>',
        ],
    )
    def test_arrow_link_takes_the_title_of_its_block(self, block: str) -> None:
        before = '<div class="TopClassBG"><div class="TopClassTitle">사진</div></div>'
        title = '<div class="TopClassTitle"><b>오늘호 기사</b></div>'
        anchor = link("2@@2@1@", "＞＞＞", 'class="page_link"')
        html = before + block.format(title=title, link=f'<div class="TopClassLink">{anchor}</div>')
        assert [(found.label, found.category) for found in read_home(html)] == [("오늘호 기사", 2)]

    def test_known_label_wins_over_other_words_for_the_same_list(self) -> None:
        html = link("1@@4@1@", "더 보기") + link("1@@4@1@", "전진하는 조선")
        assert [found.label for found in read_home(html)] == ["전진하는 조선"]

    def test_labels_do_not_depend_on_spaces_and_commas(self) -> None:
        labels = ["유구한 력사,찬란한 문화", "유구한 력사, 찬란한 문화", "유구한 력사，찬란한문화"]
        assert [section_number(label) for label in labels] == [7, 7, 7]
        assert section_number("분야별기사") is None

    def test_blocked_home_page_is_refused(self) -> None:
        with pytest.raises(PageError, match="blocked"):
            read_home("<html><head><meta name='kcsc' content='blocking'></head><body>막혔다</body></html>")
