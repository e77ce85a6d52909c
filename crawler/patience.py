"""When a crawl should stop asking: a site that no longer answers, or that refuses, is not asked for every article."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SILENCE = (
    10  # requests in a row without an answer, or with a server error, each tried RETRY_TIMES + 1 times
)
MAX_BLOCKS = 3  # block pages, 403 and lasting 429 in a row


@dataclass(slots=True)
class Patience:
    """Counts what comes in a row; each method returns why the crawl should stop, or None."""

    silent: int = 0
    blocked: int = 0

    def after_silence(self) -> str | None:
        self.silent += 1
        return "the site stopped answering" if self.silent >= MAX_SILENCE else None

    def after_block(self) -> str | None:
        self.silent = 0
        self.blocked += 1
        return "the site or a filter blocks this crawl" if self.blocked >= MAX_BLOCKS else None

    def after_answer(self) -> None:
        self.silent = self.blocked = 0
