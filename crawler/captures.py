"""Captures of articles from web archives and WARC files: into the archive at their own time, each with its origin."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from crawler.items import Article, Capture, Failure
from crawler.pages.article import NO_TEXT, NO_TITLE
from crawler.pages.detect import UNKNOWN_LAYOUT
from crawler.storing import TEXT_VANISHED, add_section, clear_failures, content_hash, store, store_page
from crawler.tables import CAPTURE, articles, captures, revisions
from crawler.timeline import Place, place

READER_BROKE = "reader broke"
# A better parser may read these one day: their pages are kept.
NOT_UNDERSTOOD = (UNKNOWN_LAYOUT, NO_TEXT, NO_TITLE, READER_BROKE)

EARLIER = "earlier"
DOUBTED = "differs from a text that was seen before and after"
REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Tried:
    """A capture that was looked at before; `digest` is empty where its origin told none."""

    news_id: str
    digest: str
    outcome: str


def tried_captures(engine: Engine, language: str) -> list[Tried]:
    """The captures of an edition in web archives that the archive knows, and what came of them."""
    columns = (captures.c.news_id, captures.c.digest, captures.c.outcome)
    with engine.connect() as connection:
        own = captures.c.address.startswith("http"), captures.c.language == language
        rows = connection.execute(sa.select(*columns).where(*own))
        return [Tried(*row) for row in rows]


def store_capture(connection: Connection, capture: Capture, now: dt.datetime) -> str:
    """Put a capture into the archive and say what it was: new, changed, unchanged, earlier (a text of its own before
    the present one), DOUBTED or TEXT_VANISHED where the archive knows better, REJECTED where it gave no article, known
    where the same one came before. `now` is when it was looked at; what it tells holds at the time of the capture.
    """
    same = sa.select(captures.c.id).where(captures.c.address == capture.address)
    if connection.scalar(same) is not None:
        return "known"
    if capture.article is None:
        outcome, page_id = REJECTED, _keep_unread(connection, capture)
    else:
        outcome, page_id = _enter(connection, capture.article, capture.captured_at)
    row = {
        "language": capture.language,
        "news_id": capture.news_id,
        "address": capture.address,
        "captured_at": capture.captured_at,
        "digest": capture.digest,
        "tried_at": now,
        "outcome": capture.reason or outcome,
        "page_id": page_id,
    }
    connection.execute(captures.insert().values(row))
    return outcome


def confirm(
    connection: Connection, language: str, news_id: str, text_hash: str, seen_at: dt.datetime
) -> bool:
    """Note that an article had a certain text at a time; False where the archive knows no such text at that time."""
    article = _article(connection, language, news_id)
    if article is None:
        return False
    earlier = _earlier(connection, article)
    if seen_at > article.last_seen_at:
        if article.content_hash != text_hash:
            return False
        connection.execute(articles.update().where(articles.c.id == article.id).values(last_seen_at=seen_at))
        return True
    return _place(connection, article, earlier, text_hash, seen_at)[0] in (Place.KNOWN, Place.SOONER)


def _enter(connection: Connection, article: Article, at: dt.datetime) -> tuple[str, int | None]:
    """What the article is to the archive, and its page where that was kept."""
    old = _article(connection, article.language, article.news_id)
    if old is not None and old.body and not article.body:
        return TEXT_VANISHED, None
    text_hash = content_hash(article.title, article.body)
    if old is None or at > old.last_seen_at:
        outcome = store(connection, article, at)
        return outcome, None if outcome == "unchanged" else _page(connection, article, at)
    earlier = _earlier(connection, old)
    found, index = _place(connection, old, earlier, text_hash, at)
    if found is Place.DOUBTED:
        return DOUBTED, None
    for section in article.listed.sections:
        add_section(connection, old.id, section)
    clear_failures(connection, article.language, article.news_id)
    if found is not Place.EARLIER:
        return "unchanged", None
    values = {name: getattr(article, name) for name in ("title", "subtitle", "body", "byline", "layout")}
    until = old.first_seen_at if index == 0 else earlier[index - 1].replaced_at
    row = values | {"article_id": old.id, "content_hash": text_hash, "replaced_at": until}
    connection.execute(revisions.insert().values(row))
    _holds_since(connection, old, earlier, index, at)
    return EARLIER, _page(connection, article, at)


def _place(
    connection: Connection, article: Row[Any], earlier: list[Row[Any]], text_hash: str, at: dt.datetime
) -> tuple[Place, int]:
    """Where the text belongs; the time of one that held sooner than was known is put right."""
    since = [article.first_seen_at, *(each.replaced_at for each in earlier)]
    hashes = [*(each.content_hash for each in earlier), article.content_hash]
    found = place(since, hashes, article.last_seen_at, at, text_hash)
    if found.place is Place.SOONER:
        _holds_since(connection, article, earlier, found.index, at)
    return found.place, found.index


def _holds_since(
    connection: Connection,
    article: Row[Any],
    earlier: list[Row[Any]],
    index: int,
    at: dt.datetime,
) -> None:
    """Text number `index`, which was or now is in that place, holds since a time: until then the one before it did."""
    if index == 0:
        connection.execute(articles.update().where(articles.c.id == article.id).values(first_seen_at=at))
    else:
        before = earlier[index - 1].id
        connection.execute(revisions.update().where(revisions.c.id == before).values(replaced_at=at))


def _keep_unread(connection: Connection, capture: Capture) -> int | None:
    """Keep the page of a capture that a better parser may read; it is a failure as long as the article is missing."""
    if capture.raw is None or not capture.reason.startswith(NOT_UNDERSTOOD):
        return None
    page_id = store_page(connection, capture.language, capture.news_id, capture.raw, capture.captured_at)
    if _article(connection, capture.language, capture.news_id) is None:
        failure = Failure(
            capture.language,
            CAPTURE,
            capture.news_id,
            capture.raw.url,
            capture.reason,
            capture.sections,
            capture.raw,
        )
        store(connection, failure, capture.captured_at)
    return page_id


def _page(connection: Connection, article: Article, at: dt.datetime) -> int:
    return store_page(connection, article.language, article.news_id, article.raw, at)


def _article(connection: Connection, language: str, news_id: str) -> Row[Any] | None:
    own = sa.and_(articles.c.language == language, articles.c.news_id == news_id)
    return connection.execute(sa.select(articles).where(own)).one_or_none()


def _earlier(connection: Connection, article: Row[Any]) -> list[Row[Any]]:
    order = (revisions.c.replaced_at, revisions.c.id)
    own = revisions.c.article_id == article.id
    return list(connection.execute(sa.select(revisions).where(own).order_by(*order)))
