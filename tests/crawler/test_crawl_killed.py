"""A crawl that is killed with SIGKILL at any moment, and run again, leaves the archive of one that was not."""

import datetime as dt
import random
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.replica.server import ReplicaServer, serve
from crawler.replica.site import Site

from .conftest import Crawls, crawl_command, kill_after

pytestmark = pytest.mark.slow

SEEDS = range(20)


@pytest.fixture(scope="module")
def server() -> Iterator[ReplicaServer]:
    with serve(Site(seed=9, days=3, per_day=18, today=dt.date(2026, 8, 20))) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(
    crawls: Crawls, server: ReplicaServer, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, object]:
    archive = tmp_path_factory.mktemp("undisturbed") / "rodong.db"
    assert crawls.run(crawl_command(archive, server.url)).exit_code == 0
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
    command = crawl_command(archive, server.url)
    in_all = 9 + len(undisturbed["articles"])  # type: ignore[arg-type]
    requests = len(server.requests) + rng.randrange(in_all - 2)
    kill = kill_after(server, requests, rng.random() / 100)
    assert crawls.run(command, meanwhile=kill).exit_code == -signal.SIGKILL
    assert crawls.run(command).exit_code == 0
    assert contents(archive) == undisturbed
