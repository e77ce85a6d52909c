"""JSON: an object a line, a list of objects, or the one object {"data": [...]} that the original DPRK-BERT reads."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.documents import Document
from corpus.files import chunks_of, files_in, head_of, lines_of, stem
from corpus.schema import CorpusError
from corpus.tally import Tally

# Up to the first element; of an object, its list may stand behind a version or a name.
_LIST = re.compile(r'\s*(?:\{(?:\s*"\w+"\s*:\s*(?:"[^"]*"|[\d.]+|null)\s*,)*\s*"data"\s*:\s*\[|\[(?=\s*\{))')


def read_json(location: str, tally: Tally) -> Iterator[Document]:
    """A document a record: `text` (or `body`, `data`), and if known `id`, `title`, `date` or `year`, `section`.

    Records are the lines of the file, or, where it begins {"data": [ or [{, the elements of that list. Of a folder,
    every file is read.
    """
    path = Path(location)
    if path.is_dir():
        for file in files_in(path, r".*\.jsonl?(\.gz)?", ".jsonl or .json", tally):
            yield from _file(file, file.relative_to(path).with_name(stem(file)).as_posix(), tally)
    else:
        yield from _file(path, stem(path), tally)


def _file(path: Path, name: str, tally: Tally) -> Iterator[Document]:
    whole = _LIST.match(head_of(path)) is not None
    unit = "record" if whole else "line"
    good = bad = 0
    for number, record in _elements(path) if whole else _line_records(path, tally):
        place = f"{path.name}:{number}"
        document = _document(record, f"{name}/{number}", place, tally)
        if document is None:
            bad += 1
            tally.drop(f"{unit}: not a JSON object with a text", place)
        else:
            good += 1
            yield document
    if bad and not good:
        kind = "the JSON of a corpus" if whole else "JSON lines"
        raise CorpusError(f"{path} is not {kind}: none of its {bad:,} {unit}s is an object with a text")


def _line_records(path: Path, tally: Tally) -> Iterator[tuple[int, Any]]:
    for number, line in lines_of(path, tally):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, None


def _elements(path: Path) -> Iterator[tuple[int, Any]]:
    """The elements of the list, one by one: a file of any size costs the memory of its longest element."""
    decode = json.JSONDecoder().raw_decode
    chunks = chunks_of(path)
    text = next(chunks)
    head = _LIST.match(text)
    place = head.end() if head else 0
    number = done = 0
    while True:
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        if text[place : place + 1] == "]":
            return
        try:
            record, end = decode(text, place)
            whole = end < len(text)  # a number at the end of a chunk may go on
        except RecursionError:
            raise CorpusError(f"{path} is no JSON of a corpus: element {number + 1:,} is too deep") from None
        except ValueError:
            whole = False
        if whole:
            number, place = number + 1, end
            yield number, record
        else:
            more = next(chunks, None)
            if more is None:
                raise CorpusError(
                    f"{path} is damaged or half-copied: no JSON after character {done + place:,}"
                ) from None
            done += place
            text, place = text[place:] + more, 0


def _document(record: Any, default_id: str, place: str, tally: Tally) -> Document | None:
    try:
        text = next(value for key in ("text", "body", "data") if isinstance(value := record.get(key), str))
        text.encode()  # an escaped half of a surrogate pair is no text
    except (UnicodeEncodeError, AttributeError, StopIteration):
        return None
    date = record.get("date") or record.get("year")
    day = _date(date)
    if date and day is None:
        tally.drop("date: not YYYY-MM-DD or a year, document kept without it", place)
    return Document(
        id=_string(record.get("id")) or default_id,
        text=text,
        title=_string(record.get("title")),
        date=day,
        section=_string(record.get("section")) or _string(record.get("kind")),
    )


def _string(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and str(value).strip() else None


def _date(value: Any) -> dt.date | None:
    """A day; of a bare year its first day."""
    try:
        if re.fullmatch(r"\d{4}", str(value)):
            return dt.date(int(value), 1, 1)
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
