"""The archived pages as a WARC 1.1 file, which is what archives exchange (ISO 28500)."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.storing import page_content
from crawler.tables import article_sections, articles, captures, pages

OWN = "dprk-bert"  # marks the metadata records that `crawler.warc_import` understands
DROPPED = {
    "content-encoding",
    "transfer-encoding",
    "content-length",
}  # they describe a payload that is decoded now
_CONFORMS = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_ABOUT = (
    "Pages of the newspaper Rodong Sinmun as a crawl archived them: those that brought a new or changed text, and "
    "those that could not be understood. Not as they were on the wire: photographs inside a page (data:image/...) "
    "are replaced by data:, and content and transfer encodings are undone, with Content-Length set anew. A page that "
    "came from another archive names it in WARC-Source-URI. The metadata record before a response says what the lists "
    "of the newspaper told of the article."
)


def count_pages(engine: Engine, wanted: sa.ColumnElement[bool]) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(pages).where(wanted)) or 0


def wanted_pages(
    since: dt.date | None, until: dt.date | None, language: str | None
) -> sa.ColumnElement[bool]:
    """The pages of articles issued in [since, until], and others (lists, the home page) that were fetched in it."""
    conditions: list[sa.ColumnElement[bool]] = [pages.c.language == language] if language else [sa.true()]
    if since:
        start = dt.datetime.combine(since, dt.time(), dt.UTC)
        issued, fetched = pages.c.news_id >= since.isoformat(), pages.c.fetched_at >= start
        conditions.append(sa.case((pages.c.news_id.is_(None), fetched), else_=issued))
    if until:
        end = until + dt.timedelta(1)
        stop = dt.datetime.combine(end, dt.time(), dt.UTC)
        issued, fetched = pages.c.news_id < end.isoformat(), pages.c.fetched_at < stop
        conditions.append(sa.case((pages.c.news_id.is_(None), fetched), else_=issued))
    return sa.and_(*conditions)


def export(engine: Engine, path: Path, wanted: sa.ColumnElement[bool]) -> Iterator[str]:
    """Write the pages to a file, oldest first, and yield the address of each; `.gz` compresses record by record.

    The file appears under its name when it is whole, or not at all. Raises OSError.
    """
    handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, engine.connect() as connection:
            yield from _write(connection, file, path, wanted)
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o644)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _write(connection: Connection, file: Any, path: Path, wanted: sa.ColumnElement[bool]) -> Iterator[str]:
    writer = WARCWriter(file, gzip=path.name.endswith(".gz"), warc_version="WARC/1.1")
    info = {
        "software": f"{OWN} {version(OWN)}, warcio {version('warcio')}",
        "format": "WARC File Format 1.1",
        "conformsTo": _CONFORMS,
        "description": _ABOUT,
    }
    head = writer.create_warcinfo_record(path.name, info)
    writer.write_record(head)
    info_id = head.rec_headers.get_header("WARC-Record-ID")
    source = (
        sa.select(sa.func.min(captures.c.address))
        .where(captures.c.page_id == pages.c.id, captures.c.address.startswith("http"))
        .scalar_subquery()
    )
    told = (
        articles.c.id.label("article_id"),
        articles.c.url.label("article_url"),
        *(articles.c.title, articles.c.byline, articles.c.page),
    )
    own = sa.and_(articles.c.language == pages.c.language, articles.c.news_id == pages.c.news_id)
    query = (
        sa.select(pages, *told, source.label("source"))
        .join_from(pages, articles, own, isouter=True)
        .where(wanted)
        .order_by(pages.c.fetched_at, pages.c.id)
    )
    for row in connection.execution_options(yield_per=100).execute(query):
        date = f"{row.fetched_at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
        record_id = _record_id(f"{row.url} {date} {row.sha256}")
        common = {"WARC-Date": date, "WARC-Warcinfo-ID": info_id}
        about = "".join(f"{field}: {value}\r\n" for field, value in _told(connection, row)).encode()
        note = common | {"WARC-Refers-To": record_id, "WARC-Record-ID": _record_id(record_id)}
        writer.write_record(
            writer.create_warc_record(
                row.url, "metadata", payload=BytesIO(about), length=len(about), warc_headers_dict=note
            )
        )
        content = page_content(row.codec, row.content)
        answer = common | {"WARC-Record-ID": record_id}
        if row.source is not None:
            answer["WARC-Source-URI"] = row.source
        writer.write_record(
            writer.create_warc_record(
                row.url,
                "response",
                payload=BytesIO(content),
                length=len(content),
                http_headers=_http_headers(row.status, row.encoding, row.headers, len(content)),
                warc_headers_dict=answer,
            )
        )
        yield row.url


def _record_id(text: str) -> str:
    """The same for the same page in every export, so that importing it twice is noticed."""
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, text)}>"


def _http_headers(
    status: int, encoding: str, headers: Iterable[Iterable[str]], length: int
) -> StatusAndHeaders:
    """The headers as received; a page of an archive that did not keep them yet says at least what it is."""
    kept = [(name, value) for name, value in headers if name.lower() not in DROPPED]
    kept = kept or [("Content-Type", f"text/html; charset={encoding}")]
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    return StatusAndHeaders(
        f"{status} {phrase}", [*kept, ("Content-Length", str(length))], protocol="HTTP/1.1"
    )


def _told(connection: Connection, row: Row[Any]) -> Iterator[tuple[str, str]]:
    """What the page itself does not say, as fields of a metadata record."""
    yield "archived-by", OWN
    yield "kind", row.kind
    yield "language", row.language
    yield "encoding", row.encoding
    if row.news_id is not None:
        yield "news-id", row.news_id
    if row.article_id is None:
        return
    yield "address", row.article_url
    yield "title", row.title
    for line in row.byline.split("\n"):
        yield "byline", line
    if row.page is not None:
        yield "paper-page", str(row.page)
    own = article_sections.c.article_id == row.article_id
    query = sa.select(article_sections.c.section).where(own).order_by(article_sections.c.section)
    for section in connection.scalars(query):
        yield "section", section
