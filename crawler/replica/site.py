"""What the replica's site holds: a pure function of (seed, days, per_day, today), plus overrides.

An issue appears every day. Its articles stand in today's list only on their day; about a quarter of them
also stand in one of the sections, a few in two, and keep standing there. An article stays addressable for
good. The text of a day does not depend on `today`: moving `Site.today` forward shows the same site one
night later.
"""

import random
from dataclasses import replace
from datetime import date, timedelta

from crawler.replica.articles import (
    CATEGORIES,
    PAPER_PAGES,
    PHOTOS,
    TODAYS_ISSUE,
    VIDEOS,
    Article,
    issue_date,
    serial,
    write_article,
)
from crawler.replica.prose import document

_MOST_MEDIA = 11  # numbers of an issue that photos and videos may take before the first article
_MEDIA_SHOWN = {PHOTOS: 50, VIDEOS: 7}


class Site:
    """The site on one day. `edit`, `withdraw` and `add` change it as editors do; `today` may move forward."""

    def __init__(
        self,
        seed: int = 7,
        days: int = 30,
        per_day: int = 40,
        today: date | None = None,
        language: str = "ko",
    ) -> None:
        if days < 1 or per_day < 1:
            raise ValueError("a site needs at least one day and one article a day")
        if per_day > 900:
            raise ValueError("per_day must be at most 900: the number in a newsId has three digits")
        self.seed, self.days, self.per_day, self.language = seed, days, per_day, language
        self.version = 0  # grows with every change: whatever was rendered before is out of date
        self._today = today or date.today()
        self._first_day = self._today - timedelta(days=days - 1)
        self._written: dict[str, Article] = {}
        self._overrides: dict[str, Article | None] = {}
        self._lists: dict[int, tuple[str, ...]] = {}

    @property
    def today(self) -> date:
        return self._today

    @today.setter
    def today(self, day: date) -> None:
        self._today = day
        self._changed()

    @property
    def articles(self) -> tuple[Article, ...]:
        """Every article of the site, oldest issue first, in the order of the issue."""
        found = (self.article(news_id) for news_id in self._news_ids())
        return tuple(article for article in found if article)

    def article(self, news_id: str) -> Article | None:
        """The article of that newsId; None where there is none, or no more, or not yet."""
        if news_id in self._overrides:
            article = self._overrides[news_id]
        elif (index := self._place(news_id)) is not None:
            if news_id not in self._written:
                self._written[news_id] = write_article(self.seed, news_id, index, self.per_day)
            article = self._written[news_id]
        else:
            return None
        if article is None or article.issue_date > self._today:
            return None
        if article.issue_date == self._today:
            return replace(article, categories=(TODAYS_ISSUE, *article.categories))
        return article

    def listed(self, category: int) -> tuple[str, ...]:
        """The newsIds in the list of a category: today's issue as printed, all others newest first."""
        if category not in self._lists:
            self._lists[category] = tuple(self._list(category))
        return self._lists[category]

    def media_title(self, news_id: str) -> str:
        """The title of a photo set or a video."""
        return document("dprk", self.seed, -serial(news_id), issue_date(news_id)).title

    def edit(self, article: Article) -> None:
        """Put a new text in the place of the article of the same newsId: `site.edit(replace(article, ...))`."""
        self._require(article.news_id)
        # That it stands in today's list is a matter of the day, not of the text.
        standing = tuple(category for category in article.categories if category != TODAYS_ISSUE)
        self._override(article.news_id, replace(article, categories=standing))

    def withdraw(self, news_id: str) -> None:
        """Take an article from all lists and from its address."""
        self._require(news_id)
        self._override(news_id, None)

    def add(self, day: date, categories: tuple[int, ...] = (5,)) -> Article:
        """Add one article to the issue of a day up to today, after all others of that day."""
        if day > self._today:
            raise ValueError(f"the issue of {day} is not out yet on {self._today}")
        index = self.per_day + sum(issue_date(news_id) == day for news_id in self._extra())
        news_id = f"{day}-{self._first_number(day) + index:03d}"
        article = write_article(self.seed, news_id, index, self.per_day)
        self._override(news_id, replace(article, page=PAPER_PAGES, categories=categories))
        return self._require(news_id)

    def _require(self, news_id: str) -> Article:
        article = self.article(news_id)
        if article is None:
            raise KeyError(f"the site has no article {news_id}")
        return article

    def _override(self, news_id: str, article: Article | None) -> None:
        self._overrides[news_id] = article
        self._changed()

    def _changed(self) -> None:
        self.version += 1
        self._lists.clear()

    def _news_ids(self) -> list[str]:
        regular = [
            f"{day}-{self._first_number(day) + index:03d}"
            for day in self._issue_days()
            for index in range(self.per_day)
        ]
        return sorted([*regular, *self._extra()])

    def _issue_days(self) -> list[date]:
        days = (self._today - self._first_day).days + 1
        return [self._first_day + timedelta(days=n) for n in range(days)]

    def _extra(self) -> list[str]:
        """The newsIds of articles that were added, withdrawn ones included: a number is never used again."""
        return [news_id for news_id in self._overrides if self._place(news_id) is None]

    def _place(self, news_id: str) -> int | None:
        """The place in its issue that a newsId stands for, None where it is not one of a regular issue."""
        try:
            day, number = issue_date(news_id), int(news_id[11:])
        except ValueError:
            return None
        index = number - self._first_number(day)
        regular = self._first_day <= day and 0 <= index < self.per_day and news_id == f"{day}-{number:03d}"
        return index if regular else None

    def _first_number(self, day: date) -> int:
        """One counter a day numbers photos, videos and articles alike; the articles come last."""
        return random.Random(f"media/{self.seed}/{day}").randint(3, _MOST_MEDIA) + 1

    def _list(self, category: int) -> list[str]:
        if category in (PHOTOS, VIDEOS):
            return self._media(category)
        if category not in CATEGORIES:
            return []
        listed = [article for article in self.articles if category in article.categories]
        if category != TODAYS_ISSUE:
            listed.sort(key=lambda article: (-article.issue_date.toordinal(), article.news_id))
        return [article.news_id for article in listed]

    def _media(self, category: int) -> list[str]:
        """Each issue's first number is a video, the others before the articles are photo sets."""
        found: list[str] = []
        for day in reversed(self._issue_days()):
            numbers = [1] if category == VIDEOS else range(2, self._first_number(day))
            found += [f"{day}-{number:03d}" for number in numbers]
        return found[: _MEDIA_SHOWN[category]]
