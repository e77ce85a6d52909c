"""Pages a second of `scrapy reparse` on text-only pages of about 20 KB, and what they are spent on.

    python benchmarks/reparse_speed.py --articles 3600 --rounds 5

The command is a process of its own, with one thread; its start is left out, since an archive has many pages. Then the
same work is done once more in this process, stage upon stage: each time is that of a stage and all before it.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import click
import sqlalchemy as sa
from newspaper import newspaper, record
from processes import Finished, run
from tqdm import tqdm

from crawler.archive import open_archive
from crawler.database import writing
from crawler.pages.article import read_article
from crawler.pages.detect import document
from crawler.reparse import UNCHANGED, reparse
from crawler.storing import page_content, store
from crawler.tables import pages

PROJECT = Path(__file__).parents[1]


def build(engine: sa.Engine, articles: int, characters: int) -> float:
    """Store one issue's articles without pictures, and return the mean size of their pages in bytes."""
    now, size = dt.datetime.now(dt.UTC), 0
    site = newspaper(-(-articles // 900), min(articles, 900), dt.date(2026, 11, 20), characters)
    chosen = site.articles[-articles:]
    with writing(engine) as connection:
        for article in tqdm(chosen, desc="building", unit=" articles", disable=None):
            each = record(site, article.news_id)
            size += len(each.raw.content)
            store(connection, each, now)
    return size / len(chosen)


def stages(engine: sa.Engine) -> dict[str, Callable[[], object]]:
    """What a reparse does, one stage more each time."""

    def rows() -> Iterable[sa.Row[tuple[str, bytes]]]:
        order = pages.c.language, pages.c.news_id
        with engine.connect() as connection:
            found = sa.select(pages).where(pages.c.kind == "article").order_by(*order)
            yield from connection.execution_options(yield_per=200).execute(found)

    def texts() -> Iterable[str]:
        return (page_content(row.codec, row.content).decode() for row in rows())

    return {
        "SQL: the pages": lambda: sum(1 for _ in rows()),
        "decompression": lambda: sum(1 for _ in texts()),
        "parsing to a tree (lxml)": lambda: sum(1 for text in texts() if document(text) is not None),
        "reading the article": lambda: sum(1 for text in texts() if read_article(text)),
        "SQL: the articles, comparing": lambda: sum(1 for _ in reparse(engine, write=False)),
    }


def milliseconds(work: Callable[[], object], count: int) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) / count * 1000


@click.command(context_settings={"show_default": True})
@click.option("--articles", default=3_600)
@click.option(
    "--characters", default=5_500, help="Of an article, at least; 5,500 make a page of about 20 KB."
)
@click.option("--rounds", default=3)
def main(articles: int, characters: int, rounds: int) -> None:
    """Measure scrapy reparse."""
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/rodong.db"
        engine = open_archive(url, create=True)
        size = build(engine, articles, characters)
        kinds = Counter(outcome.kind for outcome in reparse(engine, write=False))
        if kinds != {UNCHANGED: articles}:
            raise click.ClickException(f"the pages are not read as they were stored: {dict(kinds)}")
        command = [sys.executable, "-m", "scrapy", "reparse", "-s", f"ARCHIVE_URL={url}"]
        runs: dict[str, list[Finished]] = {name: [] for name in ("start", "reparse --dry-run", "reparse")}
        shares: dict[str, list[float]] = {name: [] for name in stages(engine)}
        for _ in range(rounds):
            runs["start"].append(run([*command, "--since", "2100-01-01"], folder=PROJECT))
            runs["reparse --dry-run"].append(run([*command, "--dry-run"], folder=PROJECT))
            runs["reparse"].append(run(command, folder=PROJECT))
            for name, stage in stages(engine).items():
                shares[name].append(milliseconds(stage, articles))
    click.echo(f"{articles:,} pages of {size / 1000:.0f} KB, median of {rounds}")
    start = statistics.median(each.seconds for each in runs.pop("start"))
    for name, found in runs.items():
        rate = articles / (statistics.median(each.seconds for each in found) - start)
        peak = max(each.mebibytes for each in found)
        click.echo(
            f"{rate:6,.0f} pages/s  {peak:4.0f} MiB  scrapy {name}, without its start of {start:.1f} s"
        )
    before = 0.0
    for name, values in shares.items():
        until = statistics.median(values)
        click.echo(f"{until - before:6.2f} ms a page  {name}")
        before = until
    click.echo(f"{before:6.2f} ms a page  in all")


if __name__ == "__main__":
    main()
