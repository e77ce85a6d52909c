"""The index of a web archive: what to ask a CDX server for, and its answers.

The parameters are those of the Wayback Machine's server (github.com/internetarchive/wayback, wayback-cdx-server). JSON
is asked for because only its closing bracket tells a whole answer from one that was cut off between two lines.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

FIELDS = ("timestamp", "original", "digest")
_TIMESTAMP = "%Y%m%d%H%M%S"


class CdxError(ValueError):
    """The answer is not that of a CDX server, or not a whole one."""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A capture in the index. `timestamp` is 14 digits of UTC; `digest` is the same for the same bytes."""

    timestamp: str
    original: str
    digest: str


@dataclass(frozen=True, slots=True)
class IndexPage:
    """`resume_key` leads to the next page, None on the last one; `unreadable` counts rows that are no captures."""

    rows: tuple[IndexRow, ...]
    resume_key: str | None
    unreadable: int


def query(
    cdx_url: str, prefix: str, *, since: dt.date | None, size: int, resume_key: str | None = None
) -> str:
    """The address of a page of the index: HTML pages below `prefix` that were answered with 200, captured since a day,
    without neighbours of the same bytes. A resume key goes out as it came, since it is quoted already.
    """
    parameters = [
        ("url", prefix),
        ("matchType", "prefix"),
        ("output", "json"),
        ("fl", ",".join(FIELDS)),
        ("filter", "statuscode:200"),
        ("filter", "mimetype:text/html"),
        ("collapse", "digest"),
        ("limit", str(size)),
        ("showResumeKey", "true"),
    ]
    if since is not None:
        parameters.append(("from", f"{since:%Y%m%d}"))
    key = "" if resume_key is None else f"&resumeKey={quote(resume_key, safe='%+!')}"
    return f"{cdx_url}?{urlencode(parameters)}{key}"


def read_page(text: str) -> IndexPage:
    """Read an answer: a head with the names of the fields, rows, and behind an empty row the resume key where there is
    more. Raises CdxError.
    """
    table = _table(text)
    if not table:
        return IndexPage((), None, 0)
    key = None
    if len(table) > 2 and table[-2] == [] and isinstance(table[-1], list) and len(table[-1]) == 1:
        key = str(table[-1][0])
        del table[-2:]
    if table[0] != list(FIELDS):
        raise CdxError(f"the index has other fields than {', '.join(FIELDS)}")
    found = [_row(each) for each in table[1:]]
    rows = tuple(row for row in found if row is not None)
    return IndexPage(rows, key, len(found) - len(rows))


def capture_time(timestamp: str) -> dt.datetime:
    """Raises ValueError for what is no time of a capture."""
    if len(timestamp) != 14:
        raise ValueError(f"{timestamp!r} is not 14 digits")
    return dt.datetime.strptime(timestamp, _TIMESTAMP).replace(tzinfo=dt.UTC)


def _table(text: str) -> list[Any]:
    """The answer as a list of rows; where it is whole but for single lines, those become empty rows of their own."""
    text = text.strip()
    try:
        table = json.loads(text)
    except ValueError:
        # Servers write a row a line, and a broken one among them breaks the whole for a strict reader.
        lines = text.removeprefix("[").removesuffix("]").splitlines()
        if not (text.startswith("[[") and text.endswith("]]")) or len(lines) < 2:
            raise CdxError("the index ends in the middle, or is none") from None
        table = [_line(line) for line in lines]
    if not isinstance(table, list):
        raise CdxError("the index is no list of captures")
    return table


def _line(line: str) -> Any:
    try:
        return json.loads(line.strip().removesuffix(","))
    except ValueError:
        return None


def _row(fields: Sequence[Any]) -> IndexRow | None:
    if (
        not isinstance(fields, list)
        or len(fields) != len(FIELDS)
        or not all(isinstance(f, str) for f in fields)
    ):
        return None
    try:
        capture_time(fields[0])
    except ValueError:
        return None
    return IndexRow(*fields)
