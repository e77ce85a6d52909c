"""The walk through a web archive, against the replica's: what it finds, what it asks for, and what stops it."""

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.archive import StoredArticle, open_archive, read_articles
from crawler.arguments import ArgumentError
from crawler.captures import Tried
from crawler.cdx import IndexRow
from crawler.lock import ArchiveLock
from crawler.pages.tokens import encode
from crawler.replica.server import ReplicaServer, serve
from crawler.replica.site import Site
from crawler.replica.web_archive import Capture, best
from crawler.wayback import Candidates, parse_wayback_arguments

from .conftest import Crawl, Crawls, crawl_command, wayback_command

TOKEN = encode("12@2024-04-01-N025@5@1@@0@13")
OTHER_TOKEN = encode("12@2024-04-01-N025@2@1@@0@3")
URL = "http://www.rodong.rep.kp/ko/index.php?"


class TestArguments:
    def test_defaults_are_the_wayback_machine_and_the_korean_edition(self) -> None:
        arguments = parse_wayback_arguments()
        assert arguments.language == "ko"
        row = IndexRow("20240401000000", f"{URL}{TOKEN}", "A")
        assert arguments.capture_address(row) == f"https://web.archive.org/web/20240401000000id_/{URL}{TOKEN}"

    @pytest.mark.parametrize(
        ("given", "complaint"),
        [
            ({"sections": "2"}, "unknown argument sections"),
            ({"language": "ru"}, "the editions are ko, en, cn"),
            ({"cdx_url": "http://x/cdx"}, "belong together"),
            ({"cdx_url": "x", "replay_url": "http://x/"}, "cdx_url='x' is not an address"),
            ({"since": "2024-02-30"}, "not a date"),
            ({"since": "2024-03-01", "until": "2024-02-01"}, "is after"),
        ],
    )
    def test_wrong_ones_are_refused(self, given: dict[str, str], complaint: str) -> None:
        with pytest.raises(ArgumentError, match=complaint):
            parse_wayback_arguments(**given)


class TestCandidates:
    ROWS = (
        IndexRow("20240402000000", f"{URL}{TOKEN}", "A"),
        IndexRow("20240403000000", f"{URL}{OTHER_TOKEN}", "B"),
        IndexRow("20240404000000", f"{URL}{TOKEN}", "B"),
        IndexRow("20240405000000", f"{URL}{TOKEN}", "C"),
        IndexRow("20240401000000", f"{URL}{TOKEN}", "D"),
        IndexRow("20240401000000", URL, "E"),
    )

    def plan(self, *, held: tuple[str, ...] = (), tried: tuple[str, ...] = (), **given: str) -> list[str]:
        candidates = Candidates(parse_wayback_arguments(**given))
        candidates.add(self.ROWS)
        assert (candidates.rows, candidates.others) in ((6, 1), (6, 6))
        plan = candidates.plan(held, [Tried("2024-04-01-N025", digest, "blocked") for digest in tried])
        assert plan.keys() <= {"2024-04-01-N025"}
        return [row.timestamp[6:8] + row.digest for row in plan.get("2024-04-01-N025", [])]

    def test_captures_of_all_addresses_are_tried_newest_first_where_they_differ(self) -> None:
        assert self.plan() == ["05C", "04B", "02A"]

    def test_what_was_tried_is_not_tried_again_and_counts(self) -> None:
        assert self.plan(tried=("C",)) == ["04B", "02A"]
        assert self.plan(tried=("C", "B", "X")) == []

    def test_what_is_held_or_not_wanted_is_not_asked_for(self) -> None:
        assert self.plan(held=("2024-04-01-N025",)) == []
        assert self.plan(since="2024-04-02") == []
        assert self.plan(until="2024-04-01") != []
        assert self.plan(language="en") == []


@pytest.fixture(scope="module")
def server() -> Iterator[ReplicaServer]:
    with serve(Site(seed=9, days=4, per_day=11, today=dt.date(2026, 8, 20))) as running:
        yield running


@pytest.fixture
def walk(tmp_path: Path, crawls: Crawls, server: ReplicaServer) -> Iterator[Callable[..., Crawl]]:
    def run(**arguments: object) -> Crawl:
        archive = tmp_path / "rodong.db"
        command = wayback_command(archive, server, **arguments)
        return crawls.run([*command, "--report", str(archive.with_suffix(".json"))])

    server.requests.clear()
    yield run
    server.faults.clear()


def articles(archive: Path) -> dict[str, StoredArticle]:
    engine = open_archive(f"sqlite:///{archive}", read_only=True)
    found = {each.news_id: each for each in read_articles(engine)}
    engine.dispose()
    return found


def wanted(server: ReplicaServer, since: str = "", until: str = "9") -> dict[str, Capture]:
    captures = best(server.web_archive.captures)
    return {news_id: each for news_id, each in captures.items() if since <= news_id < until}


def moment(timestamp: str) -> str:
    return f"{dt.datetime.strptime(timestamp, '%Y%m%d%H%M%S'):%Y-%m-%d %H:%M:%S.%f}"


def replays(server: ReplicaServer) -> list[str]:
    return [request.path for request in server.requests if request.path.startswith("/web/")]


@pytest.mark.slow
class TestWalk:
    def test_finds_every_article_that_has_a_good_capture_and_only_once(
        self, walk: Callable[..., Crawl], server: ReplicaServer, tmp_path: Path
    ) -> None:
        run = walk()
        found, expected = articles(tmp_path / "rodong.db"), wanted(server)
        assert found.keys() == expected.keys()
        for news_id, capture in expected.items():
            assert capture.article is not None
            assert found[news_id].title == capture.article.title
            if "N" not in news_id:  # Layout A marks nothing but the title
                parts = (found[news_id].subtitle, found[news_id].body, found[news_id].byline)
                assert parts == (capture.article.subtitle, capture.article.body, capture.article.byline)
        with sqlite3.connect(tmp_path / "rodong.db") as archive:
            seen = dict(archive.execute("SELECT news_id, first_seen_at FROM articles"))
            layouts = {row[0].partition("-")[0] for row in archive.execute("SELECT layout FROM articles")}
            cited = dict(archive.execute("SELECT news_id, address FROM captures WHERE outcome = 'new'"))
        assert layouts == {"legacy", "A", "B"}
        replay = server.archive_arguments["replay_url"]
        for news_id, capture in expected.items():
            # Of neighbours in the index with the same bytes it names the first.
            same = [each for each in server.web_archive.captures if each.digest == capture.digest]
            assert (found[news_id].url, cited[news_id], seen[news_id]) in [
                (each.original, f"{replay}{each.timestamp}id_/{each.original}", moment(each.timestamp))
                for each in same
            ]
        assert len(replays(server)) == len(set(replays(server)))

        # Articles of an unknown layout wait for a parser: that is not healthy. All others have no good capture.
        assert run.exit_code == 3
        assert "wait for a parser of an unknown layout" in run.last_line
        report = json.loads((tmp_path / "rodong.json").read_text())
        assert report["counts"]["new"] == len(expected)
        assert report["index"]["unreadable"] == 2
        assert report["captures_without_article"].keys() == {
            "blocked", "not found", "truncated page", "unknown layout"
        }  # fmt: skip
        assert report["articles_without_capture"] == len(
            {each.news_id for each in server.web_archive.captures if each.kind} - expected.keys()
        )

        asked = len(replays(server))
        assert walk().exit_code == 3, "they wait still"
        assert len(replays(server)) == asked, "and nothing is asked for again"

    def test_faults_that_pass_keep_nothing_away(
        self, walk: Callable[..., Crawl], server: ReplicaServer, tmp_path: Path
    ) -> None:
        for kind, pattern in [
            ("error503", "/cdx/*"),
            ("retry_after", "2022-10-31-*"),
            ("reset_midway", "2022-10-31-*"),
            ("truncated", "/cdx/*"),
        ]:
            server.faults.set(kind, pattern, 2)
        run = walk(since="2022-10-31", until="2022-10-31", RETRY_TIMES=3)
        assert run.exit_code == 3
        assert articles(tmp_path / "rodong.db").keys() == wanted(server, "2022-10-31", "2022-11").keys()

    def test_capture_that_cannot_be_had_today_is_asked_for_tomorrow(
        self, walk: Callable[..., Crawl], server: ReplicaServer, tmp_path: Path
    ) -> None:
        news_id = next(iter(wanted(server, "2024-04-03")))
        server.faults.set("error503", news_id)
        days = {"since": "2024-04-03", "until": "2024-04-03"}
        run = walk(**days)
        assert (run.exit_code, "1 pages failed" in run.last_line) == (3, True)
        assert articles(tmp_path / "rodong.db").keys() == wanted(server, "2024-04-03", "2024-05").keys() - {
            news_id
        }
        server.faults.clear()
        walk(**days)
        assert articles(tmp_path / "rodong.db").keys() == wanted(server, "2024-04-03", "2024-05").keys()

    def test_web_archive_that_refuses_is_left_alone(
        self, walk: Callable[..., Crawl], server: ReplicaServer
    ) -> None:
        server.faults.set("error403", "/web/*")
        run = walk()
        assert run.exit_code == 3
        assert "blocks this crawl" in run.last_line
        assert len(replays(server)) in (3, 4), "one may be under way when the spider is told to stop"

    def test_index_that_cannot_be_had_fails_the_run(
        self, walk: Callable[..., Crawl], server: ReplicaServer
    ) -> None:
        server.faults.set("error503", "/cdx/*")
        run = walk()
        assert run.exit_code == 1
        assert "cannot read the index at" in run.last_line
        server.faults.clear()
        server.faults.set("blocked", "/cdx/*")
        assert walk().exit_code == 1
        assert replays(server) == []

    def test_index_that_ends_early_is_no_healthy_run_but_what_it_told_is_used(
        self, walk: Callable[..., Crawl], server: ReplicaServer, tmp_path: Path
    ) -> None:
        server.faults.set("error503", "*resumeKey=*")
        run = walk(INDEX_PAGE_SIZE=100)
        assert run.exit_code == 3
        assert "the index was not read to its end (http 503)" in run.last_line
        assert set() < articles(tmp_path / "rodong.db").keys() < wanted(server).keys()

    def test_nothing_in_the_period_is_no_healthy_run(self, walk: Callable[..., Crawl]) -> None:
        run = walk(since="2031-01-01")
        assert run.exit_code == 3
        assert "the index lists no article" in run.last_line

    def test_nightly_crawl_and_walk_leave_each_other_alone(
        self, walk: Callable[..., Crawl], crawls: Crawls, server: ReplicaServer, tmp_path: Path
    ) -> None:
        archive = tmp_path / "rodong.db"
        assert crawls.run(crawl_command(archive, server.url)).exit_code == 0
        before = articles(archive)
        both = before.keys() & wanted(server).keys()
        assert both
        server.requests.clear()
        walk()
        after = articles(archive)
        assert {news_id: after[news_id] for news_id in before} == before
        assert not [path for path in replays(server) if any(news_id in path for news_id in both)]
        with sqlite3.connect(archive) as connection:
            assert connection.execute("SELECT count(*) FROM failures WHERE kind = 'capture'").fetchone()[0]
        server.requests.clear()
        assert crawls.run(crawl_command(archive, server.url, revisit_days=0)).exit_code == 0
        assert server.articles_asked() == [], "the nightly crawl knows nothing of captures that failed"

    def test_second_run_says_who_holds_the_lock(self, walk: Callable[..., Crawl], tmp_path: Path) -> None:
        with ArchiveLock(open_archive(f"sqlite:///{tmp_path}/rodong.db", create=True)):
            run = walk()
        assert run.exit_code == 75
        assert "another crawl" in run.last_line

    def test_wrong_usage_is_2(self, walk: Callable[..., Crawl]) -> None:
        assert walk(sections="2").exit_code == 2
