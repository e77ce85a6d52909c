"""The newspaper of the crawler's benchmarks: the replica's site with longer articles, and a large archive of it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from crawler import items
from crawler.archive import open_archive
from crawler.database import writing
from crawler.replica.articles import TODAYS_ISSUE, Article, serial
from crawler.replica.pages import render
from crawler.replica.prose import document
from crawler.replica.site import Site
from crawler.replica.tokens import encode
from crawler.storing import begin_crawl, end_crawl, store

LAST_DAY = dt.date(2026, 8, 31)  # of a large archive
PER_DAY = 40
BATCH = 50  # articles a transaction, as the crawl stores them
CHANGES = 5  # earlier texts of every hundredth article


def newspaper(days: int, per_day: int, today: dt.date, characters: int) -> Site:
    """A site whose articles all have text, of at least so many characters."""
    site = Site(days=days, per_day=per_day, today=today)
    for article in site.articles:
        site.edit(lengthened(article, characters))
    return site


def lengthened(article: Article, characters: int) -> Article:
    """The article with paragraphs of further documents of its own behind it."""
    paragraphs, number = list(article.paragraphs), 0
    while sum(map(len, paragraphs)) < characters:
        paragraphs += document("dprk", serial(article.news_id), number, article.issue_date).paragraphs
        number += 1
    return replace(article, paragraphs=tuple(paragraphs))


def build_archive(path: Path, articles: int, characters: int) -> float:
    """Write an archive of the issues up to LAST_DAY, and return the seconds that storing alone took.

    It is stored as the crawl does it: with the pages, 50 records a transaction, each on disk when the transaction
    ends. The same sizes give the same archive. The file appears under its name when it is whole.
    """
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    engine = open_archive(f"sqlite:///{partial}", create=True)
    days = -(-articles // PER_DAY)
    seconds = 0.0
    for number in tqdm(range(days), desc="building", unit=" issues", disable=None):
        day = LAST_DAY - dt.timedelta(days - 1 - number)
        count = min(PER_DAY, articles - number * PER_DAY)
        records = list(_issue(day, count, number * PER_DAY, characters))
        evening = dt.datetime.combine(day, dt.time(20), dt.UTC)
        started = time.perf_counter()
        for first in range(0, len(records), BATCH):
            with writing(engine) as connection:
                for record, change in records[first : first + BATCH]:
                    store(connection, record, evening + dt.timedelta(change))
        seconds += time.perf_counter() - started
        with writing(engine) as connection:
            crawl_id = begin_crawl(connection, 1, {"language": "ko"}, evening)
            finished = {"finished_at": evening, "outcome": "healthy", "exit_code": 0, "new": count}
            end_crawl(connection, crawl_id, finished)
    engine.dispose()
    partial.rename(path)
    return seconds


def _issue(day: dt.date, count: int, before: int, characters: int) -> Iterator[tuple[items.Article, int]]:
    """The records of an issue, each with the number of days after which it was stored; `before` is the number of
    articles of earlier issues.
    """
    site = newspaper(1, count, day, characters)
    for number, article in enumerate(site.articles):
        changes = CHANGES if (before + number) % 100 == 0 else 0
        for change in range(changes + 1):
            cut = len(article.paragraphs) - (changes - change)
            site.edit(replace(article, paragraphs=article.paragraphs[:cut]))
            yield record(site, article.news_id), change


def record(site: Site, news_id: str) -> items.Article:
    """What the spider hands to the archive when it has read an article of the site."""
    article = site.article(news_id)
    assert article is not None
    token = f"12@{news_id}@{TODAYS_ISSUE}@1@@0@1@"
    url = f"http://127.0.0.1/{site.language}/index.php?{encode(token)}"
    return items.Article(
        language=site.language,
        news_id=news_id,
        issue_date=article.issue_date,
        page=None,
        title=article.title,
        subtitle=article.subtitle,
        body=article.body,
        byline=article.byline,
        url=url,
        layout="B",
        listed=items.Listed(list(article.sections), article.page),
        raw=items.RawPage("article", url, 200, "utf-8", render(site, token).encode()),
    )
