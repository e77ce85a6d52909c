"""What pipeline, report and progress bar ask of a spider, whichever way it walks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import scrapy


class ArchivingSpider(scrapy.Spider, ABC):
    """`arguments` is a dataclass of each spider's own. `fatal` says why the run could not do its work, `findings` what
    keeps it from being healthy, `notes` what is worth a look.
    """

    arguments: Any

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.fatal: str | None = None
        self.findings: list[str] = []
        self.notes: list[str] = []

    @property
    @abstractmethod
    def progress(self) -> tuple[int, int]:
        """Articles answered, of articles asked for so far."""

    @abstractmethod
    def counts(self) -> dict[str, int]:
        """How many articles were listed, and how many pages were requested."""

    @abstractmethod
    def summary(self) -> str:
        """The first half of a sentence that goes on with the articles that were new, changed and so on."""

    @abstractmethod
    def details(self) -> Mapping[str, Any]:
        """What the JSON report holds of this kind of walk alone."""

    @abstractmethod
    def conclude(self) -> list[str]:
        """All that keeps this run from being healthy, once it has ended; the failures are counted elsewhere."""
