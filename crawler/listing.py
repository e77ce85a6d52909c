"""The book-keeping of one list while it is read, which in the end says whether the list was read
completely.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.pages.list_page import ListPage

MAX_RESTARTS = 2


@dataclass(slots=True)
class Listing:
    """One section's list. Complete is: every linked page read, and as many distinct articles as the
    list declares.

    A list that grows while it is read shifts its articles over the pages, so a changed total starts it
    anew; pages of an earlier `start` then no longer count.
    """

    label: str
    category: int
    keyword: str
    url: str
    start: int = 0
    total: int | None = None
    news_ids: set[str] = field(default_factory=set)
    asked: set[int] = field(default_factory=lambda: {1})
    answered: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    unstable: bool = False

    def key(self, number: int | None) -> str:
        """The name of a page of this list, or what the names of all its pages begin with."""
        return f"{self.category}{self.keyword}:{'' if number is None else number}"

    def read(self, number: int, page: ListPage) -> dict[int, str]:
        """Enter a page and return the addresses to ask for now, by page number; after a restart the
        first page.
        """
        if None not in (self.total, page.total) and page.total != self.total:
            if self.start < MAX_RESTARTS:
                self.start += 1
                self.total = None
                self.news_ids, self.asked, self.answered, self.failed = set(), {1}, set(), set()
                return {1: self.url}
            self.unstable = True
        self.total = self.total if page.total is None else page.total
        self.answered.add(number)
        self.news_ids.update(entry.news_id for entry in page.entries)
        links = {n: href for n, href in sorted(page.links.items()) if n >= 1 and n not in self.asked}
        self.asked.update(links)
        return links

    def fail(self, number: int) -> None:
        """Enter a page that could not be had or read."""
        self.failed.add(number)

    @property
    def finished(self) -> bool:
        return self.asked == self.answered | self.failed

    def problem(self) -> str | None:
        """Why the list does not count as complete, or None."""
        if self.failed:
            return f"{len(self.failed)} of {len(self.asked)} pages failed"
        if not self.finished:
            return f"{len(self.asked - self.answered)} of {len(self.asked)} pages were never answered"
        if self.unstable:
            return "its size kept changing while it was read"
        if self.total is None and len(self.asked) == 1:
            return "it declares no total and links no further pages, which proves nothing"
        if self.total is not None and len(self.news_ids) != self.total:
            return f"{len(self.news_ids)} of {self.total} articles found"
        return None
