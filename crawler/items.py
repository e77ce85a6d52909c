"""What the spider hands to the archive: plain records, each one thing that was learnt from the site."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from crawler.pages.list_page import ListEntry


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as received; `encoding` is the one that its text was read with. `headers` are those of the response, names
    and values as Latin-1; a compressed answer's are without its Content-Encoding, as `content` is.
    """

    kind: str
    url: str
    status: int
    encoding: str
    content: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(slots=True)
class Listed:
    """What the lists of a run tell about one article: their sections, and the page of the printed paper."""

    sections: list[str] = field(default_factory=list)
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """An article that was read.

    Lists and articles come in any order: `listed` may still grow until the record is stored.
    """

    language: str
    news_id: str
    issue_date: dt.date
    page: int | None
    title: str
    subtitle: str
    body: str = field(repr=False)
    byline: str
    url: str
    layout: str
    listed: Listed
    raw: RawPage


@dataclass(frozen=True, slots=True)
class Sighting:
    """A list shows an article that need not be asked for: its section, and the paper's page where the
    list tells.
    """

    language: str
    news_id: str
    section: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be had or understood. `kind` is article, list or home; `key` names it within its kind; `entry`
    is what a list told of an article.
    """

    language: str
    kind: str
    key: str
    url: str
    reason: str
    sections: Sequence[str] = ()
    raw: RawPage | None = None
    entry: ListEntry | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """An article that is about to be asked for by this address; forgotten as soon as the archive has it."""

    language: str
    url: str
    sections: Sequence[str]
    entry: ListEntry


@dataclass(frozen=True, slots=True)
class Recovered:
    """Failures of this kind whose key begins with `prefix` are over."""

    language: str
    kind: str
    prefix: str


SiteRecord = Article | Sighting | Failure | Pending | Recovered


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture of an article, made by others at another time. `address` is where it can be had again: of the capture
    in a web archive, or the id of a record in a WARC file; `digest` says which captures are of the same bytes.

    `article` is what it gave; None with the `reason` where it gave none.
    """

    language: str
    news_id: str
    address: str
    captured_at: dt.datetime
    digest: str
    article: Article | None
    reason: str = ""
    raw: RawPage | None = None
    sections: Sequence[str] = ()


Record = SiteRecord | Capture
