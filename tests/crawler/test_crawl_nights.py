"""What one night leaves for the next: articles that are gone, runs that were blocked or cut off."""

import datetime as dt
from collections.abc import Callable

import pytest

from crawler.pages import tokens
from crawler.spiders.rodong import PYONGYANG

from .conftest import Answer, Crawl, SmallSite

pytestmark = pytest.mark.slow

Run = Callable[..., Crawl]
Rows = Callable[..., list[tuple[object, ...]]]

BLOCK_PAGE = Answer("<title>불법·유해정보사이트에 대한 차단 안내</title><p>차단</p>".encode())
UNKNOWN_ADDRESS = Answer("<h1>알수 없는 주소</h1>".encode())


def test_article_that_two_nights_do_not_find_is_gone_and_keeps_no_night_unhealthy(
    crawl: Run, rows: Rows, small_site: SmallSite
) -> None:
    held, never_had = "2026-08-20-001", "2026-08-20-003"
    small_site.answers[never_had] = Answer(b"<h1>no</h1>", 404)
    assert crawl().exit_code == 3
    small_site.answers[held] = UNKNOWN_ADDRESS
    assert crawl(revisit_days=100_000).exit_code == 3, "the lists still show both"

    for ids in small_site.lists.values():
        ids[:] = [news_id for news_id in ids if news_id not in (held, never_had)]
    run = crawl(revisit_days=0)
    assert run.exit_code == 0
    assert "2 articles are gone from the site" in run.log
    assert dict(rows("SELECT news_id, reason FROM failures")) == {  # type: ignore[arg-type]
        held: "withdrawn: not found: the site does not know the address",
        never_had: "gone: http 404",
    }
    assert rows(f"SELECT count(*) FROM articles WHERE news_id = '{held}'") == [(1,)]

    small_site.requests.clear()
    assert crawl(revisit_days=0).exit_code == 0
    assert small_site.articles_asked() == []

    small_site.lists[5] += [never_had]
    small_site.answers.clear()
    assert crawl(revisit_days=0).exit_code == 0, "what a list shows again is asked for again"
    assert small_site.articles_asked() == [never_had]
    assert rows("SELECT news_id FROM failures") == [(held,)]


def test_blocked_crawl_stops_asking_and_a_later_night_brings_what_no_list_shows_any_more(
    crawl: Run, rows: Rows, small_site: SmallSite
) -> None:
    ids = [f"2026-08-20-{number:03}" for number in range(1, 31)]
    small_site.lists = {2: ids}
    small_site.titles[ids[-1]] = "물고기떼 [6면]"
    small_site.answers = dict.fromkeys(ids[4:], BLOCK_PAGE)
    run = crawl()
    assert run.exit_code == 3
    assert "blocks this crawl" in run.last_line
    assert len(small_site.articles_asked()) < 12
    assert rows("SELECT count(*) FROM articles") == [(4,)]
    waiting = [str(news_id) for (news_id,) in rows("SELECT news_id FROM failures")]
    assert set(waiting) == set(ids[4:])
    assert rows("SELECT count(*) > 10 FROM failures WHERE reason = 'not had yet' AND attempts = 0") == [(1,)]

    # The next day's issue has replaced the list.
    small_site.requests.clear()
    small_site.answers.clear()
    old, small_site.lists[2] = small_site.lists[2], ["2026-08-21-001"]
    small_site.lists[5] = old  # the addresses still work
    assert crawl(sections="2", revisit_days=0).exit_code == 0
    assert sorted(small_site.articles_asked()) == [*ids[4:], "2026-08-21-001"]
    assert rows("SELECT count(*) FROM articles") == [(31,)]
    assert rows(f"SELECT title, page FROM articles WHERE news_id = '{ids[-1]}'") == [("물고기떼", 6)]
    assert rows("SELECT * FROM failures") == []


def test_unknown_label_of_the_home_page_is_reported(crawl: Run, rows: Rows, small_site: SmallSite) -> None:
    link = f'<a href="index.php?{tokens.encode("1@@6@1@")}">새 부문</a>'
    small_site.answers["home"] = Answer(small_site.home().replace("</body>", f"{link}</body>").encode())
    run = crawl()
    assert run.exit_code == 0
    note = "the home page has a section of an unknown label: '새 부문' (category 6)"
    assert note in run.log
    assert rows("SELECT json_extract(findings, '$[0]') FROM crawls") == [(f"note: {note}",)]


def test_what_left_all_lists_is_read_again_while_it_is_recent(
    crawl: Run, rows: Rows, small_site: SmallSite
) -> None:
    today = dt.datetime.now(PYONGYANG).date()
    edited, listed, withdrawn = ids = [f"{today - dt.timedelta(1)}-{number:03}" for number in (1, 2, 3)]
    old, new = f"{today - dt.timedelta(9)}-001", f"{today}-001"
    small_site.lists = {2: ids, 5: [listed, old]}
    assert crawl().exit_code == 0

    # The next day: a new issue has taken the place of the old one.
    small_site.lists = {2: [new], 5: [listed]}
    small_site.bodies[edited] = "고친 글이다."
    small_site.answers[withdrawn] = UNKNOWN_ADDRESS
    small_site.requests.clear()
    run = crawl()
    assert run.exit_code == 0
    assert "1 archived articles, in no list any more, were not found: the next run asks again" in run.log
    # What was not found was asked for before another one proved that old addresses are good.
    assert sorted(small_site.articles_asked()) == sorted([*ids, withdrawn, new])
    assert rows(f"SELECT body FROM articles WHERE news_id = '{edited}'") == [("고친 글이다.",)]
    assert rows("SELECT count(*) FROM revisions") == [(1,)]
    assert rows("SELECT failed FROM crawls ORDER BY id") == [(0,), (0,)]

    run = crawl()
    assert run.exit_code == 0
    assert "1 articles are gone from the site" in run.log
    assert rows("SELECT news_id, reason FROM failures") == [
        (withdrawn, "withdrawn: not found: the site does not know the address")
    ]
    small_site.requests.clear()
    assert crawl().exit_code == 0
    assert sorted(small_site.articles_asked()) == sorted([edited, listed, new])
    assert crawl(sections="2", revisit_days=0).exit_code == 0
    assert rows("SELECT count(*) FROM articles") == [(5,)], "what was withdrawn is kept"


def test_where_old_addresses_lead_nowhere_a_few_tell_and_nothing_is_taken_for_withdrawn(
    crawl: Run, rows: Rows, small_site: SmallSite
) -> None:
    today = dt.datetime.now(PYONGYANG).date()
    old = [f"{today - dt.timedelta(1)}-{number:03}" for number in range(1, 9)]
    new = f"{today}-001"
    small_site.lists = {2: old}
    assert crawl().exit_code == 0

    small_site.lists = {2: [new]}
    small_site.answers.update(dict.fromkeys(old, UNKNOWN_ADDRESS))
    for _ in range(2):
        small_site.requests.clear()
        run = crawl()
        assert run.exit_code == 0
        assert "none of 3 recent articles that left all lists was to be had by its old address" in run.log
        assert len(set(small_site.articles_asked()) & set(old)) == 3
    assert rows("SELECT count(*) FROM failures") == [(0,)]
    assert rows("SELECT requested, failed FROM crawls ORDER BY id") == [(8, 0), (1, 0), (1, 0)]
