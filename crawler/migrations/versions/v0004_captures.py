"""captures of web archives and WARC files have a table"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0004", "0003"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "captures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("news_id", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False, unique=True),
        sa.Column("captured_at", TIME, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("tried_at", TIME, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("page_id", sa.Integer, sa.ForeignKey("pages.id")),
        sa.Index("captures_by_article", "language", "news_id"),
    )
