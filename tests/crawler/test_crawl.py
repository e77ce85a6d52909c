"""The crawl as a user runs it: a process, a site over HTTP, an archive on disk, an exit code."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.archive import open_archive
from crawler.lock import ArchiveLock
from crawler.pages import tokens

from .conftest import PROJECT, Answer, Crawl, Crawls, SmallSite, crawl_command

pytestmark = pytest.mark.slow

Run = Callable[..., Crawl]
Rows = Callable[..., list[tuple[object, ...]]]

ALL = {"2026-08-20-001", "2026-08-20-002", "2026-08-20-003", "2026-08-19-004"}


def test_first_run_stores_all_and_later_runs_ask_only_for_what_is_due(
    crawl: Run, rows: Rows, small_site: SmallSite, tmp_path: Path
) -> None:
    first = crawl()
    report = json.loads((tmp_path / "rodong.json").read_text(encoding="utf-8"))
    assert (report["outcome"], report["exit_code"], report["counts"]["new"]) == ("healthy", 0, 4)
    assert [(each["section"], each["articles"], each["declared"]) for each in report["lists"]] == [
        ("오늘호 기사", 3, 3),
        ("사회문화생활", 2, 2),
    ]
    assert (first.exit_code, first.last_line.endswith("healthy")) == (0, True)
    assert sorted(small_site.articles_asked()) == sorted(ALL)
    assert {news_id for (news_id,) in rows("SELECT news_id FROM articles")} == ALL
    assert rows("SELECT body, byline, layout, issue_date FROM articles WHERE news_id = '2026-08-19-004'") == [
        (
            "새벽부터 농장원들이 온실에 모여들었다. 이날 거둔 오이는 04상자였다.",
            "본사기자 림단비",
            "B",
            "2026-08-19",
        )
    ]
    sections = "SELECT section FROM article_sections JOIN articles ON id = article_id WHERE news_id = '{}' ORDER BY 1"
    assert rows(sections.format("2026-08-20-002")) == [("사회문화생활",), ("오늘호 기사",)]

    (headers,) = rows("SELECT headers FROM pages WHERE news_id = '2026-08-19-004'")
    assert ["Content-Type", "text/html; charset=utf-8"] in json.loads(str(headers[0]))

    # The site's own spelling of a token goes out, and each article is asked for through one of its addresses.
    asked = [query for query in small_site.requests if tokens.parse(query)]
    assert all(query.endswith("==") and "%" not in query for query in asked)

    small_site.requests.clear()
    small_site.lists[5] = ["2026-08-20-005", "2026-08-20-003", *small_site.lists[5]]
    small_site.bodies["2026-08-20-001"] = "고친 글이다."
    assert crawl(revisit_days=0).exit_code == 0
    assert small_site.articles_asked() == ["2026-08-20-005"]
    assert rows(sections.format("2026-08-20-003")) == [("사회문화생활",), ("오늘호 기사",)]
    assert rows("SELECT count(*) FROM articles") == [(5,)]

    small_site.requests.clear()
    assert crawl(revisit_days=100_000).exit_code == 0
    assert sorted(small_site.articles_asked()) == sorted([*ALL, "2026-08-20-005"])
    assert rows("SELECT body FROM articles WHERE news_id = '2026-08-20-001'") == [("고친 글이다.",)]
    assert rows("SELECT count(*) FROM revisions") == [(1,)]
    assert rows(
        "SELECT outcome, exit_code, listed, requested, new, changed, unchanged FROM crawls ORDER BY id"
    ) == [
        ("healthy", 0, 4, 4, 4, 0, 0),
        ("healthy", 0, 5, 1, 1, 0, 0),
        ("healthy", 0, 5, 5, 0, 1, 4),
    ]


def test_pages_that_give_no_article_become_failures_and_are_had_by_the_next_run(
    crawl: Run, rows: Rows, small_site: SmallSite
) -> None:
    ids = [f"2026-08-20-{number:03}" for number in range(10, 18)]
    unknown, gone, empty, wrong, blocked, photo, bare, good = ids
    small_site.lists = {2: ids}
    small_site.titles[good] = "[사설] 봄씨앗 [2면]"
    container = '<html><div id="articleContent"><div id="ContDIV">{}</div></div></html>'
    small_site.answers = {
        unknown: Answer("<html><body><main>새 얼개</main></body></html>".encode()),
        gone: Answer(b"<h1>no</h1>", 404),
        empty: Answer(b""),
        wrong: Answer(
            (container.format(f"<p class=TitleP>글</p><p>글</p><script>newsID='{good}'</script>")).encode()
        ),
        blocked: Answer("<title>불법·유해정보사이트에 대한 차단 안내</title><p>차단</p>".encode()),
        photo: Answer(container.format("<p class=TitleP>호수</p><img src='index.php?MDJAQEA=='>").encode()),
        bare: Answer(container.format("<p class=TitleP>제목뿐</p>").encode()),
    }
    run = crawl(sections="오늘호 기사")
    assert run.exit_code == 3
    assert "6 pages failed" in run.last_line
    reasons = dict(rows("SELECT news_id, reason FROM failures"))  # type: ignore[arg-type]
    assert {news_id: str(reason).partition(":")[0] for news_id, reason in reasons.items()} == {
        unknown: "unknown layout",
        gone: "http 404",
        empty: "empty page",
        wrong: "wrong article",
        blocked: "blocked",
        bare: "no text",
    }
    assert small_site.articles_asked().count(empty) == 2, "an empty page is tried again at once"
    assert rows("SELECT count(*) FROM failures JOIN pages ON page_id = pages.id") == [(6,)]
    assert rows("SELECT news_id, title, body, layout, page FROM articles WHERE layout = 'B-photo'") == [
        (photo, "호수", "", "B-photo", None)
    ]
    assert rows(f"SELECT title, page FROM articles WHERE news_id = '{good}'") == [("[사설] 봄씨앗", 2)]

    # All mended; one of the articles has left the list meanwhile.
    small_site.answers = {}
    old_address = [query for query in small_site.requests if unknown in tokens.decode(query or "MQ==")]
    small_site.lists[2].remove(unknown)
    small_site.requests.clear()
    assert crawl(sections="2", revisit_days=0).exit_code == 0
    assert sorted(small_site.articles_asked()) == sorted([unknown, gone, empty, wrong, blocked, bare])
    assert old_address[0] in small_site.requests
    assert rows("SELECT * FROM failures") == []
    assert rows(
        f"SELECT section FROM article_sections JOIN articles ON id = article_id WHERE news_id = '{unknown}'"
    ) == [("오늘호 기사",)]


def test_list_that_cannot_be_read_whole_is_not_healthy(crawl: Run, rows: Rows, small_site: SmallSite) -> None:
    small_site.lists[5] = [f"2026-08-18-{number:03}" for number in range(1, 32)]
    small_site.totals[2] = 4
    small_site.answers["1@@5@2@"] = Answer("<h1>알 수 없는 주소</h1>".encode())
    run = crawl()
    assert run.exit_code == 3
    assert "오늘호 기사 is incomplete: 3 of 4 articles found" in run.last_line
    assert "사회문화생활 is incomplete: 1 of 3 pages failed" in run.last_line
    assert rows("SELECT kind, key, reason FROM failures") == [
        ("list", "5:2", "not found: the site does not know the address")
    ]
    assert rows("SELECT count(*) FROM articles") == [(3 + 16,)], (
        "what the other pages list is stored all the same"
    )

    small_site.totals.clear()
    small_site.answers.clear()
    assert crawl().exit_code == 0
    assert rows("SELECT * FROM failures") == []


def test_period_and_sections_limit_what_is_asked_for(crawl: Run, small_site: SmallSite) -> None:
    assert crawl(sections="5", since="2026-08-20", until="2026-08-20").exit_code == 0
    assert small_site.articles_asked() == ["2026-08-20-002"]
    assert not any(query == tokens.encode("1@@2@1@") for query in small_site.requests)


@pytest.mark.parametrize(
    ("home", "message"),
    [
        (Answer(b"<html><head><meta name='kcsc' content='blocking'></head><body>x</body></html>"), "blocked"),
        (Answer(b"<html><body>maintenance</body></html>"), "unknown layout"),
        (Answer(f"<a href='index.php?{tokens.encode('1@@6@1@')}'>새 부문</a>".encode()), "no known section"),
        (Answer(b"", 403), "blocked"),
    ],
)
def test_home_page_of_no_use_is_not_healthy(
    crawl: Run, rows: Rows, small_site: SmallSite, home: Answer, message: str
) -> None:
    small_site.answers["home"] = home
    run = crawl()
    assert run.exit_code == 3
    assert message in run.last_line
    assert rows("SELECT count(*) FROM articles") == [(0,)]
    assert rows("SELECT outcome, exit_code FROM crawls") == [("unhealthy", 3)]


def test_issue_without_articles_is_not_healthy(crawl: Run, small_site: SmallSite) -> None:
    small_site.lists[2] = []
    run = crawl()
    assert run.exit_code == 3
    assert "nothing was listed" in run.last_line


def test_unreachable_site_fails_with_one_line_that_says_what_to_do(crawl: Run, rows: Rows) -> None:
    run = crawl(base_url="http://127.0.0.1:9/ko/", RETRY_TIMES=0)
    assert run.exit_code == 1
    assert "cannot get http://127.0.0.1:9/ko/ (connection refused): check the network" in run.last_line
    assert rows("SELECT outcome, exit_code FROM crawls") == [("failed", 1)]


@pytest.mark.parametrize(
    ("status", "why", "asked"),
    [(503, "stopped answering", 10), (429, "blocks this", 3), (403, "blocks this", 3)],
)
def test_site_that_only_refuses_is_soon_left_alone(
    crawl: Run, small_site: SmallSite, status: int, why: str, asked: int
) -> None:
    small_site.lists = {2: [f"2026-08-20-{number:03}" for number in range(1, 31)]}
    small_site.answers = dict.fromkeys(small_site.lists[2], Answer(b"<html>no</html>", status))
    run = crawl(RETRY_TIMES=0)
    assert run.exit_code == 3
    assert why in run.last_line
    assert asked <= len(small_site.articles_asked()) <= 20, "of 30: at full speed a few more are under way"


def test_crawl_that_is_interrupted_while_it_waits_ends_with_its_report(
    crawls: Crawls, rows: Rows, small_site: SmallSite, tmp_path: Path
) -> None:
    small_site.answers["2026-08-20-001"] = Answer(b"<html>no</html>", 503)

    def interrupt(child: int) -> None:
        deadline = time.monotonic() + 60
        while not small_site.articles_asked() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)
        os.kill(child, signal.SIGTERM)

    # Nobody could sit this wait out: the process would be ended by its alarm.
    command = crawl_command(
        tmp_path / "rodong.db", small_site.base_url, RETRY_DELAY=1000, RETRY_DELAY_MAX=1000
    )
    run = crawls.run(command, meanwhile=interrupt)
    assert run.exit_code == 1
    assert "was interrupted" in run.last_line
    assert rows("SELECT outcome FROM crawls") == [("failed",)]
    assert ("2026-08-20-001",) in rows("SELECT news_id FROM failures")


def test_site_that_stops_answering_ends_the_crawl(crawl: Run, rows: Rows, small_site: SmallSite) -> None:
    small_site.lists = {2: [f"2026-08-20-{number:03}" for number in range(1, 31)]}
    for news_id in small_site.lists[2][3:]:
        small_site.answers[news_id] = Answer(
            b"<html>", headers={"Content-Length": "999", "Connection": "close"}
        )
    run = crawl(RETRY_TIMES=0)
    assert run.exit_code == 3
    assert "the site stopped answering" in run.last_line
    assert rows("SELECT count(*) FROM articles") == [(3,)]
    assert rows("SELECT DISTINCT reason FROM failures WHERE attempts > 0") == [("truncated page",)]


@pytest.mark.parametrize("wrong", [{"since": "2026-02-30"}, {"sinse": "2026-02-28"}, {"revisit_days": "-1"}])
def test_wrong_argument_is_wrong_usage(
    crawl: Run, small_site: SmallSite, tmp_path: Path, wrong: dict[str, str]
) -> None:
    run = crawl(**wrong)
    assert run.exit_code == 2
    assert next(iter(wrong)) in run.last_line
    assert small_site.requests == []
    assert not (tmp_path / "rodong.db").exists()


def test_report_that_cannot_be_written_is_wrong_usage_before_the_crawl(
    crawls: Crawls, small_site: SmallSite, tmp_path: Path
) -> None:
    command = crawl_command(tmp_path / "rodong.db", small_site.base_url)
    run = crawls.run([*command, "--report", str(tmp_path / "missing" / "report.json")])
    assert (run.exit_code, small_site.requests) == (2, [])


def test_archive_that_is_none_is_left_alone(crawl: Run, small_site: SmallSite, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("나의 기록", encoding="utf-8")
    run = crawl(archive=notes)
    assert run.exit_code == 1
    assert "not an archive" in run.last_line
    assert notes.read_text(encoding="utf-8") == "나의 기록"
    assert set(tmp_path.iterdir()) == {notes, tmp_path / "notes.json"}
    assert small_site.requests == []


def test_second_crawl_of_one_archive_is_refused(crawl: Run, small_site: SmallSite, tmp_path: Path) -> None:
    with ArchiveLock(open_archive(f"sqlite:///{tmp_path}/rodong.db", create=True)):
        run = crawl()
    assert run.exit_code == 75
    report = json.loads((tmp_path / "rodong.json").read_text(encoding="utf-8"))
    assert (report["outcome"], report["message"]) == ("locked", run.last_line.partition("ERROR: ")[2])
    assert f"another crawl (pid {os.getpid()})" in run.last_line
    assert small_site.requests == []


def test_archive_that_cannot_be_written_ends_the_crawl(crawl: Run, rows: Rows, tmp_path: Path) -> None:
    assert crawl(sections="5").exit_code == 0
    with sqlite3.connect(tmp_path / "rodong.db") as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON articles BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    run = crawl()
    assert run.exit_code == 1
    assert "cannot write to sqlite:///" in run.last_line
    assert "database or disk is full" in run.last_line
    assert rows("SELECT count(*) FROM articles") == [(2,)]
    assert rows("SELECT outcome FROM crawls ORDER BY id") == [("healthy",), ("failed",)]


def test_full_disk_ends_the_crawl_and_the_next_run_does_the_rest(
    crawls: Crawls, crawl: Run, rows: Rows, small_site: SmallSite, tmp_path: Path
) -> None:
    ids = [f"2026-08-20-{number:03}" for number in range(1, 101)]
    small_site.lists = {2: ids}

    def fill(child: int) -> None:
        resource.prlimit(child, resource.RLIMIT_FSIZE, (300_000, 300_000))  # no file may grow beyond that

    run = crawls.run(crawl_command(tmp_path / "rodong.db", small_site.base_url), fill)
    assert run.exit_code == 1
    assert "cannot write to sqlite:///" in run.last_line
    assert rows("PRAGMA integrity_check") == [("ok",)]
    (had,) = rows("SELECT count(*) FROM articles")
    assert 0 <= int(str(had[0])) < 100
    small_site.requests.clear()
    assert crawl(revisit_days=0).exit_code == 0
    assert len(small_site.articles_asked()) == 100 - int(str(had[0]))
    assert rows("SELECT count(*), count(DISTINCT news_id) FROM articles") == [(100, 100)]
    assert rows("SELECT count(*) FROM article_sections") == [(100,)]


def test_killed_crawl_loses_nothing_that_the_next_run_does_not_bring(
    crawl: Run, rows: Rows, small_site: SmallSite, tmp_path: Path
) -> None:
    ids = [f"2026-08-20-{number:03}" for number in range(1, 201)]
    small_site.lists = {2: ids, 5: ids[:40]}
    command = crawl_command(tmp_path / "rodong.db", small_site.base_url)
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        deadline = time.monotonic() + 60
        while len(small_site.articles_asked()) < 60 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    (killed,) = rows("SELECT count(*) FROM articles")
    assert 0 < int(str(killed[0])) < 200

    small_site.requests.clear()
    assert crawl(revisit_days=0).exit_code == 0
    assert rows("SELECT count(*) FROM articles") == [(200,)]
    assert len(small_site.articles_asked()) == 200 - int(str(killed[0])), (
        "what is archived is not asked for again"
    )
    assert rows("SELECT count(*) FROM article_sections") == [(240,)]
    assert rows("SELECT outcome FROM crawls ORDER BY id") == [("interrupted",), ("healthy",)]
