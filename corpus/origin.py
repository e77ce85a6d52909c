"""Digests of what a corpus is made from: an export that finds them as they were has nothing to do."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from unicodedata import unidata_version

from corpus.schema import CorpusError
from corpus.sources import Source


def made_from(sources: Sequence[Source]) -> dict[str, Any]:
    """What the manifest notes of the sources as they are now, and of the program that reads them."""
    return {"sources": [digest_of(source) for source in sources], "program": program()}


def digest_of(source: Source) -> str | None:
    """A digest of what a source holds, wherever it lies; None for what can be read only once, such as a pipe.

    Of files it is their bytes: sizes and times differ between two copies of the same text, and may be the same for
    two texts. Of an archive it is what a corpus takes of each article: a crawl renews times and counters every night.

    Raises:
        CorpusError: nothing there, or it cannot be read.
    """
    if source.kind == "archive":
        return _digest_of_archive(source.location)
    path = Path(source.location)
    try:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.is_file())
            lines = (f"{each.relative_to(path).as_posix()}\0{_digest_of_file(each)}\n" for each in inside)
            return hashlib.sha256("".join(lines).encode()).hexdigest()
        return _digest_of_file(path) if path.is_file() or not path.exists() else None
    except FileNotFoundError:
        raise CorpusError(f"{path} does not exist") from None
    except OSError as error:
        raise CorpusError(f"{error.filename or path} cannot be read: {error.strerror}") from None


@lru_cache(maxsize=1)
def program() -> str:
    """A digest of the code and tables of this package, and of the libraries that decide about text and bytes."""
    digest = hashlib.sha256()
    package = files("corpus")
    for each in sorted(package.iterdir(), key=lambda entry: entry.name):
        if each.name.endswith((".py", ".tsv")):
            digest.update(each.name.encode() + b"\0" + each.read_bytes())
    for library in ("pyarrow", "rensa"):
        digest.update(f"{library} {version(library)}\n".encode())
    digest.update(unidata_version.encode())
    return digest.hexdigest()


def _digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of_archive(location: str) -> str:
    import sqlalchemy as sa
    from sqlalchemy.exc import SQLAlchemyError

    from crawler.archive import ArchiveError, article_sections, articles, open_archive

    try:
        engine = open_archive(location, read_only=True)
    except ArchiveError as error:
        raise CorpusError(f"{error} (here: --source archive:URL)") from error
    told = ("news_id", "issue_date", "title", "subtitle", "body")
    texts = sa.select(articles.c.id, *(articles.c[name] for name in told)).where(articles.c.language == "ko")
    sections = sa.select(article_sections).order_by(article_sections.c.article_id, article_sections.c.section)
    digest = hashlib.sha256()
    try:
        with engine.connect().execution_options(yield_per=500) as connection:
            filed = {
                article: [section for _, section in group]
                for article, group in groupby(connection.execute(sections), key=itemgetter(0))
            }
            for article, *values in connection.execute(
                texts.order_by(articles.c.issue_date, articles.c.news_id)
            ):
                digest.update(repr((*map(str, values), filed.get(article, []))).encode())
    except SQLAlchemyError as error:
        detail = str(getattr(error, "orig", error)).partition("\n")[0]
        raise CorpusError(f"the archive {location.rpartition('@')[2]} cannot be read: {detail}") from error
    finally:
        engine.dispose()
    return digest.hexdigest()
