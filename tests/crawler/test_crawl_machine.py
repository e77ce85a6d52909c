"""What its machine and its operator do to a crawl: settings that are none, signals, a site that goes away for a moment,
pages of 16 MiB.
"""

import base64
import datetime as dt
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from crawler.replica.server import ReplicaServer, serve
from crawler.replica.site import Site

from .conftest import PROJECT, Answer, Crawl, Crawls, SmallSite, crawl_command, environment

pytestmark = pytest.mark.slow

Run = Callable[..., Crawl]
Rows = Callable[..., list[tuple[object, ...]]]


def until(asked: Callable[[], Sequence[object]], number: int) -> None:
    deadline = time.monotonic() + 60
    while len(asked()) < number and time.monotonic() < deadline:
        time.sleep(0.01)


def test_crawl_that_cannot_even_start_leaves_a_report(
    crawl: Run, small_site: SmallSite, tmp_path: Path
) -> None:
    run = crawl(RETRY_DELAY="soon")
    assert run.exit_code == 1
    assert run.last_line.endswith("the crawl could not start, the log above says why")
    report = json.loads((tmp_path / "rodong.json").read_text(encoding="utf-8"))
    assert (report["outcome"], report["exit_code"]) == ("failed", 1)
    assert small_site.requests == []


def test_crawl_that_is_told_to_end_stores_what_it_was_answered(
    crawls: Crawls, crawl: Run, rows: Rows, small_site: SmallSite, tmp_path: Path
) -> None:
    ids = [f"2026-08-20-{number:03}" for number in range(1, 201)]
    small_site.lists = {2: ids}

    def end(child: int) -> None:
        until(small_site.articles_asked, 50)
        os.kill(child, signal.SIGTERM)

    run = crawls.run(crawl_command(tmp_path / "rodong.db", small_site.base_url), meanwhile=end)
    assert run.exit_code == 1
    assert run.last_line.endswith("the crawl was interrupted (shutdown): what it had is stored, run it again")
    answered = set(small_site.articles_asked())
    assert 50 <= len(answered) < 200
    assert {news_id for (news_id,) in rows("SELECT news_id FROM articles")} == answered
    assert rows("SELECT outcome, exit_code, new FROM crawls") == [("failed", 1, len(answered))]
    small_site.requests.clear()
    assert crawl(revisit_days=0).exit_code == 0
    assert set(small_site.articles_asked()) == set(ids) - answered


def test_site_that_is_gone_for_a_moment_is_waited_for(crawls: Crawls, rows: Rows, tmp_path: Path) -> None:
    site = Site(seed=8, days=1, per_day=30, today=dt.date(2026, 8, 20))
    with serve(site) as server:
        command = crawl_command(
            tmp_path / "rodong.db", server.url, RETRY_TIMES=6, RETRY_DELAY=0.2, DOWNLOAD_DELAY=0.02
        )
        again: list[ReplicaServer] = []

        def leave(child: int) -> None:
            until(server.articles_asked, 10)
            server.stop()
            server.server_close()  # from now on connections are refused
            time.sleep(0.5)
            again.append(stack.enter_context(serve(site, port=server.server_address[1])))

        with ExitStack() as stack:
            run = crawls.run(command, meanwhile=leave)
            assert run.exit_code == 0
            assert again[0].articles_asked()
    assert "ConnectionRefused" in run.log, "in Scrapy's stats"
    assert rows("SELECT count(*) FROM articles") == [(30,)]


def peak_memory(process: int) -> int:
    """The most memory, in MiB, that a process ever had; 0 where it has ended. `getrusage` would count the memory of its
    parent too.
    """
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def test_pages_of_16_mib_are_read_in_bounded_memory(
    rows: Rows, small_site: SmallSite, tmp_path: Path
) -> None:
    photo = base64.b64encode(random.Random(1).randbytes(3 << 18)).decode()
    photos = "".join(f'<p><img src="data:image/jpeg;base64,{photo}"></p>' for _ in range(16))
    ids = [f"2026-08-20-{number:03}" for number in range(1, 4)]
    b, a, legacy = ids
    small_site.lists = {2: ids}
    pages = {
        b: small_site.article(b).replace('<p class="WriterP">', f'{photos}<p class="WriterP">'),
        a: '<html><div class="news_Title">온실</div><p class="News_Detail"><span class="NewsDate">2026.8.20.</span></p>'
        f'<div class="col-sm-8">{photos}<p class="ArticleContent">새벽이였다.</p></div></html>',
        legacy: f'<html><div class="ArticleMenuDate">주체115(2026)년 8월 20일</div><table><tr><td>{photos}'
        '<p class="ArticleContent" style="text-align: center"><b>온실</b></p>'
        '<p class="ArticleContent">새벽이였다.</p></td></tr></table></html>',
    }
    small_site.answers = {news_id: Answer(page.encode()) for news_id, page in pages.items()}
    assert all(len(answer.body) > 16 << 20 for answer in small_site.answers.values())
    command = crawl_command(tmp_path / "rodong.db", small_site.base_url)
    peak = 0
    with subprocess.Popen(command, cwd=PROJECT, env=environment(), stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.01)
    assert process.returncode == 0
    assert rows("SELECT layout FROM articles ORDER BY news_id") == [("B",), ("A",), ("legacy",)]
    assert 50 < peak < 220, "115 MiB for a crawl of small pages, 140 for this one"
    assert (tmp_path / "rodong.db").stat().st_size < 200_000
