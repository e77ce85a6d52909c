"""Where a text belongs that is older than its storing: the rule for captures of the past."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Place(Enum):
    """What a captured text is to the texts that the archive holds."""

    NEWER = "newer"  # captured after everything: stored as if it were fetched now
    KNOWN = "known"  # one of the texts, at a time at which it is known to hold
    SOONER = "sooner"  # one of the texts, which therefore holds since the capture
    EARLIER = "earlier"  # a text of its own, before the one that follows it
    DOUBTED = "doubted"  # differs from a text that the archive saw before and after the capture


@dataclass(frozen=True, slots=True)
class Placing:
    """`index` counts the texts from the oldest: of the text that is meant, or before which an earlier one goes."""

    place: Place
    index: int


def place(
    since: Sequence[dt.datetime],
    hashes: Sequence[str],
    last_seen: dt.datetime,
    captured_at: dt.datetime,
    content_hash: str,
) -> Placing:
    """Place a text captured at a time among an article's texts, oldest first, each with the time since which it holds.

    A text holds from the first time that it was seen until the next one was. So a different text captured in between
    is one of its own, older than the next. Only after the present text was seen again, by whichever way (`last_seen`),
    a different one from before that is not believed: it would undo what is known for sure, and a damaged capture is
    likelier than an article that was changed and changed back. The order in which captures come does not matter, as
    long as no text comes back after another.
    """
    last = len(since) - 1
    if captured_at > last_seen:
        return Placing(Place.NEWER, last)
    holding = bisect_right(since, captured_at) - 1
    if holding >= 0 and hashes[holding] == content_hash:
        return Placing(Place.KNOWN, holding)
    if holding == last:
        return Placing(Place.DOUBTED, last)
    if hashes[holding + 1] == content_hash:
        return Placing(Place.SOONER, holding + 1)
    return Placing(Place.EARLIER, holding + 1)
