"""Writing to the archive: what each record of a crawl does to the tables, and the rows of the crawls
themselves.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sys
import unicodedata
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from crawler.items import Article, Failure, Pending, RawPage, Recovered, Sighting, SiteRecord
from crawler.pages.list_page import ListEntry
from crawler.pages.photographs import without_photographs
from crawler.tables import (
    CAPTURE,
    GONE,
    WITHDRAWN,
    article_sections,
    articles,
    crawls,
    failures,
    pages,
    revisions,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CODEC = "zstd"
TEXT_VANISHED = "text vanished"
NOT_HAD = "not had yet"

# Asked for every article, so made once; for the same reason the rows below go in as parameters. To make a statement
# anew takes SQLAlchemy longer than SQLite takes to run it.
_ARTICLE = sa.select(articles).where(
    articles.c.language == sa.bindparam("language"), articles.c.news_id == sa.bindparam("news_id")
)
_HAD = failures.delete().where(
    failures.c.language == sa.bindparam("language"),
    sa.or_(failures.c.kind == "article", failures.c.kind == CAPTURE),
    failures.c.key == sa.bindparam("news_id"),
)
_SAME_PAGE = sa.select(pages.c.id).where(pages.c.sha256 == sa.bindparam("sha256"))


def store(connection: Connection, record: SiteRecord, now: dt.datetime) -> str:
    """Put one record of the site into the archive and say what it was: new, changed, unchanged, seen, pending, failed,
    gone or recovered.
    """
    match record:
        case Article():
            return _store_article(connection, record, now)
        case Sighting():
            return _store_sighting(connection, record, now)
        case Failure():
            return _store_failure(connection, record, now)
        case Pending():
            return _store_pending(connection, record, now)
        case Recovered():
            over = failures.c.key.startswith(record.prefix, autoescape=True)
            own = failures.c.language == record.language, failures.c.kind == record.kind
            connection.execute(failures.delete().where(*own, over))
            return "recovered"


def begin_crawl(connection: Connection, pid: int, arguments: Mapping[str, Any], now: dt.datetime) -> int:
    """Open the row of a crawl. Whoever holds the archive's lock knows that no other crawl is still
    running.
    """
    connection.execute(
        crawls.update()
        .where(crawls.c.outcome == "running")
        .values(outcome="interrupted", finished_at=now, message="the process ended without a word")
    )
    row = {"started_at": now, "pid": pid, "arguments": dict(arguments), "outcome": "running", "findings": []}
    key = connection.execute(crawls.insert().values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def end_crawl(connection: Connection, crawl_id: int, values: Mapping[str, Any]) -> None:
    """Close the row of a crawl with its counts and outcome."""
    connection.execute(crawls.update().where(crawls.c.id == crawl_id).values(**values))


def content_hash(title: str, body: str) -> str:
    """Says whether an article's text changed: of title and body without differences of white space or
    width.
    """
    normal = "\n".join(" ".join(unicodedata.normalize("NFKC", part).split()) for part in (title, body))
    return hashlib.sha256(normal.encode("utf-8")).hexdigest()


def page_content(codec: str, content: bytes) -> bytes:
    """The bytes of an archived page, from the columns `codec` and `content` of table `pages`."""
    if codec != CODEC:
        raise ValueError(f"unknown codec of an archived page: {codec!r}")
    return zstd.decompress(content)


def _store_article(connection: Connection, article: Article, now: dt.datetime) -> str:
    identity = {"language": article.language, "news_id": article.news_id}
    old = connection.execute(_ARTICLE, identity).one_or_none()
    if old is not None and old.body and not article.body:
        # Good text is not replaced by none: the page lost it, perhaps only for today.
        failure = Failure(
            article.language,
            "article",
            article.news_id,
            article.url,
            TEXT_VANISHED,
            article.listed.sections,
            article.raw,
        )
        return _store_failure(connection, failure, now)
    if old is not None:
        now = _after_the_text(connection, old, now)
    page = article.page if article.listed.page is None else article.listed.page
    values = {
        "title": article.title,
        "subtitle": article.subtitle,
        "body": article.body,
        "byline": article.byline,
        "url": article.url,
        "layout": article.layout,
        "content_hash": content_hash(article.title, article.body),
        "last_seen_at": now,
    }
    if old is None:
        values |= {
            "language": article.language,
            "news_id": article.news_id,
            "issue_date": article.issue_date,
            "page": page,
            "first_seen_at": now,
        }
        key = connection.execute(articles.insert(), values).inserted_primary_key
        assert key is not None
        article_id, outcome = int(key[0]), "new"
    else:
        article_id, outcome = old.id, "unchanged"
        values["page"] = old.page if page is None else page
        values["last_seen_at"] = max(now, old.last_seen_at)
        if old.content_hash != values["content_hash"]:
            outcome = "changed"
            kept = {
                name: getattr(old, name)
                for name in ("title", "subtitle", "body", "byline", "layout", "content_hash")
            }
            connection.execute(revisions.insert().values(article_id=old.id, replaced_at=now, **kept))
        connection.execute(articles.update().where(articles.c.id == old.id).values(values))
    for section in tuple(article.listed.sections):
        add_section(connection, article_id, section)
    # Neighbours and positions change the page every day; only a page with another text is worth keeping.
    if outcome != "unchanged" or (old is not None and old.layout != article.layout):
        store_page(connection, article.language, article.news_id, article.raw, now)
    clear_failures(connection, article.language, article.news_id)
    return outcome


def _after_the_text(connection: Connection, article: sa.Row[Any], now: dt.datetime) -> dt.datetime:
    """Now, or the next moment after an article's present text came: where the clock went back, texts and pages would
    lose their order.
    """
    last = sa.func.max(revisions.c.replaced_at, type_=revisions.c.replaced_at.type)
    replaced = connection.scalar(sa.select(last).where(revisions.c.article_id == article.id))
    return max(now, (replaced or article.first_seen_at) + dt.timedelta.resolution)


def _store_sighting(connection: Connection, sighting: Sighting, now: dt.datetime) -> str:
    row = connection.execute(
        sa.select(articles.c.id, articles.c.page, articles.c.last_seen_at).where(
            articles.c.language == sighting.language, articles.c.news_id == sighting.news_id
        )
    ).one_or_none()
    if row is not None:  # else its own record is still to come and brings the section with it
        page = sighting.page if row.page is None else row.page
        seen = max(now, row.last_seen_at)
        connection.execute(
            articles.update().where(articles.c.id == row.id).values(last_seen_at=seen, page=page)
        )
        add_section(connection, row.id, sighting.section)
    return "seen"


def _store_failure(connection: Connection, failure: Failure, now: dt.datetime) -> str:
    news_id = failure.key if failure.kind in ("article", CAPTURE) else None
    if news_id is not None:
        held = connection.execute(_ARTICLE, {"language": failure.language, "news_id": news_id}).one_or_none()
        now = now if held is None else _after_the_text(connection, held, now)
    page_id = failure.raw and store_page(connection, failure.language, news_id, failure.raw, now)
    values = {
        "language": failure.language,
        "kind": failure.kind,
        "key": failure.key,
        "news_id": news_id,
        "url": failure.url,
        "reason": failure.reason,
        "sections": list(failure.sections),
        **_told(failure.entry),
        "attempts": 1,
        "first_failed_at": now,
        "last_failed_at": now,
        "page_id": page_id,
    }
    again = {name: values[name] for name in ("url", "reason", "sections", "last_failed_at")}
    if page_id is not None:
        again["page_id"] = page_id  # else the last page that there was
    connection.execute(
        _insert(connection, failures)
        .values(values)
        .on_conflict_do_update(
            index_elements=["language", "kind", "key"], set_=again | {"attempts": failures.c.attempts + 1}
        )
    )
    return "gone" if failure.reason.startswith((GONE, WITHDRAWN)) else "failed"


def _store_pending(connection: Connection, pending: Pending, now: dt.datetime) -> str:
    """A row among the failures, which a crawl that is cut off leaves behind. What failed before keeps its row."""
    row = {
        "language": pending.language,
        "kind": "article",
        "key": pending.entry.news_id,
        "news_id": pending.entry.news_id,
        "url": pending.url,
        "reason": NOT_HAD,
        "sections": list(pending.sections),
        **_told(pending.entry),
        "attempts": 0,
        "first_failed_at": now,
        "last_failed_at": now,
    }
    connection.execute(_insert(connection, failures).on_conflict_do_nothing(), row)
    return "pending"


def _told(entry: ListEntry | None) -> dict[str, Any]:
    """What a list told of an article, for the run that gets it when no list shows it any more."""
    return {"page": entry.page, "title": entry.title, "author": entry.author} if entry else {}


def clear_failures(connection: Connection, language: str, news_id: str) -> None:
    """An article is had: that it failed, as a page of the site or as a capture, is over."""
    connection.execute(_HAD, {"language": language, "news_id": news_id})


def store_page(
    connection: Connection, language: str, news_id: str | None, raw: RawPage, now: dt.datetime
) -> int:
    """Keep a page once however often it arrives, and return the id of its row."""
    content = without_photographs(raw.content)
    sha256 = hashlib.sha256(content).hexdigest()
    found = connection.execute(_SAME_PAGE, {"sha256": sha256}).scalar_one_or_none()
    if found is not None:
        # A text that is taken back makes an old page the present one again; a capture of the past does not.
        again = {"fetched_at": now, "headers": list(raw.headers)}
        older = sa.and_(pages.c.id == found, pages.c.fetched_at <= now)
        connection.execute(pages.update().where(older).values(again))
        return int(found)
    values = {
        "language": language,
        "kind": raw.kind,
        "news_id": news_id,
        "url": raw.url,
        "status": raw.status,
        "encoding": raw.encoding,
        "fetched_at": now,
        "sha256": sha256,
        "codec": CODEC,
        "content": zstd.compress(content),
        "headers": list(raw.headers),
    }
    key = connection.execute(pages.insert(), values).inserted_primary_key
    assert key is not None
    return int(key[0])


def add_section(connection: Connection, article_id: int, section: str) -> None:
    row = {"article_id": article_id, "section": section}
    connection.execute(_insert(connection, article_sections).on_conflict_do_nothing(), row)


def _insert(connection: Connection, table: sa.Table) -> Any:
    """An INSERT with ON CONFLICT, which every database spells alike and SQLAlchemy types apart."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
