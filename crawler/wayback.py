"""The walk through a web archive: its arguments, and which captures of which articles are worth asking for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from crawler.arguments import LANGUAGES, ArgumentError, read_date, read_url
from crawler.captures import Tried
from crawler.cdx import IndexRow
from crawler.pages import tokens
from crawler.pages.addresses import read_address

CDX_URL = "https://web.archive.org/cdx/search/cdx"
REPLAY_URL = "https://web.archive.org/web/"
MOST_CAPTURES = 3  # that differ, tried for one article in all runs together


@dataclass(frozen=True, slots=True)
class WaybackArguments:
    cdx_url: str
    replay_url: str
    language: str
    since: dt.date | None
    until: dt.date | None

    def wants(self, day: dt.date) -> bool:
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    def capture_address(self, row: IndexRow) -> str:
        """Of the capture as it was received: `id_` keeps a web archive from rewriting the links in it."""
        return f"{self.replay_url}{row.timestamp}id_/{row.original}"


def parse_wayback_arguments(
    *,
    cdx_url: str | None = None,
    replay_url: str | None = None,
    language: str | None = None,
    since: str | None = None,
    until: str | None = None,
    **unknown: object,
) -> WaybackArguments:
    """Read what was given with `-a`; an empty value means the default. Raises ArgumentError."""
    if unknown:
        known = "since, until, language, cdx_url, replay_url"
        raise ArgumentError(f"unknown argument {', '.join(sorted(unknown))}: there are {known}")
    if language and language not in LANGUAGES:
        raise ArgumentError(f"language={language!r}: the editions are {', '.join(LANGUAGES)}")
    if bool(cdx_url) != bool(replay_url):
        raise ArgumentError("cdx_url and replay_url belong together: give both or none")
    first, last = read_date("since", since), read_date("until", until)
    if first and last and first > last:
        raise ArgumentError(f"since={first} is after until={last}")
    index, replay = cdx_url or CDX_URL, replay_url or REPLAY_URL
    read_url("cdx_url", index, CDX_URL)
    read_url("replay_url", replay, REPLAY_URL)
    return WaybackArguments(index, replay.rstrip("/") + "/", language or "ko", first, last)


@dataclass(slots=True)
class Candidates:
    """The captures of the index by article."""

    arguments: WaybackArguments
    captures: dict[str, list[IndexRow]] = field(default_factory=lambda: defaultdict(list))
    rows: int = 0
    others: int = 0

    def add(self, rows: Iterable[IndexRow]) -> None:
        """Take in the captures of articles of the edition and the period; what else the site has is only counted."""
        for row in rows:
            self.rows += 1
            address = read_address(row.original)
            if address is None or address.news_id is None or address.language != self.arguments.language:
                self.others += 1
            elif self.arguments.wants(tokens.issue_date(address.news_id)):
                self.captures[address.news_id].append(row)

    def plan(self, held: Collection[str], tried: Iterable[Tried]) -> dict[str, list[IndexRow]]:
        """The captures to ask for, by article in the order of the issues.

        What the archive holds is not asked for. Of the captures of an article those that differ are tried, the newest
        first, and MOST_CAPTURES at the most; what was tried in earlier runs counts.
        """
        before: dict[str, set[str]] = defaultdict(set)
        for each in tried:
            before[each.news_id].add(each.digest)
        plan = {}
        for news_id in sorted(self.captures):
            if news_id not in held and (rows := _worth_trying(self.captures[news_id], before[news_id])):
                plan[news_id] = rows
        return plan


def _worth_trying(rows: Iterable[IndexRow], tried: Collection[str]) -> list[IndexRow]:
    seen, chosen = set(tried), []
    for row in sorted(rows, key=lambda each: (each.timestamp, each.original), reverse=True):
        if len(seen) >= MOST_CAPTURES:
            break
        if row.digest not in seen:
            seen.add(row.digest)
            chosen.append(row)
    return chosen
