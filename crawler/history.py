"""What became of an article: its texts over time, and the differences between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from crawler.tables import articles, revisions


@dataclass(frozen=True, slots=True)
class Text:
    """One text of an article, and the time from which it holds."""

    since: dt.datetime
    title: str
    subtitle: str
    body: str
    byline: str

    @property
    def lines(self) -> list[str]:
        """One line a part: `title: ...`, `subtitle: ...`, the paragraphs as they are, `byline: ...`."""
        named = [("title", self.title), ("subtitle", self.subtitle), ("", self.body), ("byline", self.byline)]
        return [
            f"{name}: {line}" if name else line for name, part in named for line in part.split("\n") if line
        ]


@dataclass(frozen=True, slots=True)
class Changed:
    """An article with more than one text."""

    news_id: str
    title: str
    texts: int
    last_change: dt.datetime


def changed_articles(engine: Engine, language: str) -> Iterator[Changed]:
    """The articles of an edition that changed, the latest change first."""
    last = sa.func.max(revisions.c.replaced_at, type_=revisions.c.replaced_at.type)
    query = (
        sa.select(articles.c.news_id, articles.c.title, sa.func.count() + 1, last)
        .join_from(articles, revisions)
        .where(articles.c.language == language)
        .group_by(articles.c.id, articles.c.news_id, articles.c.title)
        .order_by(last.desc(), articles.c.news_id)
    )
    with engine.connect() as connection:
        for row in connection.execute(query):
            yield Changed(*row)


def texts(engine: Engine, language: str, news_id: str) -> list[Text]:
    """All texts of an article, the first one first; empty where the archive has no such article."""
    parts = ("title", "subtitle", "body", "byline")
    with engine.connect() as connection:
        article = connection.execute(
            sa.select(articles).where(articles.c.language == language, articles.c.news_id == news_id)
        ).one_or_none()
        if article is None:
            return []
        earlier = connection.execute(
            sa.select(revisions)
            .where(revisions.c.article_id == article.id)
            .order_by(revisions.c.replaced_at, revisions.c.id)
        ).all()
    rows = [*earlier, article]
    # A revision says until when it held, which is since when its successor holds.
    since = [article.first_seen_at, *(row.replaced_at for row in earlier)]
    return [
        Text(when, *(getattr(row, part) for part in parts)) for when, row in zip(since, rows, strict=True)
    ]


def differences(old: Text, new: Text) -> list[str]:
    """The lines that changed, `-` the old ones and `+` the new ones, within changed lines `[-old-]{+new+}`."""
    shown = []
    before, after = old.lines, new.lines
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "replace" and b - a == d - c:
            shown += [f"  {_marked(x, y)}" for x, y in zip(before[a:b], after[c:d], strict=True)]
        elif kind != "equal":
            shown += [f"- {line}" for line in before[a:b]] + [f"+ {line}" for line in after[c:d]]
    return shown


def _marked(old: str, new: str) -> str:
    """A line with its changed words marked, as `wdiff` writes it."""
    before, after = old.split(" "), new.split(" ")
    parts = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(" ".join(before[a:b]))
        else:
            gone, come = " ".join(before[a:b]), " ".join(after[c:d])
            parts.append((f"[-{gone}-]" if b > a else "") + (f"{{+{come}+}}" if d > c else ""))
    return " ".join(parts)
