"""Text files, gzipped or not: what is in them line by line or whole, and what to say where they are damaged.

Text is UTF-8, or UTF-16 or UTF-32 where a byte order mark says so. No other encoding is guessed at: many a text can be
read as CP949 (EUC-KR) without an error and wrongly. A file that seems to be in it is refused with the command that
converts it; single lines that are not UTF-8 are counted and left out.
"""

from __future__ import annotations

import codecs
import gzip
import io
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
    """How a file begins, whatever is wrong with the rest of it; bytes that are no text are left out."""
    encoding = encoding_of(path)
    with open_bytes(path) as file:
        try:
            return file.read(4096).decode(encoding, errors="ignore")
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return ""


def lines_of(path: Path, tally: Tally) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of each line; a line that is not UTF-8 is counted and left out."""
    encoding = encoding_of(path)
    with open_bytes(path) as file:
        try:
            if encoding != "utf-8-sig":
                for number, text in enumerate(io.TextIOWrapper(file, encoding, newline="\n"), 1):
                    yield number, text.rstrip("\r\n")
                return
            for number, line in enumerate(file, 1):
                try:
                    text = line.decode(encoding if number == 1 else "utf-8")
                except UnicodeDecodeError:
                    tally.drop("line: not UTF-8", f"{path.name}:{number}")
                    continue
                yield number, text.rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise CorpusError(
                f"{path} is not {encoding.upper()} throughout ({error.reason}): convert it"
            ) from None
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise CorpusError(f"{path} is damaged or half-copied ({error}): get it again") from None


def chunks_of(path: Path) -> Iterator[str]:
    """The text of a file that is in one encoding throughout, a megabyte at a time."""
    decoder = codecs.getincrementaldecoder(encoding_of(path))()
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
    """The text of a file that is in one encoding throughout."""
    return "".join(chunks_of(path))


_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is the beginning of this one
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def encoding_of(path: Path) -> str:
    """The codec that reads the file, byte order mark and all, by its first 64 kB.

    Raises:
        CorpusError: the file seems to be in another encoding, which is named with what converts it.
    """
    with open_bytes(path) as file:
        try:
            head = file.read(1 << 16)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            head = b""  # whoever reads it meets the damage again
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    if head.count(b"\0") > len(head) // 10:
        raise CorpusError(
            f"{path} is no text, or UTF-16 without a byte order mark: convert it to UTF-8 first"
        )
    lines = head.split(b"\n")[: -1 if len(head) == 1 << 16 else None]  # the last may be cut
    foreign = [line for line in lines if not line.isascii()]
    if (
        foreign
        and len(foreign) * 10 > len(lines)  # else they are broken lines of an ASCII file
        and not any(_is(line, "utf-8") for line in foreign)
        and all(_is(line, "cp949") for line in foreign)
    ):
        raise CorpusError(
            f"{path} is not UTF-8 but CP949 (EUC-KR), it seems: convert it first, as with "
            f"`iconv -f CP949 -t UTF-8 {path.name}`"
        )
    return "utf-8-sig"


def files_in(folder: Path, pattern: str, kind: str, tally: Tally) -> list[Path]:
    """The files in a folder and below it whose paths there match, in order; others are counted, hidden ones skipped.

    Raises:
        CorpusError: there is none.
    """
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name.startswith(".") or "/." in name:
            continue
        if re.fullmatch(pattern, name):
            found.append(path)
        else:
            tally.drop(f"file: not {kind}", f"{folder.name}/{name}")
    if not found:
        raise CorpusError(f"{folder} has no {kind} file in it")
    return found


def _is(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def stem(path: Path) -> str:
    """The name of a file without what tells its format."""
    return re.sub(r"\.(txt|tsv|jsonl|json)?(\.gz)?$", "", path.name)
