"""Alembic runs this file; the connection, with its transaction begun, comes from `crawler.upgrade`."""

from alembic import context

from crawler.tables import archive_version

context.configure(
    connection=context.config.attributes["connection"],
    version_table=archive_version.name,
    render_as_batch=True,
)
context.run_migrations()
