"""A crawl that is killed with SIGKILL at any moment, and run again, leaves the archive of one that was not."""

import datetime as dt
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.replica.server import ReplicaServer, serve
from crawler.replica.site import Site

from .conftest import PROJECT, crawl_command

pytestmark = pytest.mark.slow

SEEDS = range(20)

# A crawl of its own process costs a second before the first request, nearly all of it imports. This process has done
# them, and forks one for every command line that it reads; it answers with the exit status, or with -9.
FORKING = """
import os, sys
import scrapy.cmdline, scrapy.utils.versions, scrapy.core.downloader.handlers.http11, itemadapter, protego
import crawler.pipelines, crawler.extensions, crawler.middlewares, crawler.spiders.rodong
import crawler.commands.crawl, crawler.commands.prose, crawler.commands.replica, crawler.commands.reparse
from scrapy.settings import default_settings as base
from scrapy.utils.misc import load_object
for name in (*base.EXTENSIONS_BASE, *base.DOWNLOADER_MIDDLEWARES_BASE, *base.SPIDER_MIDDLEWARES_BASE):
    load_object(name)
scrapy.utils.versions.get_versions()
assert "twisted.internet.reactor" not in sys.modules
for line in sys.stdin:
    child = os.fork()
    if not child:
        sys.argv = line.rstrip("\\n").split("\\t")
        scrapy.cmdline.execute()
        os._exit(70)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Crawls:
    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "ARCHIVE_URL"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", FORKING],
            cwd=PROJECT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def run(self, archive: Path, url: str, meanwhile: Callable[[int], None] = lambda child: None) -> int:
        """Crawl; `meanwhile` is called with the process's id once it runs. Returns the exit code."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        command = crawl_command(archive, url)[2:]
        self.process.stdin.write("\t".join(command) + "\n")
        self.process.stdin.flush()
        meanwhile(int(self.process.stdout.readline()))
        return int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="module")
def crawls() -> Iterator[Crawls]:
    crawls = Crawls()
    yield crawls
    crawls.close()


@pytest.fixture(scope="module")
def server() -> Iterator[ReplicaServer]:
    with serve(Site(seed=9, days=3, per_day=18, today=dt.date(2026, 8, 20))) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(
    crawls: Crawls, server: ReplicaServer, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, object]:
    archive = tmp_path_factory.mktemp("undisturbed") / "rodong.db"
    assert crawls.run(archive, server.url) == 0
    return contents(archive)


def contents(archive: Path) -> dict[str, object]:
    """Everything but times, and the address by which an article came, which is one of several."""
    connection = sqlite3.connect(archive)
    queries = {
        "articles": "SELECT language, news_id, issue_date, page, title, subtitle, body, byline, layout, "
        "content_hash FROM articles ORDER BY news_id",
        "sections": "SELECT news_id, section FROM article_sections JOIN articles ON id = article_id ORDER BY 1, 2",
        "revisions": "SELECT count(*) FROM revisions",
        "pages": "SELECT kind, news_id FROM pages ORDER BY 1, 2",
        "failures": "SELECT key, reason FROM failures",
    }
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}
    finally:
        connection.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_archive_after_a_kill_and_another_run_is_that_of_an_undisturbed_run(
    crawls: Crawls, server: ReplicaServer, undisturbed: dict[str, object], tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    archive = tmp_path / "rodong.db"
    in_all = 9 + len(undisturbed["articles"])  # type: ignore[arg-type]
    requests = len(server.requests) + rng.randrange(in_all - 2)
    pause = rng.random() / 100

    def kill(child: int) -> None:
        deadline = time.monotonic() + 20
        while len(server.requests) < requests and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(pause)
        os.kill(child, signal.SIGKILL)

    assert crawls.run(archive, server.url, kill) == -signal.SIGKILL
    assert crawls.run(archive, server.url) == 0
    assert contents(archive) == undisturbed
