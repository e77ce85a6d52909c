import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from parsel import Selector

from crawler.pages.home import read_home
from crawler.pages.layout_b import container, read
from crawler.pages.list_page import read_list
from crawler.replica.articles import Article
from crawler.replica.pages import render
from crawler.replica.site import Site
from crawler.replica.tokens import decode

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(seed=7, days=20, per_day=40, today=TODAY)


def page(site: Site, token: str) -> Selector:
    return Selector(text=render(site, token))


def article_page(site: Site, article: Article, category: int = 2) -> Selector:
    return page(site, f"12@{article.news_id}@{category}@1@@0@1@")


def targets(selector: Selector, css: str) -> list[str]:
    return [decode(href.partition("?")[2]) for href in selector.css(css).xpath("@href").getall()]


def test_the_home_page_leads_to_every_section_by_its_label(site: Site) -> None:
    sections = {link.category: link.label for link in read_home(render(site, ""))}
    assert sections[1] == "혁명활동소식"
    assert sections[7] == "유구한 력사,찬란한 문화"
    assert set(sections) == {1, 2, 3, 4, 5, 7, 8, 9}


def test_the_home_page_has_what_misleads(site: Site) -> None:
    home = page(site, "")
    assert home.css("#MainMenu b::text").getall() == ["혁명활동소식"]
    assert home.css(".TopClassBG .TopClassTitle::text").get() == "오늘호 기사"
    assert home.css(".TopClassLink a.page_link::text").get() == "＞＞＞"
    assert targets(home, ".TopClassLink a") == ["1@@2@1@"]
    assert not [
        label for label in home.css("#MainMenu a *::text, #MainMenu a::text").getall() if "오늘호" in label
    ]
    assert {"조선어", "English", "中 文", "검색"} <= set(home.css("a::text").getall())


@pytest.mark.parametrize("category", [1, 2, 3, 4, 5, 7])
def test_walking_the_pages_of_a_list_finds_its_declared_total(site: Site, category: int) -> None:
    found: list[str] = []
    number = 1
    while True:
        listed = read_list(render(site, f"1@@{category}@{number}@"), category=category)
        assert listed.total == len(site.listed(category))
        found += [entry.news_id for entry in listed.entries]
        if number + 1 not in listed.links:
            break
        assert len(listed.entries) == 15
        number += 1
    assert tuple(found) == site.listed(category)


def test_both_spellings_of_todays_list_are_served(site: Site) -> None:
    assert render(site, "2@@2@1@") == render(site, "1@@2@1@") == render(site, "1@@2@1@@0@")


def test_todays_list_shows_thumbnails_paper_pages_genres_and_lines(site: Site) -> None:
    first = page(site, "1@@2@1@")
    assert first.css("#revoList .date_news_list .row .media .media-body a.media-heading")
    thumbnails = first.css("#revoList .media-left a")
    assert thumbnails
    assert all("@15@" in target for target in targets(first, "#revoList .media-left a"))
    assert not "".join(thumbnails.css("::text").getall()).strip()
    lists = "".join(render(site, f"1@@2@{number}@") for number in (1, 2, 3))
    assert re.search(r"<br>[^<]+ \[\d면\]</a>", lists)
    assert "[수필]" in lists or "[론설]" in lists
    pages = {
        entry.page for n in (1, 2, 3) for entry in read_list(render(site, f"1@@2@{n}@"), category=2).entries
    }
    assert pages == {1, 2, 3, 4, 5, 6}


def test_sections_write_dates_without_zeros_and_sometimes_not_at_all(site: Site) -> None:
    rows = page(site, "1@@3@1@").css("#ThemeListDIV li") + page(site, "1@@3@2@").css("#ThemeListDIV li")
    dates = [row.css(".news_date::text").get() for row in rows]
    assert None in dates
    assert all(re.fullmatch(r"2026\.1[01]\.[1-9]\d?\.", day) for day in dates if day)
    assert page(site, "1@@1@1@").css("#RevoListDIV li")


def test_the_side_column_repeats_links_under_other_titles(site: Site) -> None:
    listed = page(site, "1@@3@1@")
    inside, outside = set(targets(listed, "#ThemeListDIV a")), set(targets(listed, "#SideColumn a"))
    assert inside & outside
    titles = {a.xpath("string()").get() for a in listed.css("#ThemeListDIV a")}
    assert not titles & {a.xpath("string()").get() for a in listed.css("#SideColumn a")}


def test_long_lists_link_a_window_of_pages_and_the_next() -> None:
    site = Site(seed=7, days=60, per_day=60, today=TODAY)
    assert len(site.listed(4)) > 15 * 11
    assert targets(page(site, "1@@4@1@"), ".pagination a") == [f"1@@4@{n}@" for n in range(2, 11)] + [
        "1@@4@2@"
    ]
    assert targets(page(site, "1@@4@10@"), ".pagination a")[-1] == "1@@4@11@"


def test_photo_and_video_lists_hold_no_article_links(site: Site) -> None:
    photos, videos = page(site, "1@@8@1@"), page(site, "1@@9@1@")
    assert photos.css(".thumbnail a[class^=fancybox-] img")
    assert videos.css(".thumbnail .ui-desc a")
    for listed in (photos, videos):
        inside = targets(listed, ".thumbnail a")
        assert not [target for target in inside if target.startswith("12@")]


def test_an_article_page_reads_back_as_the_ground_truth(site: Site) -> None:
    for article in site.articles:
        selector = article_page(site, article)
        root = container(selector)
        assert root is not None
        content = read(selector, root)
        assert (content.title, content.subtitle) == (article.title, article.subtitle)
        assert (content.body, content.byline) == (article.body, article.byline)
        assert content.date == article.issue_date


def test_article_pages_have_the_quirks_of_the_markup(site: Site) -> None:
    pages = [render(site, f"12@{article.news_id}@2@1@@0@1@") for article in site.articles[:400]]
    for quirk in (
        r'<p class="RevoTitleP">',
        r'<p class="TitleP">[^<]+</p>\n<p class="TitleP">',
        r'<p class="MarkP">《',
        r'<p class="TextP">&nbsp;</p>',
        r'<p class="TextP">&nbsp;&nbsp;',
        r"<nobr><b>[가-힣]{3}</b></nobr>[은는이가]",
        r'<img src="data:image/gif;base64,',
        r'<p class="WriterP">[^<]+</p>\n<p class="WriterP">',
        r'<p class="WriterP">[^<]+</p>\n<p class="TitleP">',
        r'<div id="article-date">주체115\(2026\)년 11월',
        r'<div id="article-date">2026년 11월 \d+일 .요일',
        r'<div id="article-homepage">로동신문 [^<]*2026',
    ):
        count = sum(bool(re.search(quirk, html)) for html in pages)
        assert 0 < count < len(pages), quirk
    assert all("목록으로" in html and "<script>" in html for html in pages)


def test_the_counter_and_the_neighbours_follow_the_list_that_the_token_names(site: Site) -> None:
    ids = site.listed(3)
    article = site.article(ids[1])
    assert article is not None
    opened = article_page(site, article, category=3)
    assert opened.css(".article-controls .counter::text").get() == f"2 / {len(ids)}"
    assert targets(opened, "#btnPrev, #btnNext") == [f"12@{ids[0]}@3@1@@0@1@", f"12@{ids[2]}@3@1@@0@3@"]


def test_an_article_opens_through_any_category_thumbnail_or_search_hit(site: Site) -> None:
    article = site.articles[0]
    for token in ("12@{}@4@3@@0@44@", "12@{}@15@1@@0@1@", "12@{}@5@1@@0@3", "8@{}@19@@살림집@11"):
        assert article.title_lines[0] in render(site, token.format(article.news_id))


@pytest.mark.parametrize(
    "token", ["1@@6@1@", "1@@2@99@", "1@@2@0@", "12@2026-11-20-999@2@1@@0@1@", "nonsense", "19@@19@@@1"]
)
def test_an_unknown_address_says_so(site: Site, token: str) -> None:
    assert page(site, token).css("h1::text").get() == "알수 없는 주소"


def test_text_is_escaped_and_edits_show() -> None:
    site = Site(days=1, per_day=5, today=TODAY)
    article = replace(site.articles[0], title_lines=("값 < 3 & 끝",), paragraphs=("<b>글</b> & 글.",))
    site.edit(article)
    content = article_page(site, article)
    assert content.css("#ContDIV p::text").getall()[0] == "값 < 3 & 끝"
    assert "<b>글</b> & 글." in content.css("#ContDIV p::text").getall()


def test_tokens_shift_when_a_newer_article_arrives() -> None:
    site = Site(seed=7, days=5, per_day=40, today=TODAY)
    before = targets(page(site, "1@@5@1@"), "#ThemeListDIV a")
    site.today = TODAY + timedelta(days=1)
    site.add(site.today)
    after = targets(page(site, "1@@5@1@"), "#ThemeListDIV a")
    assert not set(before) & set(after)
    assert {token.split("@")[1] for token in before} & {token.split("@")[1] for token in after}
