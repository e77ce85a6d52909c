import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from crawler.archive import open_archive
from crawler.database import writing
from crawler.health import Health, as_lines, as_prometheus, examine
from crawler.items import Article, Failure, Listed, RawPage
from crawler.storing import begin_crawl, end_crawl, store

from .conftest import Crawl, scrapy

NOW = dt.datetime(2026, 8, 21, 3, 0, tzinfo=dt.UTC)  # noon of the 21st in Pyongyang


@pytest.fixture
def engine(database: str) -> sa.Engine:
    return open_archive(database, create=True)


def put(engine: sa.Engine, *news_ids: str) -> None:
    with writing(engine) as connection:
        for news_id in news_ids:
            day = dt.date.fromisoformat(news_id[:10])
            raw = RawPage("article", "http://x", 200, "utf-8", news_id.encode())
            article = Article("ko", news_id, day, 1, "제목", "", "글", "", "http://x", "B", Listed(), raw)
            store(connection, article, NOW)


def ran(engine: sa.Engine, ended: dt.datetime, outcome: str = "healthy", **arguments: object) -> None:
    with writing(engine) as connection:
        number = begin_crawl(connection, 1, {"language": "ko", "sections": []} | arguments, ended)
        end_crawl(connection, number, {"finished_at": ended, "outcome": outcome})


def look(engine: sa.Engine, hours: int = 36, days: int = 30) -> Health:
    return examine(engine, language="ko", now=NOW, max_age=dt.timedelta(hours=hours), days=days)


def test_archive_of_last_night_is_healthy(engine: sa.Engine) -> None:
    put(engine, "2026-08-20-012", "2026-08-20-013")
    ran(engine, NOW - dt.timedelta(hours=30))
    health = look(engine)
    assert (health.problems, health.last_issue, health.articles) == ((), dt.date(2026, 8, 20), 2)
    assert as_lines(health)[-1] == "healthy"


def test_good_run_that_is_too_long_ago_is_a_problem_whatever_ran_since(engine: sa.Engine) -> None:
    put(engine, "2026-08-20-012")
    ran(engine, NOW - dt.timedelta(hours=37))
    ran(engine, NOW - dt.timedelta(hours=10), "unhealthy")
    ran(engine, NOW - dt.timedelta(hours=1), sections=[5])
    ran(engine, NOW - dt.timedelta(hours=1), since="2026-08-01")
    ran(engine, NOW - dt.timedelta(hours=1), language="en")
    assert look(engine).problems == ("the last good run ended 37 hours ago",)
    assert look(engine, hours=38).problems == ()


def test_what_a_clock_of_the_future_wrote_proves_nothing(engine: sa.Engine) -> None:
    put(engine, "2026-08-18-012", "2062-08-20-013")
    ran(engine, NOW - dt.timedelta(hours=50))
    ran(engine, NOW + dt.timedelta(days=1500))
    health = look(engine)
    assert health.problems == (
        "the last good run ended 50 hours ago",
        "the last issue is of 2026-08-18, 60 hours ago",
    )
    assert health.articles == 2


def test_issue_counts_from_the_end_of_its_day(engine: sa.Engine) -> None:
    put(engine, "2026-08-19-012")
    ran(engine, NOW)
    assert look(engine, hours=36).problems == ()
    assert look(engine, hours=35).problems == ("the last issue is of 2026-08-19, 36 hours ago",)


def test_empty_archive_is_unhealthy(engine: sa.Engine) -> None:
    assert look(engine).problems == ("no good run yet", "no article yet")
    ran(engine, NOW, "failed")
    assert look(engine).problems[0] == "no run has ended well yet"


def test_gaps_and_days_without_an_issue_are_reported_and_no_problem(engine: sa.Engine) -> None:
    put(engine, "2026-08-17-N003", "2026-08-17-N004", "2026-08-20-012", "2026-08-20-015", "2026-08-20-019")
    with writing(engine) as connection:
        store(connection, Failure("ko", "article", "2026-08-20-014", "http://x", "timed out"), NOW)
    ran(engine, NOW)
    health = look(engine)
    assert health.gaps == {dt.date(2026, 8, 20): (13, 16, 17, 18)}
    assert health.missing_days == (dt.date(2026, 8, 18), dt.date(2026, 8, 19))
    assert health.problems == ()
    assert "gaps in numbers:  2026-08-20 lacks 13, 16-18" in as_lines(health)
    assert look(engine, days=1).missing_days == ()


def test_failures_are_counted_by_reason_and_unknown_layouts_are_a_problem(engine: sa.Engine) -> None:
    put(engine, "2026-08-20-001")
    ran(engine, NOW)
    reasons = [
        "timed out",
        "unknown layout: no container",
        "unknown layout",
        "gone: http 404",
        "withdrawn: http 404",
    ]
    with writing(engine) as connection:
        for number, reason in enumerate(reasons):
            store(connection, Failure("ko", "article", f"2026-08-19-{number:03}", "http://x", reason), NOW)
    health = look(engine)
    assert (health.waiting, health.gone) == ({"timed out": 1, "unknown layout": 2}, 2)
    assert health.problems == ("2 pages of an unknown layout wait for a parser",)


def test_prometheus_gets_one_line_a_figure_with_its_type_said_once(engine: sa.Engine) -> None:
    health = replace(look(engine), waiting={'said "no"\n': 2, "timed out": 1})
    lines = as_prometheus(health)
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names)) == 9
    samples = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r'rodong_\w+\{(\w+="([^"\\\n]|\\.)*",?)+\} \d+', line) for line in samples)
    assert 'rodong_failures_waiting{language="ko"} 3' in samples
    assert 'rodong_failures_waiting_by_reason{language="ko",reason="said \\"no\\"\\n"} 2' in samples


@pytest.mark.slow
def test_command_tells_a_monitor_by_its_exit_code(crawl: Callable[..., Crawl], tmp_path: Path) -> None:
    url = f"ARCHIVE_URL=sqlite:///{tmp_path}/rodong.db"
    missing = scrapy("health", "-s", url)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "crawl first" in missing.stderr
    assert crawl().exit_code == 0
    old = scrapy("health", "-s", url)  # the articles of the small site are of one day of the past
    assert old.returncode == 3
    assert "the last issue is of 2026-08-20" in old.stdout.splitlines()[-1]
    good = scrapy("health", "--max-age", "36500d", "--prometheus", "-s", url)
    assert good.returncode == 0
    assert 'rodong_articles{language="ko"} 4' in good.stdout.splitlines()
    assert scrapy("health", "--max-age", "soon").returncode == 2
