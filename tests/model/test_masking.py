"""Masks are a pure function of seed, epoch and place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from model.masking import MaskedTokens, mask_tokens, uniform

MASK_ID, PAD_ID = 4, 0
WORDS = np.arange(5, 1_000, dtype=np.int64)


def mask(ids: npt.NDArray[np.int64], places: npt.NDArray[np.int64], **changes: int) -> MaskedTokens:
    settings = {"seed": 1, "epoch": 0} | changes
    return mask_tokens(ids, places, ids > 4, probability=0.15, mask_id=MASK_ID, random_ids=WORDS, **settings)


def text(rows: int, length: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    random = np.random.default_rng(0)
    ids = random.choice(WORDS, (rows, length))
    ids[:, 0], ids[:, -1] = 2, 3
    return ids, np.arange(rows * length).reshape(rows, length)


def test_fifteen_per_cent_are_selected_and_hidden_eighty_ten_ten() -> None:
    ids, places = text(4_000, 50)
    masked = mask(ids, places)
    chosen = masked.selected
    assert chosen.sum() / (ids > 4).sum() == pytest.approx(0.15, abs=0.003)
    assert (masked.input_ids[chosen] == MASK_ID).mean() == pytest.approx(0.8, abs=0.01)
    assert (masked.input_ids[chosen] == ids[chosen]).mean() == pytest.approx(0.1, abs=0.01)


def test_what_is_not_selected_is_not_changed() -> None:
    ids, places = text(200, 50)
    masked = mask(ids, places)
    assert (masked.input_ids[~masked.selected] == ids[~masked.selected]).all()


def test_special_tokens_are_neither_hidden_nor_put_in_place_of_a_word() -> None:
    ids, places = text(4_000, 20)
    masked = mask(ids, places)
    assert not masked.selected[:, [0, -1]].any()
    shown = masked.input_ids[masked.selected]
    assert set(np.unique(shown[shown < 5])) == {MASK_ID}


def test_a_sentence_gets_the_same_masks_in_any_batch() -> None:
    ids, places = text(64, 30)
    together = mask(ids, places)
    alone = [mask(ids[[row]], places[[row]]) for row in range(64)]
    assert (together.input_ids == np.vstack([one.input_ids for one in alone])).all()


def test_every_sentence_has_a_target_however_short() -> None:
    ids, places = text(3_000, 3)
    assert mask(ids, places).selected.any(axis=1).all()


def test_a_row_without_words_has_no_target() -> None:
    ids = np.array([[2, 3, PAD_ID], [2, 9, 3]])
    assert mask(ids, np.arange(6).reshape(2, 3)).selected.any(axis=1).tolist() == [False, True]


@pytest.mark.parametrize("change", [{"seed": 2}, {"epoch": 1}])
def test_another_seed_or_epoch_hides_other_words(change: dict[str, int]) -> None:
    ids, places = text(500, 50)
    first, second = mask(ids, places).selected, mask(ids, places, **change).selected
    overlap = (first & second).sum() / first.sum()
    assert overlap == pytest.approx(0.15, abs=0.02)  # what chance gives


def test_neighbouring_places_are_independent() -> None:
    draws = uniform(np.arange(200_000), seed=3, epoch=5)
    assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 0.01
    histogram, _ = np.histogram(draws, bins=20, range=(0, 1))
    assert histogram.min() > 9_500
    assert histogram.max() < 10_500


@pytest.mark.parametrize("other", [{"seed": 4, "epoch": 5}, {"seed": 3, "epoch": 6}, {"stream": 1}])
def test_seeds_epochs_and_streams_are_independent(other: dict[str, int]) -> None:
    places = np.arange(100_000)
    first = uniform(places, seed=3, epoch=5)
    second = uniform(places, **({"seed": 3, "epoch": 5} | other))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.015


class TestWholeWords:
    """Words of one to four pieces."""

    def words(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        ids, places = text(3_000, 40)
        continues = (np.random.default_rng(1).random(ids.shape) < 0.5) & (ids > 4)
        continues[:, 1] = False  # after [CLS] a word begins
        return ids, places, continues

    def mask(self, *given: npt.NDArray[np.int64], **changes: int) -> MaskedTokens:
        ids, places, continues = given
        settings = {"seed": 1, "epoch": 0} | changes
        return mask_tokens(
            ids,
            places,
            ids > 4,
            probability=0.15,
            mask_id=MASK_ID,
            random_ids=WORDS,
            continues=continues,
            **settings,
        )

    def test_all_pieces_of_a_word_are_hidden_or_none(self) -> None:
        ids, places, continues = self.words()
        selected = self.mask(ids, places, continues).selected
        for row in range(len(ids)):
            for column in np.flatnonzero(continues[row]):
                assert selected[row, column] == selected[row, column - 1]

    def test_the_share_of_hidden_tokens_is_as_with_single_pieces(self) -> None:
        ids, places, continues = self.words()
        chosen = self.mask(ids, places, continues)
        assert chosen.selected.sum() / (ids > 4).sum() == pytest.approx(0.15, abs=0.005)
        shown = chosen.input_ids[chosen.selected]
        assert (shown == MASK_ID).mean() == pytest.approx(0.8, abs=0.01)

    def test_a_sentence_gets_the_same_masks_in_any_batch(self) -> None:
        ids, places, continues = (array[:64] for array in self.words())
        together = self.mask(ids, places, continues)
        alone = [self.mask(ids[[row]], places[[row]], continues[[row]]) for row in range(64)]
        assert (together.input_ids == np.vstack([one.input_ids for one in alone])).all()

    def test_a_short_sentence_loses_a_whole_word(self) -> None:
        ids = np.tile([2, 7, 8, 9, 10, 3], (2_000, 1))
        continues = np.tile([False, False, True, False, True, False], (2_000, 1))
        selected = self.mask(ids, np.arange(ids.size).reshape(ids.shape), continues).selected
        assert selected.any(axis=1).all()
        assert (selected[:, 1] == selected[:, 2]).all()
        assert (selected[:, 3] == selected[:, 4]).all()
