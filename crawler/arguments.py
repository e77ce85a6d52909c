"""The arguments of the spider, checked before anything is asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from crawler.pages.addresses import EDITIONS
from crawler.pages.home import SECTIONS, WITHOUT_TEXT, label_key, section_number

SITE = "http://www.rodong.rep.kp"
LANGUAGES = EDITIONS
REVISIT_DAYS = 7


class ArgumentError(ValueError):
    """A wrong argument; the message says which and what would be right."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """`sections` holds numbers and, for labels that are not known here, comparison keys (`label_key`);
    empty is all.
    """

    base_url: str
    language: str
    since: dt.date | None
    until: dt.date | None
    sections: tuple[int | str, ...]
    revisit_days: int

    def wants(self, day: dt.date) -> bool:
        """Whether articles issued on a day are asked for."""
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


def parse_arguments(
    *,
    base_url: str | None = None,
    language: str | None = None,
    since: str | None = None,
    until: str | None = None,
    sections: str | None = None,
    revisit_days: str | int | None = None,
    **unknown: object,
) -> Arguments:
    """Read what was given with `-a`; an empty value means the default. Raises ArgumentError."""
    if unknown:
        known = "base_url, language, since, until, sections, revisit_days"
        raise ArgumentError(f"unknown argument {', '.join(sorted(unknown))}: there are {known}")
    url, tongue = _base_url(base_url, language)
    first, last = read_date("since", since), read_date("until", until)
    if first and last and first > last:
        raise ArgumentError(f"since={first} is after until={last}")
    return Arguments(url, tongue, first, last, _sections(sections or ""), _days(revisit_days))


def _base_url(base_url: str | None, language: str | None) -> tuple[str, str]:
    if language and language not in LANGUAGES:
        raise ArgumentError(f"language={language!r}: the editions are {', '.join(LANGUAGES)}")
    if not base_url:
        return f"{SITE}/{language or 'ko'}/", language or "ko"
    parts = read_url("base_url", base_url, f"{SITE}/ko/")
    edition = parts.path.strip("/").rpartition("/")[2]
    if language and edition in LANGUAGES and edition != language:
        raise ArgumentError(f"base_url={base_url!r} is not the edition language={language}")
    # Links on the pages are relative to the edition's folder.
    if not parts.query and "." not in edition and not base_url.endswith("/"):
        base_url += "/"
    return base_url, language or (edition if edition in LANGUAGES else "ko")


def read_url(name: str, value: str, example: str) -> SplitResult:
    """An address of the web as it is given with `-a`, in its parts. Raises ArgumentError."""
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ArgumentError(f"{name}={value!r} is not an address like {example}")
    return parts


def read_date(name: str, value: str | None) -> dt.date | None:
    """A day as it is given with `-a`; None where there is none. Raises ArgumentError."""
    if not value:
        return None
    try:
        return dt.datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise ArgumentError(f"{name}={value!r} is not a date like 2026-08-20") from None


def _days(value: str | int | None) -> int:
    if value is None or value == "":
        return REVISIT_DAYS
    try:
        days = int(value)
    except ValueError:
        days = -1
    if days < 0:
        raise ArgumentError(f"revisit_days={value!r} is not a number of days, 0 or more")
    return days


def _sections(value: str) -> tuple[int | str, ...]:
    """Split at commas, but not at the comma within a known label."""
    parts = [part.strip() for part in value.replace("，", ",").split(",") if part.strip()]
    wanted: list[int | str] = []
    while parts:
        for length in range(len(parts), 0, -1):
            number = section_number("".join(parts[:length]))
            if number is not None:
                break
        else:
            length, number = 1, int(parts[0]) if parts[0].isdecimal() else None
        if number in WITHOUT_TEXT:
            texts = ", ".join(f"{n} {label}" for n, label in SECTIONS.items())
            raise ArgumentError(f"section {number} ({WITHOUT_TEXT[number]}) has no text: choose from {texts}")
        wanted.append(label_key(parts[0]) if number is None else number)
        del parts[:length]
    return tuple(wanted)
