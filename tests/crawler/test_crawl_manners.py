"""What a robots.txt asks for is kept; one that cannot be had is one line and no more; a crawl that ends waits for
nothing.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.pages import tokens
from crawler.replica.server import serve
from crawler.replica.site import Site

from .conftest import Answer, Crawl, SmallSite

pytestmark = pytest.mark.slow

Run = Callable[..., Crawl]
Rows = Callable[..., list[tuple[object, ...]]]


def robots(rules: str) -> Answer:
    return Answer(f"User-agent: *\n{rules}\n".encode(), headers={"Content-Type": "text/plain"})


@pytest.mark.parametrize(
    ("fault", "why"),
    [("hang", "timed out"), ("reset", "connection lost"), ("error503", "http 503"), ("drip", None)],
)
def test_robots_that_cannot_be_had_is_one_line_and_forbids_nothing(
    crawl: Run, tmp_path: Path, fault: str, why: str | None
) -> None:
    with serve(Site(seed=4, days=1, per_day=2, today=dt.date(2026, 8, 20))) as server:
        server.faults.set(fault, "/robots.txt")
        run = crawl(tmp_path / "rodong.db", server.url, ROBOTSTXT_TIMEOUT=0.5 if fault == "hang" else 20)
        assert (run.exit_code, "Traceback" in run.log) == (0, False)
        assert [request.path for request in server.requests].count("/robots.txt") == 1
    line = f"robots.txt could not be had ({why}): taken as forbidding nothing"
    assert run.log.count(line) == (2 if why else 0), "when it happens, and in the report"


def test_robots_that_forbids_the_site_ends_the_crawl_with_its_reason(
    crawl: Run, rows: Rows, small_site: SmallSite
) -> None:
    small_site.answers["robots"] = robots("Disallow: /ko/")
    run = crawl()
    assert run.exit_code == 3
    assert "the home page is of no use (forbidden by robots.txt)" in run.last_line
    assert small_site.requests == [""], "robots.txt alone was asked for"
    assert rows("SELECT kind, reason FROM failures") == [("home", "forbidden by robots.txt")]


def test_robots_that_forbids_an_article_makes_it_a_failure(
    crawl: Run, rows: Rows, small_site: SmallSite
) -> None:
    token = small_site.article_token(2, 1, "2026-08-20-003")
    small_site.answers["robots"] = robots(f"Disallow: /ko/index.php?{token}")
    assert crawl().exit_code == 3
    assert rows("SELECT news_id, reason FROM failures") == [("2026-08-20-003", "forbidden by robots.txt")]
    assert rows("SELECT count(*) FROM articles") == [(3,)]


@pytest.mark.parametrize("throttled", [True, False])
def test_crawl_delay_of_robots_is_kept_where_it_is_longer(
    crawl: Run, tmp_path: Path, throttled: bool
) -> None:
    site = Site(seed=4, days=1, per_day=3, today=dt.date(2026, 8, 20))
    with serve(site) as server:
        server.robots = "User-agent: *\nCrawl-delay: 0.2\n"
        run = crawl(tmp_path / "rodong.db", server.url, AUTOTHROTTLE_ENABLED=throttled)
        assert run.exit_code == 0
        assert "robots.txt asks for 0.2 s between requests: kept at 0.2 s" in run.log
        took = server.requests[-1].at - server.requests[0].at
        assert took > 0.2 * (len(server.requests) - 2)


def test_robots_that_asks_for_an_endless_pause_is_kept_within_bounds(
    crawl: Run, small_site: SmallSite
) -> None:
    small_site.lists = {2: small_site.lists[2][:1]}
    small_site.answers["robots"] = robots("Crawl-delay: 1e9")
    run = crawl(RETRY_AFTER_MAX=0.1)
    assert run.exit_code == 0
    assert "asks for 1e+09 s between requests: kept at 0.1 s" in run.log


@pytest.mark.parametrize("end", ["block pages", "a limit of the crawl"])
def test_crawl_that_ends_early_waits_for_no_second_try(
    crawl: Run, rows: Rows, small_site: SmallSite, end: str
) -> None:
    first, *others = ids = [f"2026-08-20-{number:03}" for number in range(1, 31)]
    small_site.lists = {2: ids}
    small_site.answers[first] = Answer(b"<html>no</html>", 503)
    limit = {}
    if end == "block pages":
        small_site.answers |= dict.fromkeys(others, Answer("<title>차단 안내</title>".encode()))
    else:
        limit = {"CLOSESPIDER_PAGECOUNT": 6}
    # Nobody could sit this wait out: the process would be ended by its alarm.
    run = crawl(RETRY_DELAY=1000, RETRY_DELAY_MAX=1000, **limit)
    assert run.exit_code == 3
    assert "the crawl stopped early" in run.last_line
    assert (first,) in rows("SELECT news_id FROM failures")


def test_older_spellings_of_all_that_the_site_spells_in_two_ways_are_understood(
    crawl: Run, rows: Rows, small_site: SmallSite
) -> None:
    letter, none, english = ids = ["2026-08-20-N025", "2026-08-20-026", "2026-08-20-H027"]
    hrefs = [tokens.encode(f"12@{news_id}@2@1@{'사설' * n}@0@{n + 1}") for n, news_id in enumerate(ids)]
    today = tokens.encode("2@@2@1@")
    small_site.answers["home"] = Answer(
        '<div class="TopClassBG"><div class="TopClassTitle">오늘호기사</div>'
        f'<div class="TopClassLink"><a href="index.php?{today}">＞＞＞</a></div></div>'.encode()
    )
    links = "".join(
        f'<li><span class="news_date">2026.8.20.</span><a href="index.php?{href}">글 {n} [{n + 1}면]</a></li>'
        for n, href in enumerate(hrefs)
    )
    listed = f'<div id="PathBar">홈 > 오늘호 기사 > 3건</div><div id="NewsListDIV"><ul>{links}</ul></div>'
    small_site.answers["2@@2@1@"] = Answer(listed.encode())
    small_site.answers[letter] = Answer(
        '<div class="news_Title">글 0</div><p class="News_Detail"><span class="NewsDetail">2026.8.20.</span></p>'
        '<p class="ArticleContent">새벽이였다.</p></html>'.encode()
    )
    small_site.answers[english] = Answer(
        '<div id="article-homepage">2026년 8월 20일</div><div id="article-content"><p class="TitleP">글 2</p>'
        "<p>새벽이였다.</p></div></html>".encode()
    )
    assert crawl().exit_code == 0
    assert set(small_site.requests[2:]) == {today, *hrefs}, "each href goes out as it was found"
    assert rows("SELECT news_id, page, layout FROM articles ORDER BY page") == [
        (letter, 1, "A"),
        (none, 2, "B"),
        (english, 3, "B"),
    ]
