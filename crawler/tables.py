"""The tables of an archive, and the words in them that code asks for. `docs/archive.md` explains every column."""

from __future__ import annotations

import sqlalchemy as sa

from crawler.database import UtcDateTime

# How the reason of a failure begins that no crawl tries to mend, because the site no longer has the article.
GONE = "gone"  # the archive never had it
WITHDRAWN = "withdrawn"  # the archive has it and keeps it

# The kind of a failure to understand a capture. The nightly crawl asks for failed articles and not for these.
CAPTURE = "capture"

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
