"""Dates as the site writes them, in its three languages and its two calendars."""

from __future__ import annotations

import datetime as dt
import re

JUCHE_EPOCH = 1911  # Juche 1 is 1912

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_DAY = r"\s*[년年]?\s*(?P<month>\d{1,2})\s*[월月]\s*(?P<day>\d{1,2})\s*[일日]"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # 주체115(2026)년 8월 20일: the year in parentheses is the solar one.
        r"(?:주체|主体)\s*\d{1,3}\s*[(（]\s*(?P<year>\d{4})\s*[)）]" + _MONTH_DAY,
        r"(?:주체|主体)\s*(?P<juche>\d{1,3})" + _MONTH_DAY,
        r"(?P<year>\d{4})" + _MONTH_DAY,
        r"(?P<year>\d{4})\s*\.\s*(?P<month>\d{1,2})\s*\.\s*(?P<day>\d{1,2})",
        # Feb. 11, Juche 111 (2022)
        r"(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})\s*,\s*(?:Juche\s*\d{1,3}\s*)?[(]?\s*(?P<year>\d{4})",
        # Feb. 11, Juche 111
        r"(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})\s*,\s*Juche\s*(?P<juche>\d{1,3})\b",
    )
)


def find_date(text: str) -> dt.date | None:
    """The first date in a text, or None. Impossible dates are none."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            year = int(parts["year"]) if parts.get("year") else int(parts["juche"]) + JUCHE_EPOCH
            name = (parts.get("name") or "")[:3].lower()
            if name and name not in _MONTHS:
                continue
            month = _MONTHS.index(name) + 1 if name else int(parts["month"])
            try:
                return dt.date(year, month, int(parts["day"]))
            except ValueError:
                continue
    return None
