"""How long to wait before another try."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime


def backoff(attempt: int, *, first: float, longest: float, luck: float) -> float:
    """Seconds to wait after failed attempt number `attempt` (from 1): doubling from `first`, never above `longest`.

    `luck` in [0, 1] takes up to half of it away, so that several waiting clients do not come back at one moment.
    """
    # Beyond 2^30 the longest wait has long been reached, and the power would only grow.
    return min(longest, first * 2.0 ** min(attempt - 1, 30)) * (1 - luck / 2)


def retry_after(value: str, now: dt.datetime) -> float | None:
    """Seconds that a Retry-After header (RFC 9110, 10.2.3: seconds or a date) asks for; None where it says nothing."""
    value = value.strip()
    if value.isdecimal():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=dt.UTC)
    return max(0.0, (when - now).total_seconds())
