"""Measures of corpus linguistics over counts: pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping


def log_likelihood(a: int, b: int, c: int, d: int) -> float:
    """G² of the 2×2 table ((a, b), (c, d)): 0 where rows and columns are independent; above 10.83, p < 0.001.

    Dunning 1993, equation for the binomial case, written over the four cells.
    """
    total = a + b + c + d
    result = 0.0
    for observed, row, column in ((a, a + b, a + c), (b, a + b, b + d), (c, c + d, a + c), (d, c + d, b + d)):
        if observed:
            result += observed * math.log(observed * total / (row * column))
    return max(0.0, 2 * result)


def log_ratio(count: int, total: int, other_count: int, other_total: int) -> float:
    """How many times more frequent in the first than in the second, as a binary logarithm (Hardie 2014).

    A count of 0 is taken as half an occurrence.
    """
    return math.log2((count or 0.5) / total) - math.log2((other_count or 0.5) / other_total)


def pointwise_mutual_information(together: int, expected: float) -> float:
    """How many times more often together than by chance, as a binary logarithm (Church and Hanks 1990)."""
    return math.log2(together / expected)


def jensen_shannon(first: Mapping[str, int], second: Mapping[str, int]) -> float:
    """Distance of two frequency lists: 0 for equal proportions, 1 for nothing in common.

    The square root of the Jensen-Shannon divergence with binary logarithms, which is a metric (Endres and Schindelin
    2003).

    Raises:
        ValueError: one of them is empty.
    """
    totals = sum(first.values()), sum(second.values())
    if not all(totals):
        raise ValueError("an empty frequency list has no distance to another")
    divergence = 0.0
    for counts, other, total, other_total in ((first, second, *totals), (second, first, *totals[::-1])):
        for key, count in counts.items():
            if count:
                share = count / total
                mean = (share + other.get(key, 0) / other_total) / 2
                divergence += share * math.log2(share / mean) / 2
    return math.sqrt(max(0.0, divergence))
