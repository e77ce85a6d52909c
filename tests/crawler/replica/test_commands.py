import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
SCRAPY = [sys.executable, "-m", "scrapy"]


def scrapy(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*SCRAPY, *arguments], cwd=PROJECT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_replica_says_where_it_is_and_stops_cleanly(number: signal.Signals) -> None:
    command = [*SCRAPY, "replica", "--port", "0", "--days", "2", "--per-day", "5", "--today", "2026-11-20"]
    command += ["--fault", "unknown_layout=2026-11-20-013"]
    process = subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        url = line.split()[0]
        assert f"scrapy crawl rodong -a base_url={url}" in line
        assert "scrapy crawl rodong_wayback -a cdx_url=http://" in process.stdout.readline()
        with urllib.request.urlopen(url, timeout=10) as response:
            assert "분야별기사" in response.read().decode()
    finally:
        process.send_signal(number)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "", "")


def test_a_port_that_is_taken_is_one_clear_line_and_exit_1() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = scrapy("replica", "--port", str(port), "--days", "1")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"replica: port {port} is taken: choose another with --port, or --port 0 for a free one"
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["replica", "--today", "20.11.2026"], "--today must be a day such as 2026-11-20"),
        (["replica", "--days", "0"], "at least one day"),
        (["replica", "--fault", "melt=2026-11-20-013"], "unknown_layout"),
        (["prose"], "--output FILE.jsonl"),
        (["prose", "--output", "x.jsonl", "--documents", "0"], "at least 1"),
        (["prose", "--output", "x.jsonl", "--orthography", "latin"], "invalid choice"),
    ],
)
def test_wrong_usage_is_explained_with_exit_2(arguments: list[str], complaint: str) -> None:
    done = scrapy(*arguments)
    assert done.returncode == 2
    assert complaint in done.stdout + done.stderr


def test_prose_writes_the_documents_as_json_lines(tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    assert (
        scrapy("prose", "--orthography", "rok", "--documents", "30", "--output", str(first)).returncode == 0
    )
    assert (
        scrapy("prose", "--orthography", "rok", "--documents", "20", "--output", str(second)).returncode == 0
    )
    records = [json.loads(line) for line in first.read_text(encoding="utf-8").splitlines()]
    assert [record["id"] for record in records[:2]] == ["rok-7-000000", "rok-7-000001"]
    assert all(set(record) == {"id", "title", "date", "text"} for record in records)
    assert all("\n" in record["text"] and record["title"] for record in records)
    # The first documents do not depend on how many follow.
    assert first.read_text().splitlines()[:20] == second.read_text().splitlines()
    assert {path.name for path in tmp_path.iterdir()} == {"first.jsonl", "second.jsonl"}


def test_prose_that_cannot_be_written_is_one_clear_line_and_leaves_nothing(tmp_path: Path) -> None:
    done = scrapy("prose", "--documents", "3", "--output", str(tmp_path / "missing" / "x.jsonl"))
    assert done.returncode == 1
    assert "No such file or directory" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    folder = tmp_path / "folder"
    folder.mkdir()
    assert scrapy("prose", "--documents", "3", "--output", str(folder)).returncode == 1
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
