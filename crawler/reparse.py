"""Articles read anew from their archived pages, after a parser has learnt something."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from crawler.database import writing
from crawler.history import Text
from crawler.items import Article, Listed, RawPage
from crawler.pages import tokens
from crawler.pages.article import ArticlePage, read_alone
from crawler.pages.detect import PageError
from crawler.storing import TEXT_VANISHED, content_hash, page_content, store
from crawler.tables import articles, failures, pages, revisions

_BATCH = 200
_PARTS = ("title", "subtitle", "body", "byline")

UNCHANGED, CHANGED, NEW, UNREADABLE = "unchanged", "changed", "new", "unreadable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the archived pages of one article give now. `old` and `new` are its texts where they differ; `reason` says
    why none of the pages could be read.
    """

    language: str
    news_id: str
    kind: str
    old: Text | None = None
    new: Text | None = None
    reason: str = ""


def count_articles(engine: Engine, *, since: dt.date | None = None) -> int:
    """How many articles, issued since a day, have archived pages."""
    distinct = sa.select(pages.c.language, pages.c.news_id).where(_wanted(since)).distinct().subquery()
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(distinct)) or 0


def reparse(engine: Engine, *, since: dt.date | None = None, write: bool) -> Iterator[Outcome]:
    """Read every article anew from the newest of its pages that can be read; with `write` also store the result.

    What is read differently from the page that gave the present text replaces it: the newspaper changed nothing, so
    it makes no revision. A page that a crawl could not read (table `failures`) is stored as the crawl would have done.
    Text is never replaced by none, nor by a page that is evidently another article.
    """
    with engine.connect() as connection:
        rows = connection.execution_options(yield_per=_BATCH).execute(
            sa.select(pages)
            .where(_wanted(since))
            .order_by(pages.c.language, pages.c.news_id, pages.c.fetched_at.desc(), pages.c.id.desc())
        )
        batch: list[list[Row[Any]]] = []
        for _, group in groupby(rows, key=lambda row: (row.language, row.news_id)):
            batch.append(list(group))
            if len(batch) == _BATCH:
                yield from _read_batch(engine, batch, write=write)
                batch = []
        yield from _read_batch(engine, batch, write=write)


def _wanted(since: dt.date | None) -> sa.ColumnElement[bool]:
    wanted = sa.and_(pages.c.kind == "article", pages.c.status == 200, pages.c.news_id.is_not(None))
    return wanted if since is None else sa.and_(wanted, pages.c.news_id >= since.isoformat())


def _read_batch(engine: Engine, batch: Sequence[Sequence[Row[Any]]], *, write: bool) -> list[Outcome]:
    """One transaction a batch: a run that is cut off leaves whole articles, and the next run does the rest."""
    outcomes = []
    with writing(engine) if write else engine.connect() as connection:
        present = _by_identity(connection, sa.select(articles).where(_among(articles, batch)))
        failed = _by_identity(
            connection, sa.select(failures).where(failures.c.kind == "article", _among(failures, batch))
        )
        since = _text_times(connection, present.values())
        for group in batch:
            identity = group[0].language, group[0].news_id
            known = _Known(present.get(identity), failed.get(identity), since.get(identity))
            outcomes.append(_read(connection, group, known, write=write))
    return outcomes


@dataclass(frozen=True, slots=True)
class _Known:
    """What the archive holds of an article: its row, its failure, and the time from which its text holds."""

    article: Row[Any] | None
    failure: Row[Any] | None
    since: dt.datetime | None

    @property
    def title(self) -> str:
        if self.article is not None:
            return str(self.article.title)
        return "" if self.failure is None else str(self.failure.title)


def _among(table: sa.Table, batch: Sequence[Sequence[Row[Any]]]) -> sa.ColumnElement[bool]:
    """Whether a row is of the articles of a batch. The language too, or every batch would search the whole table."""
    languages = {group[0].language for group in batch}
    ids = [group[0].news_id for group in batch]
    return sa.and_(table.c.language.in_(languages), table.c.news_id.in_(ids))


def _by_identity(connection: Connection, query: sa.Select[Any]) -> dict[tuple[str, str], Row[Any]]:
    return {(row.language, row.news_id): row for row in connection.execute(query)}


def _text_times(connection: Connection, rows: Collection[Row[Any]]) -> dict[tuple[str, str], dt.datetime]:
    """The time from which each article's present text holds, which is when its page came."""
    last = sa.func.max(revisions.c.replaced_at, type_=revisions.c.replaced_at.type)
    query = sa.select(revisions.c.article_id, last).group_by(revisions.c.article_id)
    query = query.where(revisions.c.article_id.in_([row.id for row in rows]))
    replaced = {row[0]: row[1] for row in connection.execute(query)}
    return {(row.language, row.news_id): replaced.get(row.id, row.first_seen_at) for row in rows}


def _read(connection: Connection, group: Sequence[Row[Any]], known: _Known, *, write: bool) -> Outcome:
    reason = ""
    for page in group:
        try:
            read = _read_page(page, known)
        except PageError as error:
            reason = reason or error.reason
        except Exception as error:
            reason = reason or f"reader broke ({error!r})"
        else:
            if known.article is None or known.since is None or page.fetched_at > known.since:
                return _late(connection, page, read, known, write=write)
            return _again(connection, read, known.article, write=write)
    return Outcome(group[0].language, group[0].news_id, UNREADABLE, reason=reason)


def _read_page(page: Row[Any], known: _Known) -> ArticlePage:
    html = page_content(page.codec, page.content).decode(page.encoding or "utf-8", "replace")
    read = read_alone(html, page.news_id, known.title)
    if known.article is not None and known.article.body and not read.body:
        raise PageError(TEXT_VANISHED)
    return read


def _again(connection: Connection, read: ArticlePage, old: Row[Any], *, write: bool) -> Outcome:
    """The page that gave the present text, read anew. What only lists tell is kept where the page says nothing."""
    values = {
        "title": read.title,
        "subtitle": read.subtitle,
        "body": read.body,
        "byline": read.byline or old.byline,
        "page": old.page if old.page is not None else read.page,
        "layout": read.layout,
    }
    if all(getattr(old, name) == value for name, value in values.items()):
        return Outcome(old.language, old.news_id, UNCHANGED)
    if write:
        values["content_hash"] = content_hash(read.title, read.body)
        connection.execute(articles.update().where(articles.c.id == old.id).values(values))
    return Outcome(old.language, old.news_id, CHANGED, _text(old._asdict()), _text(values))


def _late(
    connection: Connection, page: Row[Any], read: ArticlePage, known: _Known, *, write: bool
) -> Outcome:
    """A page that a crawl could not read and that can be read now: the article is stored as of that day."""
    old, failure = known.article, known.failure
    author = failure.author if failure is not None else "" if old is None else old.byline
    article = Article(
        language=page.language,
        news_id=page.news_id,
        issue_date=tokens.issue_date(page.news_id),
        page=read.page,
        title=read.title,
        subtitle=read.subtitle,
        body=read.body,
        byline=read.byline or author,
        url=page.url,
        layout=read.layout,
        listed=Listed() if failure is None else Listed(list(failure.sections), failure.page),
        raw=RawPage(
            "article",
            page.url,
            page.status,
            page.encoding,
            page_content(page.codec, page.content),
            tuple((name, value) for name, value in page.headers),
        ),
    )
    same = old is not None and old.content_hash == content_hash(read.title, read.body)
    kind = NEW if old is None else UNCHANGED if same else CHANGED
    if write:
        store(connection, article, page.fetched_at)
    new = _text({part: getattr(article, part) for part in _PARTS})
    return Outcome(page.language, page.news_id, kind, None if old is None else _text(old._asdict()), new)


def _text(parts: Mapping[str, Any]) -> Text:
    return Text(dt.datetime.now(dt.UTC), *(parts[part] for part in _PARTS))
