"""The benchmarks of the crawler run and count right; their times are for whoever runs them at full size."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.slow


def benchmark(script: str, *options: object) -> str:
    command = [sys.executable, str(ROOT / "benchmarks" / script), *map(str, options), "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_both_spiders_read_the_same_articles_with_as_many_selector_calls() -> None:
    told = benchmark("crawl_speed.py", "--days", 2, "--per-day", 20)
    bare, ours = re.search(r"(\d+) \(bare\), (\d+) \(ours\)", told).groups()  # type: ignore[union-attr]
    assert int(bare) <= int(ours)
    assert re.findall(r"a page  (\w+)", told) == ["ours", "bare", "bare"]


def test_night_asks_for_the_new_articles_and_those_of_the_last_days_only() -> None:
    told = benchmark("incremental_night.py", "--articles", 60)
    assert re.search(
        r"asked for were the 40 new ones and the \d\d archived of the last 7 days, each once, and nothing",
        told,
    )
    assert "archive of 60 articles" in told


def test_reparse_reads_what_was_stored() -> None:
    told = benchmark("reparse_speed.py", "--articles", 30)
    assert told.startswith("30 pages of ")
    assert told.count(" pages/s ") == 2


def test_large_archive_answers_every_documented_question(tmp_path: Path) -> None:
    archive = tmp_path / "large.db"
    told = benchmark("large_archive.py", "--articles", 250, "--archive", archive)
    assert re.match(r"250 articles of [\d,]+ characters, 15 revisions, 265 raw pages", told)
    assert "articles/s stored" in told
    assert "How many articles a month" in told
    again = benchmark("large_archive.py", "--archive", archive)
    assert again.startswith("250 articles")
    assert "stored" not in again
