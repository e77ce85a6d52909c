"""The archive: one database with the articles, their history, the raw pages and the story of every crawl.

Anybody may read it: `open_archive`, then `read_articles` or plain SQL (`docs/archive.md` has examples). Only
the crawl writes to it, through `crawler.storing`. SQLite is the default; all of it also suits PostgreSQL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from crawler.database import ArchiveError, bytewise, connect, one_line, shown
from crawler.matches import SAME, Numbered, matches
from crawler.tables import GONE, WITHDRAWN, article_sections, articles, failures
from crawler.versions import check_tables

__all__ = [
    "ArchiveError",
    "FailedArticle",
    "StoredArticle",
    "article_sections",
    "articles",
    "failed_articles",
    "known_articles",
    "open_archive",
    "read_articles",
    "same_articles",
]


def open_archive(url: str, *, create: bool = False, read_only: bool = False) -> Engine:
    """Open the archive at a database URL such as `sqlite:///rodong.db` or `postgresql://user@host/name`.

    `create` makes the tables where the database is new or empty. A database that holds something else is left
    as it is. Raises ArchiveError for whatever keeps the archive from being used.
    """
    engine = connect(url, create=create, read_only=read_only)
    try:
        check_tables(engine, shown(url), create=create)
    except sa.exc.DBAPIError as error:
        engine.dispose()
        raise ArchiveError(f"cannot use {shown(url)} as an archive: {one_line(error)}") from error
    except ArchiveError:
        engine.dispose()
        raise
    return engine


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as archived; `body` is paragraphs joined by newlines, empty where there are only photos."""

    language: str
    news_id: str
    issue_date: dt.date
    page: int | None
    title: str
    subtitle: str
    body: str
    byline: str
    url: str
    sections: tuple[str, ...]


def read_articles(
    engine: Engine, *, language: str | None = None, since: dt.date | None = None, until: dt.date | None = None
) -> Iterator[StoredArticle]:
    """Stream the articles issued in [since, until], ordered by (issue_date, language, news_id)."""
    texts = (articles.c.language, articles.c.news_id, article_sections.c.section)
    query = (
        sa.select(articles, article_sections.c.section)
        .join_from(articles, article_sections, isouter=True)
        .order_by(articles.c.issue_date, *(bytewise(engine, text) for text in texts))
    )
    if language is not None:
        # Not the bare column: SQLite would find the edition by its newsIds and then sort all texts by day.
        query = query.where(articles.c.language.concat("") == language)
    if since is not None:
        query = query.where(articles.c.issue_date >= since)
    if until is not None:
        query = query.where(articles.c.issue_date <= until)
    with engine.connect() as connection:
        rows = connection.execution_options(yield_per=500).execute(query)
        for _, group in groupby(rows, key=lambda row: row.id):
            article_rows = list(group)
            row = article_rows[0]
            yield StoredArticle(
                language=row.language,
                news_id=row.news_id,
                issue_date=row.issue_date,
                page=row.page,
                title=row.title,
                subtitle=row.subtitle,
                body=row.body,
                byline=row.byline,
                url=row.url,
                sections=tuple(each.section for each in article_rows if each.section is not None),
            )


def known_articles(engine: Engine, language: str) -> frozenset[str]:
    """The newsIds of one language that the archive holds."""
    with engine.connect() as connection:
        return frozenset(
            connection.scalars(sa.select(articles.c.news_id).where(articles.c.language == language))
        )


def numbered_articles(
    engine: Engine, language: str, since: dt.date | None = None, until: dt.date | None = None
) -> Iterator[Numbered]:
    """The articles with text of one language issued in [since, until], by issue and number."""
    query = (
        sa.select(articles.c.language, articles.c.news_id, articles.c.issue_date, articles.c.title)
        .where(articles.c.language == language, articles.c.body != "")
        .order_by(articles.c.issue_date, bytewise(engine, articles.c.news_id))
    )
    if since is not None:
        query = query.where(articles.c.issue_date >= since)
    if until is not None:
        query = query.where(articles.c.issue_date <= until)
    with engine.connect() as connection:
        for row in connection.execution_options(yield_per=500).execute(query):
            yield Numbered(*row)


def same_articles(engine: Engine, language: str) -> dict[str, str]:
    """The newsIds under which the archive holds an article once more, each with the older one of the same article."""
    found = matches(numbered_articles(engine, language))
    return {match.new.news_id: match.old.news_id for match in found if match.verdict == SAME}


@dataclass(frozen=True, slots=True)
class FailedArticle:
    """An article that an earlier crawl could not have: to be had through its list, else by this address. `page`,
    `title` and `author` are what the list told of it.
    """

    news_id: str
    url: str
    sections: tuple[str, ...]
    reason: str
    page: int | None = None
    title: str = ""
    author: str = ""

    @property
    def gone(self) -> bool:
        """Whether the site has no such article any more: it is asked for only where a list shows it again."""
        return self.reason.startswith((GONE, WITHDRAWN))


def failed_articles(engine: Engine, language: str) -> tuple[FailedArticle, ...]:
    """The articles of one language that failed and were not had since, oldest failure first."""
    query = (
        sa.select(failures)
        .where(failures.c.language == language, failures.c.kind == "article")
        .order_by(failures.c.first_failed_at, failures.c.id)
    )
    with engine.connect() as connection:
        return tuple(
            FailedArticle(
                row.news_id, row.url, tuple(row.sections), row.reason, row.page, row.title, row.author
            )
            for row in connection.execute(query)
        )
