"""Text files, gzipped or not: what is in them line by line or whole, and what to say where they are damaged."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from corpus.schema import CorpusError
from corpus.tally import Tally

_CHUNK = 1 << 20


def open_bytes(path: Path) -> IO[bytes]:
    """A file for reading, unpacked if it is gzipped (by its first bytes, not by its name)."""
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == b"\x1f\x8b"
        return cast(IO[bytes], gzip.open(path)) if zipped else path.open("rb")
    except FileNotFoundError:
        raise CorpusError(f"{path} does not exist") from None
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}") from None


def head_of(path: Path) -> str:
    """How a file begins, whatever is wrong with the rest of it; bytes that are not UTF-8 are left out."""
    with open_bytes(path) as file:
        try:
            return file.read(4096).decode("utf-8-sig", errors="ignore")
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return ""


def lines_of(path: Path, tally: Tally) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of each line; a line that is not UTF-8 is counted and left out."""
    with open_bytes(path) as file:
        try:
            for number, line in enumerate(file, 1):
                try:
                    text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError:
                    tally.drop("line: not UTF-8", f"{path.name}:{number}")
                    continue
                yield number, text.rstrip("\r\n")
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise CorpusError(f"{path} is damaged or half-copied ({error}): get it again") from None


def chunks_of(path: Path) -> Iterator[str]:
    """The text of a file that is UTF-8 throughout, a megabyte at a time."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    with open_bytes(path) as file:
        try:
            while data := file.read(_CHUNK):
                yield decoder.decode(data)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise CorpusError(f"{path} is not UTF-8 ({error.reason}): convert it first") from None
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise CorpusError(f"{path} is damaged or half-copied ({error}): get it again") from None


def whole_text(path: Path) -> str:
    """The text of a file that is UTF-8 throughout."""
    return "".join(chunks_of(path))


def stem(path: Path) -> str:
    """The name of a file without what tells its format."""
    return re.sub(r"\.(txt|tsv|jsonl|json)?(\.gz)?$", "", path.name)
