"""Reading WARC files, whoever wrote them: their HTTP answers with the bodies decoded, up to where a file is damaged."""

from __future__ import annotations

import datetime as dt
import gzip
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST_BYTES = 32 * 1024 * 1024  # of a page, as in the crawl
_SILENT = ("warcinfo", "request", "metadata")  # records that nobody misses


class WarcError(Exception):
    """A file that is none, or that breaks off; the message says where."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer in a WARC file. `address` is where it can be had again: the capture in a web archive that it stems
    from, or the id of its record. `told` are the fields of the metadata record before it that refers to it.

    `body` is None for a revisit: the page was the one of the same `digest` that came before.
    """

    url: str
    address: str
    fetched_at: dt.datetime
    digest: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes | None = field(repr=False)
    cut: bool
    told: Mapping[str, list[str]]


@dataclass(slots=True)
class WarcFile:
    """A file while it is read: `answers` may be asked for once; `skipped` counts what is passed over, by reason."""

    path: Path
    skipped: Counter[str] = field(default_factory=Counter)
    records: int = 0
    position: int = 0  # in the file, for the progress bar

    def answers(self) -> Iterator[Answer]:
        """The answers in their order. Raises WarcError where the file breaks off or cannot be read any further; what
        came before is whole.
        """
        told: dict[str, Mapping[str, list[str]]] = {}
        with self.path.open("rb") as file:
            stream = _Stream(file)
            try:
                for record in ArchiveIterator(stream):
                    self.position = file.tell()
                    answer = self._read(record, stream, told)
                    self.records += 1
                    if answer is not None:
                        yield answer
            except ArchiveLoadFailed as error:
                if stream.damage is None:
                    stream.damage = str(error).strip().partition("\n")[0]
            if stream.damage is not None:
                raise WarcError(self._where(stream.damage))

    def _read(self, record: Any, stream: _Stream, told: dict[str, Mapping[str, list[str]]]) -> Answer | None:
        kind, head = record.rec_type, record.rec_headers
        body = _body(record) if kind == "response" and record.http_headers else b""
        about = record.raw_stream.read(MOST_BYTES) if kind == "metadata" else b""
        while record.raw_stream.read(1 << 16):
            pass
        if getattr(record.raw_stream, "limit", 1) > 0:
            raise WarcError(self._where(stream.damage or "its end is missing"))
        if kind == "metadata":
            told[head.get_header("WARC-Refers-To") or ""] = _fields(about)
            return None
        if kind not in ("response", "revisit"):
            if kind not in _SILENT:
                self.skipped[f"{kind} record"] += 1
            return None
        about_it = told.pop(head.get_header("WARC-Record-ID") or "", {})
        url, date = head.get_header("WARC-Target-URI") or "", _date(head.get_header("WARC-Date") or "")
        if record.http_headers is None and kind == "response":
            self.skipped["no HTTP answer"] += 1  # of DNS and the like
            return None
        if date is None:
            self.skipped["record without a date"] += 1
            return None
        if body is None or len(body) > MOST_BYTES:
            self.skipped["page too large" if body else "unknown encoding of the content"] += 1
            return None
        record_id = (head.get_header("WARC-Record-ID") or f"{self.path.name}:{self.records}").strip("<>")
        http = record.http_headers
        return Answer(
            url=url,
            address=head.get_header("WARC-Source-URI") or record_id,
            fetched_at=date,
            digest=(head.get_header("WARC-Payload-Digest") or "").removeprefix("sha1:"),
            status=int(http.get_statuscode()) if http and http.get_statuscode().isdecimal() else 0,
            headers=tuple(http.headers) if http else (),
            body=body if kind == "response" else None,
            cut=bool(head.get_header("WARC-Truncated")) or _is_short(record),
            told=about_it,
        )

    def _where(self, why: str) -> str:
        return f"{self.path} cannot be read beyond its record {self.records} ({why})"


class _Stream:
    """The bytes of a file, decompressed; where they break off they end, and `damage` says why.

    One call reads no further than it must: what was read before the damage reaches the reader.
    """

    def __init__(self, file: BinaryIO) -> None:
        compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        self._source: Any = gzip.GzipFile(fileobj=file) if compressed else file
        self._offset = 0
        self.damage: str | None = None

    def read(self, size: int) -> bytes:
        if self.damage is not None:
            return b""
        try:
            data: bytes = self._source.read1(size)
        except EOFError:
            self.damage, data = "the file is cut off", b""
        except (gzip.BadGzipFile, zlib.error) as error:
            self.damage, data = f"its compression is damaged: {error}", b""
        self._offset += len(data)
        return data

    def tell(self) -> int:
        return self._offset


def _body(record: Any) -> bytes | None:
    """The page without the encodings of its way; None for an encoding that nobody here knows."""
    encoding = (record.http_headers.get_header("content-encoding") or "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate", "br", "zstd"):
        return None
    if encoding == "x-gzip":
        record.http_headers.replace_header("Content-Encoding", "gzip")
    body: bytes = record.content_stream().read(MOST_BYTES + 1)
    if encoding == "zstd":
        try:
            return zstd.decompress(body)
        except zstd.ZstdError:
            return body  # tools that undo it do not always say so
    return body


def _is_short(record: Any) -> bool:
    """Whether the record holds less of the body than the server announced."""
    announced = (record.http_headers.get_header("content-length") or "") if record.http_headers else ""
    return announced.isdecimal() and 0 <= record.payload_length < int(announced)


def _fields(block: bytes) -> Mapping[str, list[str]]:
    """The named fields of a block of type application/warc-fields, each with its values in order."""
    fields: dict[str, list[str]] = {}
    for line in block.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), []).append(value.strip())
    return fields


def _date(text: str) -> dt.datetime | None:
    """A time of WARC 1.0 or 1.1, whose fractions of a second may have one digit to nine."""
    whole, _, fraction = text.strip().removesuffix("Z").partition(".")
    try:
        time = dt.datetime.fromisoformat(whole)
        return time.replace(microsecond=int(f"{fraction:0<6}"[:6]), tzinfo=dt.UTC)
    except ValueError:
        return None
