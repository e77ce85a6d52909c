"""failures keep what lists told of the article"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    op.add_column("failures", sa.Column("page", sa.Integer))
    op.add_column("failures", sa.Column("title", sa.Text, nullable=False, server_default=""))
    op.add_column("failures", sa.Column("author", sa.Text, nullable=False, server_default=""))
