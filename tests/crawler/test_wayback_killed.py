"""A walk through a web archive that is killed with SIGKILL at any moment, and run again, ends as one that was not."""

import datetime as dt
import random
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.replica.server import ReplicaServer, serve
from crawler.replica.site import Site

from .conftest import Crawls, kill_after, wayback_command

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[ReplicaServer]:
    with serve(Site(seed=9, days=4, per_day=11, today=dt.date(2026, 8, 20))) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(
    crawls: Crawls, server: ReplicaServer, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[object]]:
    archive = tmp_path_factory.mktemp("undisturbed") / "rodong.db"
    assert crawls.run(wayback_command(archive, server)).exit_code == 3
    return contents(archive)


def contents(archive: Path) -> dict[str, list[object]]:
    """Everything but the times of this day; those of the captures too."""
    queries = {
        "articles": "SELECT language, news_id, issue_date, title, subtitle, body, byline, url, layout, content_hash, "
        "first_seen_at, last_seen_at FROM articles ORDER BY news_id",
        "revisions": "SELECT count(*) FROM revisions",
        "pages": "SELECT news_id, url, sha256, fetched_at, headers FROM pages ORDER BY sha256",
        "captures": "SELECT news_id, address, captured_at, digest, outcome FROM captures ORDER BY address",
        "failures": "SELECT kind, key, reason, attempts FROM failures ORDER BY key",
    }
    connection = sqlite3.connect(archive)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}
    finally:
        connection.close()


@pytest.mark.parametrize("seed", range(6))
def test_archive_after_kills_and_another_run_is_that_of_an_undisturbed_run(
    crawls: Crawls, server: ReplicaServer, undisturbed: dict[str, list[object]], tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    archive = tmp_path / "rodong.db"
    command = wayback_command(archive, server)
    requests = len(server.requests) + rng.randrange(3, 5 + len(undisturbed["captures"]))
    kill = kill_after(server, requests, rng.random() / 100)
    assert crawls.run(command, meanwhile=kill).exit_code == -signal.SIGKILL
    assert crawls.run(command).exit_code == 3
    assert contents(archive) == undisturbed
