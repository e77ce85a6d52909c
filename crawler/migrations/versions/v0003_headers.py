"""pages keep the headers of their responses"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    op.add_column("pages", sa.Column("headers", sa.JSON, nullable=False, server_default="[]"))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "PRAGMA user_version = 0"
        )  # where files noted their version before there was a table for it
