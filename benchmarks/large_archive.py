"""A large archive: its size, how fast articles go in, and how long its questions take.

    python benchmarks/large_archive.py --archive /tmp/large.db --rounds 3

Every hundredth article has five earlier texts. The queries are those of docs/archive.md, each with all of its rows
fetched; commands are processes of their own, so that their start counts and their memory is their own.
"""

from __future__ import annotations

import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
from newspaper import build_archive
from processes import run

from crawler.archive import known_articles, open_archive
from crawler.search import build_index

PROJECT = Path(__file__).parents[1]
_QUERY = re.compile(r"^(.+?)\n```sql\n(.*?)```", re.DOTALL | re.MULTILINE)
READ = """
import sys, time
from crawler.archive import open_archive, read_articles
archive = open_archive(sys.argv[1], read_only=True)
started = time.perf_counter()
count = sum(1 for _ in read_articles(archive, language="ko"))
print(count / (time.perf_counter() - started))
"""


def queries() -> dict[str, str]:
    """The documented queries, each by the question that stands above it."""
    page = (PROJECT / "docs" / "archive.md").read_text(encoding="utf-8")
    found = {}
    for text, query in _QUERY.findall(page):
        question = " ".join(re.split(r"[?:.]", text.rpartition("\n\n")[2])[0].split())
        asked = [each for each in query.split(";") if each.strip().startswith(("SELECT", "WITH"))]
        for number, single in enumerate(asked, start=1):
            found[question if number == 1 else f"{question} ({number})"] = single
    return found


def median(rounds: int, work: Callable[[], object]) -> float:
    """Median seconds."""
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def sizes(connection: sqlite3.Connection) -> dict[str, int]:
    """What the columns that hold text and pages take, in bytes."""
    columns = {"articles": "body", "revisions": "body", "pages": "content"}
    count = "SELECT coalesce(sum(length(CAST({} AS BLOB))), 0) FROM {}"
    return {
        f"{table}.{column}": connection.execute(count.format(column, table)).fetchone()[0]
        for table, column in columns.items()
    }


@click.command(context_settings={"show_default": True})
@click.option("--articles", default=100_000)
@click.option("--characters", default=1_500, help="Of an article, at least.")
@click.option("--archive", type=click.Path(path_type=Path), help="Built once and used again.")
@click.option("--rounds", default=3)
def main(articles: int, characters: int, archive: Path | None, rounds: int) -> None:
    """Measure a large archive."""
    with tempfile.TemporaryDirectory() as scratch:
        path = archive or Path(scratch) / "large.db"
        storing = None if path.exists() else build_archive(path, articles, characters)
        url = f"sqlite:///{path}"
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        counts = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("articles", "revisions", "pages")
        }
        length = connection.execute("SELECT avg(length(body)) FROM articles").fetchone()[0]
        click.echo(
            f"{counts['articles']:,} articles of {length:,.0f} characters, {counts['revisions']:,} revisions, "
            f"{counts['pages']:,} raw pages: {path.stat().st_size / 1e6:,.0f} MB"
        )
        for name, size in sizes(connection).items():
            click.echo(f"{size / 1e6:9,.0f} MB  {name}")
        if storing is not None:
            click.echo(f"{counts['pages'] / storing:9,.0f} articles/s stored with their pages")
        engine = open_archive(url)
        before, started = path.stat().st_size, time.perf_counter()
        if build_index(engine):
            seconds = time.perf_counter() - started
            engine.dispose()  # all of it is in the file then
            click.echo(
                f"{(path.stat().st_size - before) / 1e6:9,.0f} MB  the index of scrapy search, {seconds:.0f} s"
            )
        for question, query in queries().items():
            seconds = median(rounds, lambda query=query: connection.execute(query).fetchall())
            click.echo(f"{seconds:9.3f} s  {question}")
        connection.close()
        click.echo(f"{median(rounds, lambda: known_articles(engine, 'ko')):9.3f} s  known_articles")
        engine.dispose()
        reads = [run([sys.executable, "-c", READ, url], folder=PROJECT) for _ in range(rounds)]
        rate = statistics.median(float(each.output) for each in reads)
        peak = max(each.mebibytes for each in reads)
        click.echo(f"{rate:9,.0f} articles/s  {peak:4.0f} MiB  read_articles")
        for command in (["health"], ["health", "--days", "3000"], ["revisions"], ["reparse", "--dry-run"]):
            scrapy = [sys.executable, "-m", "scrapy", *command, "-s", f"ARCHIVE_URL={url}"]
            done = [run(scrapy, folder=PROJECT, accepted=(0, 3)) for _ in range(rounds)]
            seconds = statistics.median(each.seconds for each in done)
            peak = max(each.mebibytes for each in done)
            click.echo(f"{seconds:9.2f} s  {peak:4.0f} MiB  scrapy {' '.join(command)}")


if __name__ == "__main__":
    main()
