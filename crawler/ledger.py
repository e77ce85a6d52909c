"""What a run knows about the articles: which the archive holds, which failed, which lists show, which to ask for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

from crawler.archive import FailedArticle, StoredArticle
from crawler.arguments import Arguments
from crawler.items import Listed
from crawler.pages import tokens
from crawler.pages.detect import NOT_FOUND
from crawler.pages.list_page import ListEntry
from crawler.tables import GONE, WITHDRAWN

# How the site says that an address leads nowhere; see crawler/responses.py.
_NOWHERE = (NOT_FOUND, "http 404", "http 410")

PROBES = 3


@dataclass(slots=True)
class Ledger:
    """The articles of one run, each known by its newsId."""

    arguments: Arguments
    today: dt.date
    known: frozenset[str] = frozenset()
    failed: Mapping[str, FailedArticle] = field(default_factory=dict)
    # Archived articles of the last `revisit_days`, by the addresses they last had.
    recent: Sequence[ListEntry] = ()
    probed: set[str] = field(default_factory=set)
    listed: dict[str, Listed] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)

    def enter(self, section: str, entry: ListEntry) -> bool:
        """Note that a list shows an article, and say whether it is to be asked for now."""
        listed = self.listed.setdefault(entry.news_id, Listed())
        if section not in listed.sections:
            listed.sections.append(section)
        listed.page = entry.page if listed.page is None else listed.page
        if entry.news_id in self.asked or not self._due(entry.news_id):
            return False
        if failed := self.failed.get(entry.news_id):
            listed.sections.extend(each for each in failed.sections if each not in listed.sections)
        self.asked.add(entry.news_id)
        return True

    def left_over(self) -> list[ListEntry]:
        """Earlier failures that no list showed, to be asked for by their old addresses. Call it once, after the
        lists.
        """
        entries = [
            ListEntry(
                failed.news_id,
                failed.url,
                failed.title,
                "",
                failed.page,
                tokens.issue_date(failed.news_id),
                failed.author,
            )
            for failed in self.failed.values()
            if not failed.gone and failed.news_id not in self.asked
        ]
        return [
            self._enter_unlisted(entry, self.failed[entry.news_id].sections)
            for entry in self._wanted(entries)
        ]

    def probes(self) -> list[ListEntry]:
        """A few recent articles that no list showed. Whether an old address still leads to its article nobody knows
        before it was tried: a probe that does not is forgotten.
        """
        chosen = self._unlisted()[-PROBES:]  # the newest: if any addresses last, theirs do
        self.probed = {entry.news_id for entry in chosen}
        return [self._enter_unlisted(entry) for entry in chosen]

    def forget(self, news_id: str) -> None:
        """A probe that led nowhere: as if it had not been asked for."""
        self.asked.discard(news_id)
        del self.listed[news_id]

    def recent_rest(self) -> list[ListEntry]:
        """All recent articles that no list showed and that were not had yet, once a probe proved old addresses good:
        most of an issue is in today's list only, and may be edited or withdrawn tomorrow.
        """
        self.probed = set()
        return [self._enter_unlisted(entry) for entry in self._unlisted()]

    def _unlisted(self) -> list[ListEntry]:
        elsewhere = self.listed.keys() | self.failed.keys()
        return [entry for entry in self._wanted(self.recent) if entry.news_id not in elsewhere]

    def _wanted(self, entries: Iterable[ListEntry]) -> list[ListEntry]:
        return [entry for entry in entries if self.arguments.wants(tokens.issue_date(entry.news_id))]

    def _enter_unlisted(self, entry: ListEntry, sections: Sequence[str] = ()) -> ListEntry:
        self.asked.add(entry.news_id)
        self.listed[entry.news_id] = Listed(list(sections), entry.page)
        return entry

    def final_reason(self, news_id: str, reason: str, *, unlisted: bool) -> str:
        """The reason of a failure; that it is gone, where the site knew no such article in the run before either and
        no list shows it.
        """
        earlier = self.failed.get(news_id)
        if not unlisted or earlier is None or not all(map(_leads_nowhere, (reason, earlier.reason))):
            return reason
        return f"{WITHDRAWN if news_id in self.known else GONE}: {reason}"

    def is_missing(self, news_id: str, reason: str) -> bool:
        """Whether an archived article that no list shows leads nowhere for the first time: it may be withdrawn, which
        only the next run can tell, and is no fault of this one.
        """
        return news_id in self.known and news_id not in self.failed and _leads_nowhere(reason)

    def _due(self, news_id: str) -> bool:
        if news_id not in self.known or news_id in self.failed:
            return True
        return tokens.issue_date(news_id) >= self.first_recent_day

    @property
    def first_recent_day(self) -> dt.date:
        """From this day on articles are asked for again; a day that is yet to come where none are."""
        days = min(self.arguments.revisit_days, (self.today - dt.date.min).days)
        return self.today - dt.timedelta(days - 1) if days else dt.date.max


def old_entries(articles: Iterable[StoredArticle], root: str) -> list[ListEntry]:
    """Archived articles as a list below `root` would show them, by the addresses that they came by. Those of the site's
    past are left out: their addresses lead nowhere.
    """
    return [
        ListEntry(
            news_id=each.news_id,
            href=urljoin(root, f"index.php?{each.url.partition('?')[2]}"),
            title=each.title,
            genre="",
            page=each.page,
            date=each.issue_date,
            author=each.byline,
        )
        for each in articles
        if tokens.parse(each.url)
    ]


def _leads_nowhere(reason: str) -> bool:
    return reason.startswith(_NOWHERE)
