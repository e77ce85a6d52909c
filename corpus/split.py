"""Which split a document belongs to: by its own hash, by its day, or by its section."""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import Literal

from corpus.schema import Manifest

TRAIN, VALIDATION, TEST, ALL = "train", "validation", "test", "all"
SPLITS = (TRAIN, VALIDATION, TEST)
SplitBy = Literal["document", "date", "section"]


def shares_of(ratio: float | Sequence[float]) -> tuple[float, ...]:
    """The share of each split; one number is train's, and the rest is validation's.

    Raises:
        ValueError: they are not two or three positive numbers that sum to 1; the message says so.
    """
    shares = (ratio, 1 - ratio) if isinstance(ratio, int | float) else tuple(ratio)
    if not 2 <= len(shares) <= len(SPLITS) or min(shares) <= 0 or not math.isclose(math.fsum(shares), 1):
        raise ValueError(
            "one ratio between 0 and 1 for train, or the shares of train, validation and test, "
            "each above 0 and together 1, as 0.8,0.1,0.1"
        )
    return shares


def split_of(document_id: str, ratio: float | Sequence[float] | None, seed: int = 0) -> str:
    """The split whose share of the numbers from 0 to 1 holds the document's hash; `all` where there is no ratio.

    The answer hangs on the seed and the document's id alone, so a document keeps its place while the corpus grows
    around it, and no sentence of a training document is ever in another split.
    """
    if ratio is None:
        return ALL
    place = _hash(document_id, seed)
    for name, end in zip(SPLITS, _ends(shares_of(ratio))[:-1], strict=False):
        if place < end * 2**64:
            return name
    return SPLITS[len(shares_of(ratio)) - 1]


def split_of_day(day: dt.date, first_days: Sequence[dt.date]) -> str:
    """The split of a day: train before the first of `first_days`, validation from it on, test from the second on."""
    return SPLITS[bisect_right(first_days, day)]


def first_days(documents: Mapping[dt.date, int], ratio: float | Sequence[float]) -> tuple[dt.date, ...]:
    """The first day of each split after train, such that the shares of documents come nearest to the ratio.

    A day is never divided. Every split gets a day, as long as there are enough of them.
    """
    days = sorted(documents)
    before = [0, *accumulate(documents[day] for day in days)]  # documents before each day, and all of them
    chosen: list[int] = []
    for number, end in enumerate(ends := _ends(shares_of(ratio))[:-1]):
        lowest = chosen[-1] + 1 if chosen else 1
        highest = len(days) - (len(ends) - number)  # leave a day for each split that follows
        places = range(lowest, max(lowest, highest) + 1)
        chosen.append(min(places, key=lambda place: abs(_at(before, place) - end * before[-1])))
    return tuple(days[place] for place in chosen if place < len(days))


def split_of_sections(
    documents: Mapping[str, int], ratio: float | Sequence[float], seed: int = 0
) -> dict[str, str]:
    """Section -> split: the largest section first, each to the split that lacks most of its share.

    A section is never divided, so with few or unequal sections the shares can only come near to the ratio. Between
    sections of one size the hash decides, and with it the seed.
    """
    shares = shares_of(ratio)
    total = sum(documents.values())
    held = dict.fromkeys(SPLITS[: len(shares)], 0)
    homes: dict[str, str] = {}
    for section in sorted(documents, key=lambda name: (-documents[name], _hash(name, seed), name)):
        empty = [name for name in held if not held[name]]
        left = len(documents) - len(homes)
        among = empty if left <= len(empty) else list(held)
        home = max(among, key=lambda name: shares[SPLITS.index(name)] * total - held[name])
        homes[section] = home
        held[home] += documents[section]
    return homes


def deviation(manifest: Manifest) -> str | None:
    """Why a corpus misses the ratio that was asked for by more than 1 % of its documents, where it does."""
    asked = manifest.options["split"]
    if asked is None or (isinstance(asked, list) and isinstance(asked[0], str)):  # no split, or days
        return None
    shares = shares_of(asked)
    total = sum(counts.documents for counts in manifest.splits.values())
    parts = []
    for name, share in zip(SPLITS, shares, strict=False):
        actual = manifest.splits[name].documents / total
        if abs(actual - share) > 0.01:
            parts.append(f"{name} has {actual:.1%} of the documents instead of {share:.1%}")
    if not parts:
        return None
    chance = max(math.sqrt(share * (1 - share) / total) for share in shares)
    reason = {
        "document": f"each is placed by its own hash, so that it keeps its place while the corpus grows; "
        f"with {total:,} of them a deviation of ±{chance:.1%} is usual",
        "date": "a day is never divided",
        "section": "a section is never divided",
    }[manifest.options["split_by"]]
    return f"{', '.join(parts)}: {reason}"


def _ends(shares: Sequence[float]) -> list[float]:
    return list(accumulate(shares))


def _at(before: Sequence[int], place: int) -> int:
    return before[min(place, len(before) - 1)]


def _hash(name: str, seed: int) -> int:
    return int.from_bytes(blake2b(f"{seed}\0{name}".encode(), digest_size=8).digest())
