"""Pages a second of the crawl beside what Scrapy alone gives on the same pages: a bare spider that stores nothing.

    python benchmarks/crawl_speed.py --rounds 5

Both are processes of their own and ask this one, which serves the replica's site with pages of about 20 KB. A first
run of the bare spider is not counted: it makes the server draw every page. Rounds alternate between the sides. Time
runs from the first request until the process has ended, so that all is on disk.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click
from bare_spider import BareSpider
from newspaper import newspaper
from parsel import Selector
from processes import run
from scrapy.http import HtmlResponse

from crawler import settings
from crawler.pages.article import read_article
from crawler.replica.pages import render
from crawler.replica.server import ReplicaServer, serve

PROJECT = Path(__file__).parents[1]


def crawl_command(server: ReplicaServer, archive: Path, connections: int) -> list[str]:
    """The crawl at full speed into a new archive."""
    return [
        *(sys.executable, "-m", "scrapy", "crawl", "rodong", "-a", f"base_url={server.url}"),
        *("-s", f"ARCHIVE_URL=sqlite:///{archive}", "-s", "AUTOTHROTTLE_ENABLED=False"),
        *_pace(connections),
    ]


def bare_command(server: ReplicaServer, connections: int, *more: str) -> list[str]:
    """The bare spider under Scrapy's own settings."""
    spider = str(Path(__file__).with_name("bare_spider.py"))
    command = [sys.executable, "-m", "scrapy", "runspider", spider, "-a", f"base_url={server.url}"]
    return [*command, *_pace(connections), *more]


def _pace(connections: int) -> list[str]:
    pace = {"CONCURRENT_REQUESTS": connections, "CONCURRENT_REQUESTS_PER_DOMAIN": connections}
    pace |= {"DOWNLOAD_DELAY": 0}
    return [part for name, value in pace.items() for part in ("-s", f"{name}={value}")] + ["-L", "INFO"]


@dataclass(frozen=True, slots=True)
class Speed:
    """Of one run; `busy` is milliseconds of processor time a page, its start included."""

    pages_a_second: float
    busy: float


def measure(server: ReplicaServer, command: Sequence[str], folder: Path) -> Speed:
    """Run a spider to its end."""
    server.requests.clear()
    done = run(command, folder=folder)
    count = len(server.requests)
    return Speed(count / (done.ended - server.requests[0].at), done.busy / count * 1000)


def ceiling(url: str, paths: Sequence[str], connections: int) -> float:
    """Pages a second that a plain client gets from the server."""

    async def ask(waiting: Iterator[str]) -> None:
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for path in waiting:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            await reader.readexactly(int(head.partition("content-length:")[2].split("\r\n")[0]))
        writer.close()

    async def ask_all() -> None:
        waiting = iter(paths)
        await asyncio.gather(*(ask(waiting) for _ in range(connections)))

    started = time.perf_counter()
    asyncio.run(ask_all())
    return len(paths) / (time.perf_counter() - started)


def questions(parse: Callable[[], object]) -> int:
    """How many selector calls a parse makes; `css` calls `xpath`."""
    count, xpath = 0, Selector.xpath

    def counting(self: Selector, *given: object, **named: object) -> object:
        nonlocal count
        count += 1
        return xpath(self, *given, **named)  # type: ignore[arg-type]

    Selector.xpath = counting  # type: ignore[method-assign, assignment]
    try:
        parse()
    finally:
        Selector.xpath = xpath  # type: ignore[method-assign]
    return count


@click.command(context_settings={"show_default": True})
@click.option("--days", default=8, help="Issues of the site; older ones are listed in part.")
@click.option("--per-day", default=900, help="Articles an issue.")
@click.option(
    "--characters", default=5_500, help="Of an article, at least; 5,500 make a page of about 20 KB."
)
@click.option("--connections", default=16)
@click.option("--rounds", default=3)
def main(days: int, per_day: int, characters: int, connections: int, rounds: int) -> None:
    """Measure scrapy crawl rodong against a bare Scrapy spider."""
    site = newspaper(days, per_day, dt.date(2026, 11, 20), characters)
    with serve(site) as server, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)  # outside of the project, so that its settings do not reach the bare spider
        measure(server, bare_command(server, connections), folder)
        paths = [request.path for request in server.requests]
        news_ids = set(server.articles_asked())
        sizes = [len(render(site, request.token).encode()) for request in server.requests[-100:]]
        page = render(site, f"12@{min(news_ids)}@2@1@@0@1@")
        response = HtmlResponse(server.url, body=page.encode(), encoding="utf-8")
        asked = [
            questions(lambda: list(BareSpider("").parse_article(response, "", ("", None, None)))),
            questions(lambda: read_article(page)),
        ]
        click.echo(
            f"{len(paths):,} pages of {statistics.mean(sizes) / 1000:.0f} KB, {len(news_ids):,} of them articles; "
            f"selector calls an article: {asked[0]} (bare), {asked[1]} (ours)"
        )
        with multiprocessing.get_context("spawn").Pool(1) as client:
            click.echo(
                f"the server gives {client.apply(ceiling, (server.url, paths, connections)):,.0f} pages/s"
            )
        workers = ("-s", f"CONCURRENT_ITEMS={settings.CONCURRENT_ITEMS}")
        speeds: dict[str, list[Speed]] = {"ours": [], "bare": [], "bare, with our CONCURRENT_ITEMS": []}
        for number in range(rounds):
            archive = folder / f"{number}.db"
            commands = {
                "ours": (crawl_command(server, archive, connections), PROJECT),
                "bare": (bare_command(server, connections), folder),
                "bare, with our CONCURRENT_ITEMS": (bare_command(server, connections, *workers), folder),
            }
            for name, (command, where) in commands.items():
                speeds[name].append(each := measure(server, command, where))
                if set(server.articles_asked()) != news_ids:
                    raise click.ClickException(f"{name} did not ask for the same articles")
                click.echo(f"round {number + 1}: {name}: {each.pages_a_second:,.0f} pages/s", err=True)
            archive.unlink()
    click.echo(f"median of {rounds}; ratios are ours to the other, medians within rounds")
    for name, values in speeds.items():
        pairs = zip(speeds["ours"], values, strict=True)
        ratio = statistics.median(own.pages_a_second / other.pages_a_second for own, other in pairs)
        rate = statistics.median(each.pages_a_second for each in values)
        busy = statistics.median(each.busy for each in values)
        click.echo(f"{ratio:6.2f}×  {rate:6,.0f} pages/s  {busy:5.2f} ms of a core a page  {name}")


if __name__ == "__main__":
    main()
