"""The index and the raw captures of the stand-in web archive over HTTP, as the Wayback Machine answers them.

Parameters and formats are those of the CDX server's description (github.com/internetarchive/wayback,
wayback-cdx-server/README.md): `url` with `matchType=prefix`, `fl`, `filter`, `collapse`, `from`, `to`, `limit`,
`showResumeKey`, `resumeKey`, and `output=json`.
"""

import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qs, quote_plus, urlsplit

from crawler.replica.faults import Response
from crawler.replica.web_archive import Capture, WebArchive

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
INDEX = "/cdx/search/cdx"

_REPLAY = re.compile(r"/web/(\d{4,14})id_/(.+)")


def answer(archive: WebArchive, path: str) -> tuple[Response, str]:
    """The answer to a path with its query, and the newsId of the capture that it asks for ("" for none)."""
    if urlsplit(path).path == INDEX:
        return _index(archive, parse_qs(urlsplit(path).query)), ""
    match = _REPLAY.fullmatch(path)
    found = archive.find(*match.groups()) if match else None
    if match is None or found is None or not found.body:
        return Response(b"<html><body><p>The page was not archived.</p></body></html>", 404), ""
    if found.timestamp != match[1]:
        return Response(b"", 302, headers=(("Location", f"/web/{found.timestamp}id_/{found.original}"),)), ""
    headers = (
        ("x-archive-orig-server", "Apache"),
        ("x-archive-orig-content-type", "text/html; charset=utf-8"),
    )
    return Response(found.body, int(found.status), headers=headers), found.news_id


def _index(archive: WebArchive, given: dict[str, list[str]]) -> Response:
    one = {name: values[-1] for name, values in given.items()}
    if "url" not in one:
        return Response(b"<html><body>url= is missing</body></html>", 400)
    fields = tuple(one["fl"].split(",")) if "fl" in one else FIELDS
    rows = [_row(each) for each in archive.captures if not each.original or _is_wanted(each, one)]
    rows = _collapsed(_filtered(rows, given.get("filter", ())), one.get("collapse", ""))
    rows = [row for row in rows if _place(row) > one.get("resumeKey", "").removesuffix("!")]
    limit = int(one.get("limit", 150_000))
    more = "showResumeKey" in one and len(rows) > limit
    rows = rows[:limit]
    key = quote_plus(_place(rows[-1]) + "!") if more else ""
    table = [[row[name] for name in fields] if row["original"] != "-" else [row["timestamp"]] for row in rows]
    if one.get("output") == "json":
        head: list[list[str]] = [list(fields)] if table else []
        lines = head + table + ([[], [key]] if key else [])
        text = "[" + ",\n ".join(json.dumps(line) for line in lines) + "]\n"
        return Response(text.encode(), content_type="application/json")
    text = "".join(" ".join(line) + "\n" for line in table) + (f"\n{key}\n" if key else "")
    return Response(text.encode(), content_type="text/plain; charset=utf-8")


def _row(capture: Capture) -> dict[str, str]:
    values = (capture.urlkey, capture.timestamp, capture.original or "-", capture.mimetype, capture.status)
    return dict(zip(FIELDS, (*values, capture.digest, str(len(capture.body))), strict=True))


def _place(row: dict[str, str]) -> str:
    return f"{row['urlkey']} {row['timestamp']}"


def _is_wanted(capture: Capture, one: dict[str, str]) -> bool:
    wanted = one["url"].removeprefix("http://").removeprefix("www.").removesuffix("*").lower()
    own = capture.original.removeprefix("http://").removeprefix("www.").replace(":80", "").lower()
    prefix = one.get("matchType") == "prefix" or one["url"].endswith("*")
    if not (own.startswith(wanted) if prefix else own == wanted):
        return False
    first, last = one.get("from", ""), one.get("to", "")
    stamp = capture.timestamp
    return stamp[: len(first)] >= first and (not last or stamp[: len(last)] <= last)


def _filtered(rows: list[dict[str, str]], filters: Iterable[str]) -> list[dict[str, str]]:
    for each in filters:
        name, _, pattern = each.removeprefix("!").partition(":")
        wanted = not each.startswith("!")
        rows = [row for row in rows if bool(re.fullmatch(pattern, row[name])) is wanted]
    return rows


def _collapsed(rows: Sequence[dict[str, str]], field: str) -> list[dict[str, str]]:
    """Of neighbours that agree in a field (or its first N characters) the first."""
    name, _, length = field.partition(":")
    if not name:
        return list(rows)
    values = [row[name][: int(length) if length else None] for row in rows]
    return [row for n, row in enumerate(rows) if n == 0 or values[n] != values[n - 1]]
