"""Whether the archive keeps up with the newspaper: what a monitor asks between two nights."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from crawler.pages import tokens
from crawler.pages.detect import UNKNOWN_LAYOUT
from crawler.tables import CAPTURE, GONE, WITHDRAWN, articles, crawls, failures

NIGHTLY = "rodong"  # the spider that keeps up with the newspaper
PYONGYANG = dt.timezone(dt.timedelta(hours=9))


@dataclass(frozen=True, slots=True)
class Health:
    """The state of one edition.

    `last_good_run` is the end of the last healthy run over all sections and days. `gaps` are the numbers that a day's
    articles leave out between the first and the last (photos and videos take numbers too, so a gap is worth a look and
    no proof of a loss), `missing_days` the days without any article, both within the period looked at. `waiting` are
    the failures to be mended by reason, `gone` those that cannot be. `problems` is empty for a healthy archive.
    """

    language: str
    last_good_run: dt.datetime | None
    last_outcome: str | None
    last_issue: dt.date | None
    articles: int
    gaps: Mapping[dt.date, tuple[int, ...]]
    missing_days: tuple[dt.date, ...]
    waiting: Mapping[str, int]
    gone: int
    problems: tuple[str, ...]


def examine(engine: Engine, *, language: str, now: dt.datetime, max_age: dt.timedelta, days: int) -> Health:
    """Look at the last run, the last issue and the failures, and at the issues of the last `days` days.

    Unhealthy is an archive without a good run or an issue within `max_age`, or with pages of a layout that no parser
    knows. An issue counts from the end of its day in Pyongyang.
    """
    with engine.connect() as connection:
        good = _last_good_run(connection, language, now)
        last = sa.select(crawls.c.outcome).where(_of(language)).order_by(crawls.c.id.desc()).limit(1)
        outcome = connection.scalar(last)
        own = articles.c.language == language
        count = connection.scalar(sa.select(sa.func.count()).select_from(articles).where(own)) or 0
        # Nothing that is said to be of the future proves that the present is well.
        tomorrow = now.astimezone(PYONGYANG).date() + dt.timedelta(1)
        issue = connection.scalar(
            sa.select(sa.func.max(articles.c.issue_date)).where(own, articles.c.issue_date <= tomorrow)
        )
        reasons = _reasons(connection, language)
        since = now.astimezone(PYONGYANG).date() - dt.timedelta(days)
        numbers = _numbers(connection, language, since)
    gone = sum(n for reason, n in reasons.items() if reason in (GONE, WITHDRAWN))
    waiting = {reason: n for reason, n in sorted(reasons.items()) if reason not in (GONE, WITHDRAWN)}
    problems = []
    if good is None:
        problems.append("no good run yet" if outcome is None else "no run has ended well yet")
    elif now - good > max_age:
        problems.append(f"the last good run ended {_ago(now - good)} ago")
    if issue is None:
        problems.append("no article yet")
    elif (age := now - dt.datetime.combine(issue + dt.timedelta(1), dt.time(), PYONGYANG)) > max_age:
        problems.append(f"the last issue is of {issue}, {_ago(age)} ago")
    if unknown := waiting.get(UNKNOWN_LAYOUT):
        problems.append(f"{unknown} pages of an unknown layout wait for a parser")
    return Health(
        language=language,
        last_good_run=good,
        last_outcome=outcome,
        last_issue=issue,
        articles=count,
        gaps={day: gap for day, found in numbers.items() if (gap := _gap(found))},
        missing_days=_missing_days(numbers, issue),
        waiting=waiting,
        gone=gone,
        problems=tuple(problems),
    )


def as_lines(health: Health) -> list[str]:
    """The state in words, the verdict last."""
    gaps = [f"{day} lacks {_ranges(gap)}" for day, gap in sorted(health.gaps.items())]
    waiting = [f"{count} {reason}" for reason, count in health.waiting.items()]
    good = health.last_good_run
    return [
        f"edition:          {health.language}",
        f"articles:         {health.articles}",
        f"last issue:       {health.last_issue or 'none'}",
        f"last good run:    {good.isoformat(' ', 'seconds') if good else 'none'}",
        f"last run:         {health.last_outcome or 'none'}",
        f"gaps in numbers:  {'; '.join(gaps) or 'none'}",
        f"days without one: {', '.join(map(str, health.missing_days)) or 'none'}",
        f"failures waiting: {', '.join(waiting) or 'none'}",
        f"articles gone:    {health.gone}",
        "unhealthy: " + "; ".join(health.problems) if health.problems else "healthy",
    ]


def as_prometheus(health: Health) -> list[str]:
    """The state in Prometheus' text format, for its node exporter's text files."""
    issue = dt.datetime.combine(health.last_issue, dt.time(), PYONGYANG) if health.last_issue else None
    figures: list[tuple[str, str, dict[str, str], float]] = [
        ("healthy", "1 where the archive keeps up with the newspaper", {}, not health.problems),
        ("articles", "articles in the archive", {}, health.articles),
        ("last_good_run_timestamp_seconds", "end of the last good run", {}, _stamp(health.last_good_run)),
        ("last_issue_timestamp_seconds", "day of the last issue", {}, _stamp(issue)),
        ("numbering_gaps", "numbers left out by the issues", {}, sum(map(len, health.gaps.values()))),
        ("missing_days", "days without an issue", {}, len(health.missing_days)),
        ("articles_gone", "articles that the site no longer has", {}, health.gone),
        ("failures_waiting", "pages to be had or understood", {}, sum(health.waiting.values())),
    ]
    figures += [
        ("failures_waiting_by_reason", "pages to be had or understood", {"reason": reason}, count)
        for reason, count in health.waiting.items()
    ]
    lines: list[str] = []
    for name, meaning, labels, value in figures:
        if not any(line.startswith(f"# HELP rodong_{name} ") for line in lines):
            lines += [f"# HELP rodong_{name} {meaning}", f"# TYPE rodong_{name} gauge"]
        shown = ",".join(
            f'{key}="{_escaped(text)}"' for key, text in ({"language": health.language} | labels).items()
        )
        lines.append(f"rodong_{name}{{{shown}}} {float(value):.0f}")
    return lines


def _of(language: str) -> sa.ColumnElement[bool]:
    """The runs over the newspaper's own site; those of earlier versions name no spider."""
    spider = sa.func.coalesce(crawls.c.arguments["spider"].as_string(), NIGHTLY)
    return sa.and_(crawls.c.arguments["language"].as_string() == language, spider == NIGHTLY)


def _last_good_run(connection: Connection, language: str, now: dt.datetime) -> dt.datetime | None:
    """A run over a part of the sections or days says nothing about the others, and one that ended after now was run by
    a clock that was wrong.
    """
    query = (
        sa.select(crawls.c.finished_at, crawls.c.arguments)
        .where(crawls.c.outcome == "healthy", crawls.c.finished_at <= now, _of(language))
        .order_by(crawls.c.id.desc())
    )
    for row in connection.execute(query):
        if not any(row.arguments.get(name) for name in ("sections", "since", "until")):
            return row.finished_at
    return None


def _reasons(connection: Connection, language: str) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    # What a web archive holds that nobody can read says nothing about keeping up with the newspaper.
    nightly = sa.select(failures.c.reason).where(failures.c.language == language, failures.c.kind != CAPTURE)
    for reason in connection.scalars(nightly):
        counts[reason.partition(":")[0]] += 1
    return counts


def _numbers(connection: Connection, language: str, since: dt.date) -> dict[dt.date, set[int]]:
    """The numbers of the articles by day, those that are known of and were not had included."""
    numbers: dict[dt.date, set[int]] = defaultdict(set)
    for table in (articles, failures):
        query = sa.select(table.c.news_id).where(
            table.c.language == language, table.c.news_id >= since.isoformat()
        )
        for news_id in connection.scalars(query):
            numbers[tokens.issue_date(news_id)].add(tokens.serial(news_id))
    return numbers


def _gap(found: set[int]) -> tuple[int, ...]:
    return tuple(number for number in range(min(found), max(found)) if number not in found)


def _missing_days(numbers: Mapping[dt.date, set[int]], last: dt.date | None) -> tuple[dt.date, ...]:
    """The days between the first of the period and the last issue that have no article."""
    if not numbers or last is None:
        return ()
    first = min(numbers)
    every = (first + dt.timedelta(n) for n in range((last - first).days + 1))
    return tuple(day for day in every if day not in numbers)


def _ago(age: dt.timedelta) -> str:
    hours = age.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"


def _ranges(numbers: tuple[int, ...]) -> str:
    """1, 2, 3, 7 as `1-3, 7`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _stamp(when: dt.datetime | None) -> float:
    return when.timestamp() if when else 0.0


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
