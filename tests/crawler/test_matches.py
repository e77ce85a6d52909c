"""Which numbers are of one article."""

import datetime as dt
from pathlib import Path

import pytest

from crawler.archive import open_archive, same_articles
from crawler.database import writing
from crawler.items import Article, Listed, RawPage
from crawler.matches import Numbered, matches
from crawler.storing import store

from .conftest import scrapy


def pairs(*known: tuple[str, str]) -> list[tuple[str, str, str]]:
    articles = [
        Numbered("ko", news_id, dt.date.fromisoformat(news_id[:10]), title) for news_id, title in known
    ]
    return [(each.old.news_id, each.new.news_id, each.verdict) for each in matches(articles)]


OLD, NEW, NOW = "2022-10-31-0012", "2022-10-31-N012", "2022-10-31-031"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("온실의 아침", "온실의  아침"),
        ("[사설] 온실의 아침", "온실의 아침"),
        ("《온실》의 아침 １０", "온실의 아침 10"),
    ],
)
def test_equal_titles_of_one_issue_are_one_article(old: str, new: str) -> None:
    assert pairs((OLD, old), (NEW, new)) == [(OLD, NEW, "same")]


def test_numbers_do_not_matter_and_days_do() -> None:
    assert pairs((OLD, "온실의 아침"), (NOW, "온실의 아침")) == [(OLD, NOW, "same")]
    assert pairs((OLD, "온실의 아침"), ("2022-11-01-N012", "온실의 아침")) == []


def test_two_articles_of_one_numbering_are_two_articles() -> None:
    assert pairs((OLD, "온실의 아침"), ("2022-10-31-0013", "온실의 아침")) == []


def test_titles_that_differ_a_little_are_near() -> None:
    assert pairs((OLD, "압록강기슭의 온실에서 맞는 아침"), (NEW, "압록강기슭의 온실에서 맞은 아침")) == [
        (OLD, NEW, "near")
    ]
    assert pairs((OLD, "온실의 아침"), (NEW, "온실의 저녁")) == [], "short titles are alike by chance"


def test_parts_of_a_series_are_not_near() -> None:
    assert pairs((OLD, "련재 압록강기슭의 온실에서 1"), (NEW, "련재 압록강기슭의 온실에서 2")) == []


def test_what_can_be_paired_twice_is_not_guessed() -> None:
    twice = pairs((OLD, "온실의 아침"), (NEW, "온실의 아침"), ("2022-10-31-N013", "온실의 아침"))
    assert twice == [(OLD, NEW, "ambiguous"), (OLD, "2022-10-31-N013", "ambiguous")]


def test_equal_titles_leave_no_choice_to_near_ones() -> None:
    title = "압록강기슭의 온실에서 맞는 아침"
    found = pairs((OLD, title), (NEW, title), ("2022-10-31-N013", "압록강기슭의 온실에서 맞은 아침"))
    assert found == [(OLD, NEW, "same")]


def test_titles_without_letters_are_no_evidence() -> None:
    assert pairs((OLD, "＊＊＊"), (NEW, "＊＊＊")) == []


@pytest.fixture
def archive(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/rodong.db"
    with writing(open_archive(url, create=True)) as connection:
        for news_id, title, body in [
            (OLD, "온실의 아침", "남새가 자란다."),
            (NEW, "온실의 아침", "남새가 자란다."),
            ("2022-10-31-0013", "사진", ""),
            ("2022-10-31-N013", "사진", "글"),
        ]:
            raw = RawPage("article", "http://x", 200, "utf-8", news_id.encode())
            day = dt.date.fromisoformat(news_id[:10])
            article = Article("ko", news_id, day, 1, title, "", body, "", "http://x", "A", Listed(), raw)
            store(connection, article, dt.datetime(2022, 11, 1, tzinfo=dt.UTC))
    return url


def test_archive_knows_its_articles_that_are_the_same(archive: str) -> None:
    assert same_articles(open_archive(archive), "ko") == {NEW: OLD}


def test_command_prints_the_pairs_as_csv(archive: str) -> None:
    done = scrapy("matches", "-s", f"ARCHIVE_URL={archive}")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "language,issue_date,old_id,new_id,old_title,new_title,similarity,verdict",
        f"ko,2022-10-31,{OLD},{NEW},온실의 아침,온실의 아침,1.0,same",
    ]
    assert done.stderr == "1 pairs: 1 same, 0 near, 0 ambiguous\n"
    assert scrapy("matches", "--since", "gestern", "-s", f"ARCHIVE_URL={archive}").returncode == 2
