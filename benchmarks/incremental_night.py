"""A usual night over a large archive: what the crawl asks for, how soon it begins, how much memory it takes.

    python benchmarks/incremental_night.py --archive /tmp/large.db --rounds 3

The archive holds years of issues. Last night's crawl of the replica's site has brought it up to date; tonight the site
has one issue more. The requests are counted by the server and must be the new articles and the archived ones of the
last seven days, each once, and nothing else. The same night over an archive of last night alone shows what the size
costs.
"""

from __future__ import annotations

import datetime as dt
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import click
from newspaper import build_archive
from processes import Finished, run

from crawler.arguments import REVISIT_DAYS
from crawler.replica.server import ReplicaServer, serve
from crawler.replica.site import Site
from crawler.spiders.rodong import PYONGYANG

PROJECT = Path(__file__).parents[1]
DAYS, PER_DAY = 30, 40  # of the site


def crawl(server: ReplicaServer, archive: Path, *, expected: set[str]) -> Finished:
    """One night; raises ClickException where it asked for anything but the expected articles, each once."""
    server.requests.clear()
    settings = {"ARCHIVE_URL": f"sqlite:///{archive}", "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False}
    command = [sys.executable, "-m", "scrapy", "crawl", "rodong", "-a", f"base_url={server.url}"]
    command += [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    night = run(command, folder=PROJECT)
    asked = server.articles_asked()
    if sorted(asked) != sorted(expected):
        raise click.ClickException(f"{len(asked)} articles were asked for instead of {len(expected)}")
    return night


def listed(site: Site) -> set[str]:
    """The articles that any list of the site shows today."""
    return {article.news_id for article in site.articles if article.categories}


@click.command(context_settings={"show_default": True})
@click.option("--articles", default=100_000, help="In the archive.")
@click.option("--characters", default=1_500, help="Of an article in the archive, at least.")
@click.option("--archive", type=click.Path(path_type=Path), help="Built once and used again.")
@click.option("--rounds", default=3)
def main(articles: int, characters: int, archive: Path | None, rounds: int) -> None:
    """Measure an incremental night."""
    tonight = dt.datetime.now(PYONGYANG).date()
    with tempfile.TemporaryDirectory() as scratch:
        large = archive or Path(scratch) / "large.db"
        if not large.exists():
            build_archive(large, articles, characters)
        nights: dict[str, list[tuple[float, Finished]]] = {"large": [], "small": []}
        for _ in range(rounds):
            for name, found in nights.items():
                copy = Path(scratch) / f"{name}-night.db"
                if name == "large":
                    shutil.copy(large, copy)
                site = Site(days=DAYS, per_day=PER_DAY, today=tonight - dt.timedelta(1))
                with serve(site) as server:
                    crawl(server, copy, expected=(before := listed(site)))
                    site.today = tonight
                    new = listed(site) - before
                    window = tonight - dt.timedelta(REVISIT_DAYS)
                    again = {each for each in before if dt.date.fromisoformat(each[:10]) > window}
                    night = crawl(server, copy, expected=new | again)
                    found.append((server.requests[0].at - night.started, night))
                copy.unlink()
    click.echo(
        f"tonight's lists show {len(listed(site))} articles: asked for were the {len(new)} new ones and "
        f"the {len(again)} archived of the last {REVISIT_DAYS} days, each once, and nothing else"
    )
    for name, found in nights.items():
        start = statistics.median(seconds for seconds, _ in found)
        size = f"{articles:,} articles" if name == "large" else f"{len(before)} articles"
        click.echo(
            f"{start:5.2f} s to the first request  {max(night.mebibytes for _, night in found):4.0f} MiB  "
            f"{statistics.median(night.seconds for _, night in found):5.1f} s in all  archive of {size}"
        )


if __name__ == "__main__":
    main()
