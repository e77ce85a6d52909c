"""Words in the archive: any part of a text, which is what Korean with its endings and compounds needs.

Without an index every article is read. With one (`build_index`), words of three syllables and more are looked up by
their trigrams; shorter ones are no trigram and still read the articles that are left.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from crawler.archive import ArchiveError
from crawler.database import bytewise, one_line, writing
from crawler.tables import articles

_AROUND = 30  # characters

# The index refers to the articles and holds no text of its own; triggers keep it, in the transaction of each change.
# Double quotes around the names, because datasette looks for an index by them.
_SQLITE = (
    """CREATE VIRTUAL TABLE articles_fts USING fts5
       (title, body, content="articles", content_rowid="id", tokenize="trigram")""",
    """CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN
         INSERT INTO articles_fts (rowid, title, body) VALUES (new.id, new.title, new.body);
       END""",
    """CREATE TRIGGER articles_fts_delete AFTER DELETE ON articles BEGIN
         INSERT INTO articles_fts (articles_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
       END""",
    """CREATE TRIGGER articles_fts_update AFTER UPDATE OF id, title, body ON articles
       WHEN old.id <> new.id OR old.title <> new.title OR old.body <> new.body BEGIN
         INSERT INTO articles_fts (articles_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
         INSERT INTO articles_fts (rowid, title, body) VALUES (new.id, new.title, new.body);
       END""",
    "INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')",
)
_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX articles_by_trigram ON articles USING gin (title gin_trgm_ops, body gin_trgm_ops)",
)


@dataclass(frozen=True, slots=True)
class Found:
    """An article with all the words; `context` is the first place of the first of them, between ⟪ and ⟫."""

    news_id: str
    title: str
    context: str


def search(
    engine: Engine,
    words: Sequence[str],
    *,
    language: str = "ko",
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> Iterator[Found]:
    """The articles whose title or body has each of the words, anywhere and in any case, the latest first."""
    words = [unicodedata.normalize("NFC", word) for word in words]
    query = sa.select(articles.c.news_id, articles.c.title, articles.c.body).where(
        articles.c.language == language
    )
    long = [word for word in words if len(word) >= 3]
    if long and engine.dialect.name == "sqlite" and sa.inspect(engine).has_table("articles_fts"):
        wanted = " AND ".join('"' + word.replace('"', '""') + '"' for word in long)
        matching = sa.text("SELECT rowid FROM articles_fts WHERE articles_fts MATCH :wanted")
        query = query.where(articles.c.id.in_(matching.bindparams(wanted=wanted).columns(articles.c.id)))
        words_to_read = [word for word in words if len(word) < 3]
    else:
        words_to_read = words
    for word in words_to_read:
        query = query.where(sa.or_(_has(engine, articles.c.title, word), _has(engine, articles.c.body, word)))
    if since is not None:
        query = query.where(articles.c.issue_date >= since)
    if until is not None:
        query = query.where(articles.c.issue_date <= until)
    query = query.order_by(articles.c.issue_date.desc(), bytewise(engine, articles.c.news_id))
    with engine.connect() as connection:
        for row in connection.execution_options(yield_per=50).execute(query):
            yield Found(row.news_id, row.title, _context(row.body, words) or _context(row.title, words))


def build_index(engine: Engine) -> bool:
    """Index the articles; whatever stores or changes one from now on keeps it. False where there is an index.

    Raises ArchiveError where the database knows no trigrams.
    """
    sqlite = engine.dialect.name == "sqlite"
    inspector = sa.inspect(engine)
    names = inspector.get_table_names() + [str(each["name"]) for each in inspector.get_indexes("articles")]
    if {"articles_fts", "articles_by_trigram"} & set(names):
        return False
    try:
        with writing(engine) as connection:
            for statement in _SQLITE if sqlite else _POSTGRESQL:
                connection.exec_driver_sql(statement)
    except sa.exc.DBAPIError as error:
        needed = "SQLite 3.34 with FTS5" if sqlite else "PostgreSQL's extension pg_trgm"
        raise ArchiveError(
            f"no index ({one_line(error)}): it needs {needed}; searching works without"
        ) from error
    return True


def _has(engine: Engine, column: sa.ColumnElement[str], word: str) -> sa.ColumnElement[bool]:
    pattern = "%" + re.sub("([/%_])", r"/\1", word) + "%"
    if engine.dialect.name == "sqlite":  # whose LIKE does not mind the case of Latin letters
        return column.like(pattern, escape="/")
    return column.ilike(pattern, escape="/")


def _context(text: str, words: Sequence[str]) -> str:
    for word in words:
        at = text.lower().find(word.lower())
        if at >= 0:
            end = at + len(word)
            before, after = text[max(0, at - _AROUND) : at], text[end : end + _AROUND]
            shown = f"{before}⟪{text[at:end]}⟫{after}".replace("\n", " ")
            return f"{'…' * (at > _AROUND)}{shown}{'…' * (end + _AROUND < len(text))}"
    return ""
