"""the tables of the first archives"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("news_id", sa.Text, nullable=False),
        sa.Column("issue_date", sa.Date, nullable=False),
        sa.Column("page", sa.Integer),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("title", "subtitle", "body", "byline")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("url", "layout", "content_hash")),
        sa.Column("first_seen_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.UniqueConstraint("language", "news_id", name="articles_identity"),
        sa.Index("articles_by_issue", "issue_date", "language", "news_id"),
    )
    op.create_table(
        "article_sections",
        sa.Column(
            "article_id", sa.Integer, sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("section", sa.Text, primary_key=True),
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "article_id",
            sa.Integer,
            sa.ForeignKey("articles.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("title", "subtitle", "body", "byline")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("layout", "content_hash")),
        sa.Column("replaced_at", TIME, nullable=False),
    )
    op.create_table(
        "pages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("news_id", sa.Text),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("encoding", sa.Text, nullable=False),
        sa.Column("fetched_at", TIME, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False, unique=True),
        sa.Column("codec", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Index("pages_by_article", "language", "news_id"),
    )
    counts = ("listed", "requested", "new", "changed", "unchanged", "failed")
    op.create_table(
        "crawls",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("arguments", sa.JSON, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("exit_code", sa.Integer),
        sa.Column("message", sa.Text, nullable=False, server_default=""),
        *(sa.Column(name, sa.Integer, nullable=False, server_default="0") for name in counts),
        sa.Column("findings", sa.JSON, nullable=False, server_default="[]"),
    )
    op.create_table(
        "failures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("news_id", sa.Text),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("sections", sa.JSON, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("first_failed_at", TIME, nullable=False),
        sa.Column("last_failed_at", TIME, nullable=False),
        sa.Column("page_id", sa.Integer, sa.ForeignKey("pages.id")),
        sa.UniqueConstraint("language", "kind", "key", name="failures_identity"),
    )
