"""Random masks without a random-number generator: a pure function of seed, epoch and a token's place in the corpus.

Masks drawn from a generator change with the batch size, the number of processes and every resume. Here each token owns
its uniform number, a SplitMix64 hash (Steele, Lea and Flood 2014), so that any batch, on any machine, in any order,
gets the masks that an undisturbed run gets, and two models with one tokenizer are scored on the same masked words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MASK_SHARE, RANDOM_SHARE = 0.8, 0.1  # Devlin et al. 2019, section 3.1: 80 % [MASK], 10 % random, 10 % kept

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True)
class MaskedTokens:
    """Model input with some tokens hidden, and which: both arrays have the shape of the ids that were masked."""

    input_ids: npt.NDArray[np.int64]
    selected: npt.NDArray[np.bool_]


def mask_tokens(
    ids: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
    maskable: npt.NDArray[np.bool_],
    *,
    seed: int,
    epoch: int,
    probability: float,
    mask_id: int,
    random_ids: npt.NDArray[np.int64],
    continues: npt.NDArray[np.bool_] | None = None,
) -> MaskedTokens:
    """Select `probability` of the maskable tokens (at least one a row that has any) and hide them 80/10/10.

    ids, places, maskable: (rows, length); `places` is each token's index in the whole tokenised corpus; `random_ids`
    are the tokens that may stand in for a word (no special ones). `continues` (rows, length) marks the tokens that go
    on with the word of the token before: then all pieces of a word are selected, or none, each with a fate of its own
    (the whole-word masking that the authors of BERT published in 2019).
    """
    draw = uniform(places, seed, epoch)
    if continues is not None:
        draw = np.take_along_axis(draw, _word_starts(continues), axis=1)  # a word's draw is its first piece's
    selected = maskable & (draw < probability)
    # A row without a target would count for nothing; its token with the smallest draw is the fair choice.
    empty = maskable.any(axis=1) & ~selected.any(axis=1)
    if empty.any():
        smallest = np.where(maskable[empty], draw[empty], np.inf)
        if continues is None:
            selected[np.flatnonzero(empty), smallest.argmin(axis=1)] = True
        else:
            selected[empty] = maskable[empty] & (smallest == smallest.min(axis=1, keepdims=True))
    fate = uniform(places, seed, epoch, stream=1)
    words = random_ids[(uniform(places, seed, epoch, stream=2) * len(random_ids)).astype(np.int64)]
    hidden = np.where(fate < MASK_SHARE, mask_id, np.where(fate < MASK_SHARE + RANDOM_SHARE, words, ids))
    return MaskedTokens(np.where(selected, hidden, ids), selected)


def _word_starts(continues: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """For each token the column of its word's first one, (rows, length)."""
    columns = np.arange(continues.shape[1], dtype=np.int64)
    return np.maximum.accumulate(np.where(continues, 0, columns), axis=1)


def uniform(places: npt.NDArray[np.int64], seed: int, epoch: int, stream: int = 0) -> npt.NDArray[np.float64]:
    """One uniform number in [0, 1) for each place, independent between seeds, epochs and streams."""
    key = _mix(np.uint64(seed) * np.uint64(1_000_003) + np.uint64(epoch) * np.uint64(16) + np.uint64(stream))
    with np.errstate(over="ignore"):
        hashed = _mix(key + places.astype(np.uint64) * _GOLDEN)
    return (hashed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(state: npt.NDArray[np.uint64] | np.uint64) -> npt.NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        mixed = np.asarray(state, dtype=np.uint64) + _GOLDEN
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
        return mixed ^ (mixed >> np.uint64(31))
