"""What the index of `scrapy search` costs and gains, on an archive of generated articles.

    python benchmarks/archive_search.py --articles 5000 --rounds 3

Every figure is the median of the rounds; each search reads all that it finds. The articles bring no raw pages, so the
sizes are those of the text alone.
"""

from __future__ import annotations

import datetime as dt
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click
import sqlalchemy as sa

from crawler.archive import open_archive
from crawler.database import writing
from crawler.items import Article, Listed, RawPage
from crawler.replica.prose import EPOCH, document
from crawler.search import build_index, search
from crawler.storing import store


def written(number: int) -> Article:
    day = EPOCH + dt.timedelta(number // 40)
    text = document("dprk", 7, number, day)
    return Article(
        language="ko",
        news_id=f"{day}-{number % 40 + 1:03}",
        issue_date=day,
        page=1,
        title=text.title,
        subtitle=text.subtitle,
        body="\n".join(text.paragraphs),
        byline=text.byline,
        url="http://127.0.0.1/",
        layout="B",
        listed=Listed(["오늘호 기사"]),
        raw=RawPage("article", "http://127.0.0.1/", 200, "utf-8", b""),
    )


def put(engine: sa.Engine, articles: list[Article]) -> None:
    for start in range(0, len(articles), 50):
        with writing(engine) as connection:
            for article in articles[start : start + 50]:
                store(connection, article, dt.datetime.now(dt.UTC))


def seconds(work: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def find(engine: sa.Engine, word: str) -> int:
    return sum(1 for _ in search(engine, [word]))


def size(engine: sa.Engine, path: Path) -> float:
    """MiB of the file with all that waits in the journal."""
    with closing(engine.raw_connection()) as raw:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size / 2**20


@click.command(context_settings={"show_default": True})
@click.option("--articles", "count", default=5000)
@click.option("--rounds", default=3)
@click.option("--long", "long_word", default="과학기술", help="A word of three syllables or more.")
@click.option("--short", "short_word", default="로동", help="A word of two.")
def main(count: int, rounds: int, long_word: str, short_word: str) -> None:
    """Measure size, searches and storing without the index and with it."""
    articles = [written(number) for number in range(count)]
    measured: defaultdict[str, list[float]] = defaultdict(list)
    late = count // 20  # as many are stored without the index, and as many with it
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rodong.db"
            engine = open_archive(f"sqlite:///{path}", create=True)
            put(engine, articles[: -2 * late])
            for state, more in (("without", articles[-2 * late : -late]), ("with", articles[-late:])):
                measured[f"articles stored a second, {state}"].append(late / seconds(put, engine, more))
                measured[f"MiB, {state}"].append(size(engine, path))
                for word in (long_word, short_word):
                    name = f"ms for {word} ({find(engine, word)} found), {state}"
                    measured[name].append(1000 * seconds(find, engine, word))
                if state == "without":
                    measured["seconds to build it"].append(seconds(build_index, engine))
            engine.dispose()
    for name, values in measured.items():
        print(f"{name:45} {statistics.median(values):10.1f}   {min(values):.1f} to {max(values):.1f}")


if __name__ == "__main__":
    main()
