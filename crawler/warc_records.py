"""Reading WARC files, whoever wrote them: their HTTP answers with the bodies decoded, up to where a file is damaged."""

from __future__ import annotations

import datetime as dt
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import brotli
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST_BYTES = 32 * 1024 * 1024  # of a page, as in the crawl
_LOADER = ArcWarcRecordLoader(verify_http=False)
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
            unsure, held = False, None
            try:
                # Without their HTTP part, which warcio would read from a record whose own head was cut off.
                for record in ArchiveIterator(stream, no_record_parse=True):
                    # A record is whole for sure when the next one begins: its checksum stands behind it.
                    self.records += unsure
                    if held is not None:
                        yield held
                    unsure, held = False, None
                    self.position = file.tell()
                    held = self._read(record, stream, told)
                    unsure = True
            except ArchiveLoadFailed as error:
                stream.damage = stream.damage or str(error).strip().partition("\n")[0]
            if unsure and not stream.corrupt:
                self.records += 1
                if held is not None:
                    yield held
            if not self.records and stream.damage is None:
                stream.damage = "it is empty"
            if stream.damage is not None:
                raise WarcError(self._where(stream.damage))

    def _read(self, record: Any, stream: _Stream, told: dict[str, Mapping[str, list[str]]]) -> Answer | None:
        kind, head = record.rec_type, record.rec_headers
        url = head.get_header("WARC-Target-URI") or ""
        if not (head.get_header("Content-Length") or "").strip().isdecimal():
            raise WarcError(self._where(stream.damage or "the head of the next one is cut off"))
        _read_http_headers(record, url)
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
        date = _date(head.get_header("WARC-Date") or "")
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


def _read_http_headers(record: Any, url: str) -> None:
    """Give a record the head of its HTTP answer, None where it has none."""
    start = record.raw_stream.tell()
    try:
        record.http_headers = _LOADER.load_http_headers(
            record.rec_type, url, record.raw_stream, record.length
        )
    except EOFError:
        record.http_headers = None
    record.payload_length = record.length - (record.raw_stream.tell() - start)


class _Stream:
    """The bytes of a file, decompressed member by member; where they break off they end, and `damage` says why.

    What was read last may be wrong where they are `corrupt`: the checksum stands behind it.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        self._file, self._ahead, self._offset = file, b"", 0
        self._member: Any = None
        self._given = 0  # bytes of the present member
        self.damage: str | None = None
        self.corrupt = False

    def read(self, size: int) -> bytes:
        data = b""
        while not data and self.damage is None:
            packed = self._ahead or self._file.read(size)
            self._ahead = b""
            if not packed:
                if self._member is not None:
                    self.damage = "the file is cut off"
                break
            data = self._inflate(packed) if self._compressed else packed
        self._offset += len(data)
        return data

    def tell(self) -> int:
        return self._offset

    def _inflate(self, packed: bytes) -> bytes:
        if self._member is None:
            self._member, self._given = zlib.decompressobj(31), 0
        try:
            data: bytes = self._member.decompress(packed)
        except zlib.error as error:
            self.damage, self.corrupt = f"its compression is damaged: {error}", self._given > 0
            return b""
        self._given += len(data)
        if self._member.eof:
            self._ahead, self._member = self._member.unused_data, None
        return data


def _body(record: Any) -> bytes | None:
    """The page without the encodings of its way; None for an encoding that nobody here knows."""
    in_chunks = (record.http_headers.get_header("transfer-encoding") or "").strip().lower() == "chunked"
    stream = ChunkedDataReader(record.raw_stream) if in_chunks else record.raw_stream
    encoding = (record.http_headers.get_header("content-encoding") or "").strip().lower()
    body: bytes = stream.read(MOST_BYTES + 1)
    try:
        return _decoded(body, encoding)
    except (zlib.error, brotli.error, zstd.ZstdError):
        return body  # tools that undo it do not always say so


def _decoded(body: bytes, encoding: str) -> bytes | None:
    """Not warcio's own way, which lacks zstd and does not know the present brotli."""
    most = MOST_BYTES + 1
    match encoding:
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            return zlib.decompressobj(31).decompress(body, most)
        case "deflate":
            try:
                return zlib.decompressobj().decompress(body, most)
            except zlib.error:  # many servers leave out the two bytes of the head
                return zlib.decompressobj(-15).decompress(body, most)
        case "br":
            return bytes(brotli.Decompressor().process(body, output_buffer_limit=most))
        case "zstd":
            return zstd.ZstdDecompressor().decompress(body, most)
    return None


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
