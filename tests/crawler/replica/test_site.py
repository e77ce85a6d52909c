from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from crawler.replica.articles import CATEGORIES, TODAYS_ISSUE
from crawler.replica.site import Site

TODAY = date(2026, 11, 20)
STANDING = (1, 3, 4, 5, 7)


@pytest.fixture
def site() -> Site:
    return Site(seed=7, days=10, per_day=40, today=TODAY)


def test_the_same_arguments_give_the_same_site(site: Site) -> None:
    assert Site(seed=7, days=10, per_day=40, today=TODAY).articles == site.articles
    assert Site(seed=8, days=10, per_day=40, today=TODAY).articles != site.articles


def test_every_day_has_its_articles_numbered_without_a_gap(site: Site) -> None:
    assert len(site.articles) == 400
    for day in {article.issue_date for article in site.articles}:
        numbers = [int(article.news_id[11:]) for article in site.articles if article.issue_date == day]
        assert numbers == list(range(numbers[0], numbers[0] + 40))
        assert 3 < numbers[0] <= 12
        assert all(article.news_id.startswith(f"{article.issue_date}-") for article in site.articles)


def test_only_the_current_issue_is_todays_list(site: Site) -> None:
    todays = [article for article in site.articles if article.issue_date == TODAY]
    assert site.listed(TODAYS_ISSUE) == tuple(article.news_id for article in todays)
    assert all("오늘호 기사" in article.sections for article in todays)
    assert [article.page for article in todays] == sorted(article.page for article in todays)
    assert {article.page for article in todays} == {1, 2, 3, 4, 5, 6}


def test_most_articles_stand_in_no_section_and_a_few_in_two(site: Site) -> None:
    standing = Counter(len(set(article.categories) - {TODAYS_ISSUE}) for article in site.articles)
    assert 0.6 < standing[0] / 400 < 0.9
    assert standing[1] > standing[2] > 0
    assert set(standing) == {0, 1, 2}


def test_sections_list_their_articles_newest_first(site: Site) -> None:
    for category in STANDING:
        listed = site.listed(category)
        assert listed
        assert {a.news_id for a in site.articles if category in a.categories} == set(listed)
        days = [news_id[:10] for news_id in listed]
        assert days == sorted(days, reverse=True)


def test_photos_and_videos_take_the_first_numbers_of_a_day(site: Site) -> None:
    articles = {article.news_id for article in site.articles}
    media = [*site.listed(8), *site.listed(9)]
    assert media
    assert not articles & set(media)
    assert all(site.media_title(news_id) for news_id in media[:3])


def test_one_night_later_yesterdays_texts_are_the_same_and_most_are_off_every_list(site: Site) -> None:
    before = {article.news_id: article for article in site.articles}
    site.today = TODAY + timedelta(days=1)
    assert len(site.articles) == 440
    assert not set(site.listed(TODAYS_ISSUE)) & set(before)
    for news_id, article in before.items():
        now = site.article(news_id)
        assert now is not None
        assert now == replace(article, categories=tuple(c for c in article.categories if c != TODAYS_ISSUE))
    assert Site(seed=7, days=11, per_day=40, today=site.today).articles == site.articles


def test_tomorrows_articles_are_not_there_today(site: Site) -> None:
    tomorrow = Site(seed=7, days=11, per_day=40, today=TODAY + timedelta(days=1)).articles[-1]
    assert site.article(tomorrow.news_id) is None


@pytest.mark.parametrize(
    "news_id", ["2026-11-20-999", "2026-11-10-020", "2026-11-20-13", "2026-11-31-013", "x", ""]
)
def test_an_unknown_news_id_has_no_article(site: Site, news_id: str) -> None:
    assert site.article(news_id) is None


def test_an_edited_article_keeps_its_place(site: Site) -> None:
    article = site.articles[-1]
    lists = {category: site.listed(category) for category in CATEGORIES}
    version = site.version
    site.edit(replace(article, paragraphs=("고친 글이다.",)))
    edited = site.article(article.news_id)
    assert edited is not None
    assert edited.paragraphs == ("고친 글이다.",)
    assert edited.categories == article.categories
    assert {category: site.listed(category) for category in CATEGORIES} == lists
    assert site.version > version


def test_an_article_edited_on_its_day_leaves_todays_list_the_next_day(site: Site) -> None:
    article = site.articles[-1]
    site.edit(replace(article, subtitle="고친 소제목"))
    site.today = TODAY + timedelta(days=1)
    edited = site.article(article.news_id)
    assert edited is not None
    assert TODAYS_ISSUE not in edited.categories


def test_a_withdrawn_article_is_gone_from_lists_and_address(site: Site) -> None:
    news_id = site.listed(3)[0]
    site.withdraw(news_id)
    assert site.article(news_id) is None
    assert news_id not in site.listed(3)
    with pytest.raises(KeyError, match=news_id):
        site.withdraw(news_id)


def test_late_articles_follow_the_others_of_their_day(site: Site) -> None:
    day = TODAY - timedelta(days=3)
    last = max(article.news_id for article in site.articles if article.issue_date == day)
    first, second = site.add(day, categories=(4,)), site.add(day)
    assert [int(a.news_id[11:]) for a in (first, second)] == [int(last[11:]) + 1, int(last[11:]) + 2]
    assert first.news_id in site.listed(4)
    assert second.sections == ("사회문화생활",)
    assert {first.news_id, second.news_id} <= {article.news_id for article in site.articles}
    site.withdraw(second.news_id)
    assert site.add(day).news_id > second.news_id


def test_nothing_can_be_added_to_an_issue_that_is_not_out(site: Site) -> None:
    with pytest.raises(ValueError, match="not out yet"):
        site.add(TODAY + timedelta(days=1))
    assert len(site.articles) == 400


def test_the_body_is_all_text_but_title_subtitle_and_bylines(site: Site) -> None:
    article = replace(
        site.articles[0],
        mark="《말.》",
        paragraphs=("하나.", "둘."),
        signature="리은별",
        bylines=("ㄱ", "ㄴ"),
    )
    assert article.body == "《말.》\n하나.\n둘.\n리은별"
    assert article.byline == "ㄱ\nㄴ"


def test_a_month_has_the_rarities_of_the_real_site() -> None:
    articles = Site(seed=7, days=30, per_day=40, today=TODAY).articles
    for rarity in (
        [a for a in articles if not a.body],
        [a for a in articles if a.signature],
        [a for a in articles if a.mark],
        [a for a in articles if len(a.bylines) == 2],
        [a for a in articles if not a.bylines],
        [a for a in articles if len(a.title_lines) == 2],
        [a for a in articles if a.heading],
        [a for a in articles if a.genre],
        [a for a in articles if a.look.date_in_masthead],
    ):
        assert 0.01 < len(rarity) / len(articles) < 0.5


@pytest.mark.parametrize("arguments", [{"days": 0}, {"per_day": 0}, {"per_day": 901}])
def test_an_impossible_site_is_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"a site needs|per_day"):
        Site(**arguments)  # type: ignore[arg-type]
