"""The archive: one database with the articles, their history, the raw pages and the story of every crawl.

Anybody may read it: `open_archive`, then `read_articles` or plain SQL (`docs/archive.md` has examples). Only
the crawl writes to it, through `crawler.storing`. SQLite is the default; all of it also suits PostgreSQL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from crawler.database import ArchiveError, UtcDateTime, bytewise, connect, one_line, shown, writing
from crawler.matches import SAME, Numbered, matches

__all__ = [
    "ArchiveError",
    "FailedArticle",
    "StoredArticle",
    "failed_articles",
    "known_articles",
    "open_archive",
    "read_articles",
    "same_articles",
]

SCHEMA_VERSION = 4  # the last step in crawler/migrations

# How the reason of a failure begins that no crawl tries to mend, because the site no longer has the article.
GONE = "gone"  # the archive never had it
WITHDRAWN = "withdrawn"  # the archive has it and keeps it

# The kind of a failure to understand a capture. The nightly crawl asks for failed articles and not for these.
CAPTURE = "capture"

_CREATION = 0x726F646F6E67  # a lock of PostgreSQL, any number that nobody else uses
_FIRST_TABLES = {"articles", "article_sections", "revisions", "pages", "crawls", "failures"}

metadata = sa.MetaData()

articles = sa.Table(
    "articles",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("news_id", sa.Text, nullable=False),
    sa.Column("issue_date", sa.Date, nullable=False),
    sa.Column("page", sa.Integer),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("subtitle", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("byline", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("layout", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("language", "news_id", name="articles_identity"),
    sa.Index("articles_by_issue", "issue_date", "language", "news_id"),
)

article_sections = sa.Table(
    "article_sections",
    metadata,
    sa.Column("article_id", sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("section", sa.Text, primary_key=True),
)

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("article_id", sa.ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("subtitle", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("byline", sa.Text, nullable=False),
    sa.Column("layout", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("replaced_at", UtcDateTime, nullable=False),
)

pages = sa.Table(
    "pages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("news_id", sa.Text),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("encoding", sa.Text, nullable=False),
    sa.Column("fetched_at", UtcDateTime, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False, unique=True),
    sa.Column("codec", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("headers", sa.JSON, nullable=False, server_default="[]"),
    sa.Index("pages_by_article", "language", "news_id"),
)

crawls = sa.Table(
    "crawls",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("arguments", sa.JSON, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("exit_code", sa.Integer),
    sa.Column("message", sa.Text, nullable=False, server_default=""),
    sa.Column("listed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("requested", sa.Integer, nullable=False, server_default="0"),
    sa.Column("new", sa.Integer, nullable=False, server_default="0"),
    sa.Column("changed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("unchanged", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("findings", sa.JSON, nullable=False, server_default="[]"),
)

failures = sa.Table(
    "failures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("news_id", sa.Text),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("sections", sa.JSON, nullable=False),
    sa.Column("page", sa.Integer),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("author", sa.Text, nullable=False, server_default=""),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("first_failed_at", UtcDateTime, nullable=False),
    sa.Column("last_failed_at", UtcDateTime, nullable=False),
    sa.Column("page_id", sa.ForeignKey("pages.id")),
    sa.UniqueConstraint("language", "kind", "key", name="failures_identity"),
)

captures = sa.Table(
    "captures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("news_id", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False, unique=True),
    sa.Column("captured_at", UtcDateTime, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("tried_at", UtcDateTime, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("page_id", sa.ForeignKey("pages.id")),
    sa.Index("captures_by_article", "language", "news_id"),
)

# One row: SCHEMA_VERSION in four digits. Alembic keeps it, so that its form is Alembic's.
archive_version = sa.Table(
    "archive_version",
    metadata,
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="archive_version_pkc"),
)


def open_archive(url: str, *, create: bool = False, read_only: bool = False) -> Engine:
    """Open the archive at a database URL such as `sqlite:///rodong.db` or `postgresql://user@host/name`.

    `create` makes the tables where the database is new or empty. A database that holds something else is left
    as it is. Raises ArchiveError for whatever keeps the archive from being used.
    """
    engine = connect(url, create=create, read_only=read_only)
    try:
        _check_tables(engine, shown(url), create=create)
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


def version_of(engine: Engine) -> int | None:
    """The version of an archive's tables, None where the database holds no archive."""
    inspector = sa.inspect(engine)
    present = set(inspector.get_table_names())
    if not present >= _FIRST_TABLES:
        return None
    if archive_version.name in present:
        with engine.connect() as connection:
            version = connection.scalar(sa.select(archive_version.c.version_num))
        return None if version is None else int(version)
    # Before version 3 nothing but their columns told archives apart.
    return 2 if "title" in {column["name"] for column in inspector.get_columns("failures")} else 1


def set_version(connection: Connection, version: int) -> None:
    """Note the version of an archive that does not know it yet."""
    archive_version.create(connection, checkfirst=True)
    if connection.scalar(sa.select(archive_version.c.version_num)) is None:
        connection.execute(archive_version.insert().values(version_num=f"{version:04}"))


def refuse_newer(version: int, shown: str) -> None:
    if version > SCHEMA_VERSION:
        raise ArchiveError(
            f"{shown} is of version {version} and this software knows {SCHEMA_VERSION}: update the software"
        )


def _check_tables(engine: Engine, shown: str, *, create: bool) -> None:
    """Create the tables of a new archive; accept an archive; refuse anything else untouched."""
    sqlite = engine.dialect.name == "sqlite"
    present = set(sa.inspect(engine).get_table_names())
    if not present & set(metadata.tables):
        if present and sqlite:
            raise ArchiveError(
                f"{shown} holds something else than an archive: set ARCHIVE_URL to another file"
            )
        if not create:
            raise ArchiveError(f"{shown} is empty: crawl first (scrapy crawl rodong) or set ARCHIVE_URL")
        if sqlite:
            # Stays with the file; cannot be set inside a transaction, so not through SQLAlchemy's connection.
            with closing(engine.raw_connection()) as raw:
                raw.cursor().execute("PRAGMA journal_mode = WAL")
        with writing(engine) as connection:
            if not sqlite:  # where two begin at once, the second waits and finds the tables made
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CREATION)))
            metadata.create_all(connection)
            set_version(connection, SCHEMA_VERSION)
        return
    version = version_of(engine)
    if version is None:
        raise ArchiveError(
            f"{shown} holds something else than an archive, or the half of one: set ARCHIVE_URL to another"
        )
    refuse_newer(version, shown)
    if version < SCHEMA_VERSION:
        raise ArchiveError(
            f"{shown} is of version {version} and this software works with {SCHEMA_VERSION}: run scrapy upgrade"
        )
