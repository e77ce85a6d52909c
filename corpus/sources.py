"""Readers of every kind of source, each a stream of `Document`s.

A source is written KIND:LOCATION. Files may be gzipped, whatever their name. What a reader cannot use it counts in
the `Tally`; a source that is not what its kind says, or of which nothing could be read, is a `CorpusError`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.documents import Document
from corpus.files import files_in, lines_of, stem, whole_text
from corpus.records import read_json
from corpus.schema import CorpusError
from corpus.tally import Tally


@dataclass(frozen=True, slots=True)
class Source:
    """KIND:LOCATION, as the command line has it."""

    kind: str
    location: str

    @classmethod
    def parse(cls, text: str) -> Source:
        """Raises `CorpusError` for a kind that `READERS` does not have."""
        kind, colon, location = text.partition(":")
        if kind not in READERS or not colon or not location:
            kinds = ", ".join(f"{name}:" for name in READERS)
            raise CorpusError(f"{text!r} is no source: write KIND:LOCATION, where KIND: is one of {kinds}")
        return cls(kind, location)

    @property
    def label(self) -> str:
        """KIND:NAME, with the last part of the location only: no folder of this machine, no password."""
        tail = self.location.rstrip("/").replace("\\", "/").rpartition("/")[2].partition("?")[0]
        return f"{self.kind}:{tail or self.location}"

    def read(self, tally: Tally) -> Iterator[Document]:
        """Raises `CorpusError` for what cannot be read, and for a source in which there is no document."""
        before = Counter(tally.dropped)
        empty = True
        for document in READERS[self.kind](self.location, tally):
            empty = False
            yield document
        if empty:
            reasons = ", ".join(f"{count:,} × {reason}" for reason, count in (tally.dropped - before).items())
            raise CorpusError(
                f"{self.label} holds no document ({reasons or 'it is empty'}): mend it or leave it out"
            )


def _archive(location: str, tally: Tally) -> Iterator[Document]:
    """The Korean edition in a crawl's database, by day; an article's subtitle is its first paragraph."""
    from sqlalchemy.exc import SQLAlchemyError

    from crawler.archive import ArchiveError, open_archive, read_articles, same_articles

    try:
        engine = open_archive(location, read_only=True)
    except ArchiveError as error:
        raise CorpusError(f"{error} (here: --source archive:URL)") from error
    empty = True
    try:
        # The old site and its successors number one article differently, and web archives hold it from both.
        again = same_articles(engine, "ko")
        for article in read_articles(engine, language="ko"):
            empty = False
            if first := again.get(article.news_id):
                reason = "document: the same article under a later number"
                tally.drop(reason, f"ko/{article.news_id}", like=f"ko/{first}")
                continue
            yield Document(
                id=f"{article.language}/{article.news_id}",
                text=f"{article.subtitle}\n{article.body}",
                title=article.title or None,
                date=article.issue_date,
                section="; ".join(article.sections) or None,
            )
    except SQLAlchemyError as error:
        detail = str(getattr(error, "orig", error)).partition("\n")[0]
        raise CorpusError(f"the archive {location.rpartition('@')[2]} cannot be read: {detail}") from error
    finally:
        engine.dispose()
    if empty:
        raise CorpusError(
            "nothing to export: the archive holds no article of the Korean edition; run `scrapy crawl rodong` first"
        )


def _newyear(location: str, tally: Tally) -> Iterator[Document]:
    """New Year addresses, one file YYYY.txt a year; prefaces and press agencies' lines are cut and counted."""
    folder = Path(location)
    if not folder.is_dir():
        raise CorpusError(f"{folder} is not a folder: newyear: takes a folder of YYYY.txt files")
    for path in files_in(folder, r"\d{4}\.txt(\.gz)?", "YYYY.txt", tally):
        year = int(path.name[:4])
        lines = [line.strip() for line in whole_text(path).splitlines()]
        title, body = _without_preface([line for line in lines if line], f"newyear/{year}", tally)
        yield Document(f"newyear/{year}", "\n".join(body), title, dt.date(year, 1, 1), "신년사")


_ORIGINAL_FOLLOWS = re.compile(r"원\s*문")  # the line between the South-Korean preface and the address
_PRESS_HEAD = re.compile(
    r"연합뉴스|송고\s*$|정보보고|다음은.*(전문|제목|공동사설|신문)|북한.*(전문|신년사|공동사설)|\*{5,}\s*$"
    r"|^\[?\W*\d{4}[-년. ]+\d{1,2}[-월. ]+\d{1,2}[일.]?\s*((오전|오후)?\s*[\d:시분 ]+)?\]?$|^\W*(공동사설\W*)?원문$"
)
_PRESS_FOOT = re.compile(r"^\(끝\)|저작권자|^☞|^-{5,}$|저작집.*pp?\.")
_HEAD, _FOOT = 6, 3  # how many lines at either end may be the press's


def _without_preface(lines: list[str], name: str, tally: Tally) -> tuple[str | None, list[str]]:
    """The title (the first line) and the lines of the address itself."""
    for index, line in enumerate(lines):
        if _ORIGINAL_FOLLOWS.fullmatch(line):
            preface = "\n".join(lines[1 : index + 1])
            tally.drop("preface: cut from a New Year address", name, text=preface)
            title: str | None = lines[0]
            lines = lines[index + 1 :]
            break
    else:
        reason = "line: a note of the press at the head of a New Year address"
        lines = _kept(lines[:_HEAD], _PRESS_HEAD, reason, name, tally) + lines[_HEAD:]
        # A headline has no stop; without one the address begins at once.
        title = lines.pop(0) if lines and not re.search(r"[.!?！．]\W*$", lines[0]) else None
    reason = "line: a note of the publisher at the foot of a New Year address"
    return title, lines[:-_FOOT] + _kept(lines[-_FOOT:], _PRESS_FOOT, reason, name, tally)


def _kept(lines: list[str], unwanted: re.Pattern[str], reason: str, name: str, tally: Tally) -> list[str]:
    kept = []
    for line in lines:
        if unwanted.search(line):
            tally.drop(reason, name, text=line)
        else:
            kept.append(line)
    return kept


def _kornli(location: str, tally: Tally) -> Iterator[Document]:
    """KorNLI: premise and hypothesis joined by a space make one row, as in the paper (section 5.1)."""
    path = Path(location)
    rows = lines_of(path, tally)
    if next(rows, (0, ""))[1].split("\t") != ["sentence1", "sentence2", "gold_label"]:
        raise CorpusError(f"{path} is not KorNLI: its first line should be sentence1, sentence2, gold_label")
    for number, line in rows:
        columns = line.split("\t")  # no quoting: a " in these files is a "
        if len(columns) == 3 and columns[0].strip() and columns[1].strip():
            yield Document(f"{stem(path)}/{number - 1}", f"{columns[0]} {columns[1]}", split=False)
        else:
            tally.drop("line: not a premise, a hypothesis and a label", f"{path.name}:{number}")


def _text(location: str, tally: Tally) -> Iterator[Document]:
    """A file is a document a line; a folder is a document a file (*.txt, *.txt.gz, in it and below it)."""
    path = Path(location)
    if path.is_dir():
        for file in files_in(path, r".*\.txt(\.gz)?", ".txt", tally):
            yield Document(file.relative_to(path).as_posix().partition(".txt")[0], whole_text(file))
    else:
        for number, line in lines_of(path, tally):
            if line.strip():
                yield Document(f"{stem(path)}/{number}", line)


READERS: dict[str, Callable[[str, Tally], Iterator[Document]]] = {
    "archive": _archive,
    "newyear": _newyear,
    "kornli": _kornli,
    "jsonl": read_json,
    "text": _text,
}
