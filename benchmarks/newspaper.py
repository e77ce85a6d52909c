"""The newspaper that the crawler's benchmarks read: the replica's site, with articles as long as one wants them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from crawler.replica.articles import Article, serial
from crawler.replica.prose import document
from crawler.replica.site import Site


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
