"""The steps from each version of an archive's tables to the next, run by `crawler.upgrade`.

To change a table: change it in `crawler.tables`, raise SCHEMA_VERSION in `crawler.versions`, and add a module
`versions/vNNNN_what.py` whose `upgrade` does the same to an archive of the version before; its docstring is what
`scrapy upgrade` prints. A test holds the tables of a new archive equal to those that all steps lead to, on SQLite and
on PostgreSQL. A step that builds `articles` anew (SQLite adds columns in place, but changes none) has to make the index
of `crawler.search` anew too.
"""
