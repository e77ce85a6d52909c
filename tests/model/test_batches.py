"""Which sentences go together, and what the network reads of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from model.batches import Masker, random_batches, sorted_batches, token_batches
from model.checkpoint import load_checkpoint
from model.data import Sentences, find_corpus, tokenize
from model.errors import ModelError

LENGTHS = arrays(np.int64, st.integers(1, 300), elements=st.integers(3, 128))


@given(LENGTHS, st.integers(1, 2_000), st.integers(0, 5))
def test_every_sentence_is_read_once_an_epoch(lengths: np.ndarray, budget: int, epoch: int) -> None:
    for order in (
        token_batches(lengths, budget, seed=1, epoch=epoch),
        sorted_batches(lengths, budget),
        random_batches(len(lengths), 8, seed=1, epoch=epoch),
    ):
        assert sorted(np.concatenate(order).tolist()) == list(range(len(lengths)))


@given(LENGTHS, st.integers(1, 2_000))
def test_no_batch_passes_the_token_budget_unless_one_sentence_does(lengths: np.ndarray, budget: int) -> None:
    for batch in token_batches(lengths, budget, seed=0, epoch=0):
        assert len(batch) == 1 or len(batch) * lengths[batch].max() <= budget


def test_hardly_anything_is_padding() -> None:
    lengths = np.clip(np.random.default_rng(0).lognormal(3.4, 0.6, 20_000), 4, 128).astype(np.int64)
    order = token_batches(lengths, 2_048, seed=0, epoch=0)
    padded = sum(len(batch) * int(lengths[batch].max()) for batch in order)
    assert lengths.sum() / padded > 0.9


def test_the_order_follows_from_seed_and_epoch() -> None:
    lengths = np.random.default_rng(0).integers(3, 60, 500)

    def order(seed: int, epoch: int) -> list[list[int]]:
        return [batch.tolist() for batch in token_batches(lengths, 500, seed=seed, epoch=epoch)]

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3)
    assert order(1, 2) != order(2, 2)


@pytest.fixture(scope="module")
def masker(base: Path, dprk: Path) -> Masker:
    _, tokenizer = load_checkpoint(str(base))
    sentences = tokenize([(find_corpus(dprk), "validation")], tokenizer, 64, describe="")
    return Masker.of(sentences, tokenizer, seed=0, probability=0.15, mask_unknown=False)


def test_a_batch_pads_to_its_longest_sentence_and_names_its_targets(masker: Masker) -> None:
    chosen = np.array([0, 3, 5])
    batch = masker.batch(chosen, epoch=0)
    lengths = masker.sentences.lengths[chosen]
    assert batch.input_ids.shape == (3, lengths.max())
    assert batch.attention_mask.sum(dim=1).tolist() == lengths.tolist()
    assert batch.tokens == lengths.sum()
    shown = masker.batch(chosen, epoch=0, hide=False)
    assert (shown.input_ids.flatten()[batch.target_index] == batch.target_ids).all()


def test_unknown_words_are_targets_only_when_asked_for(base: Path) -> None:
    _, tokenizer = load_checkpoint(str(base))
    unknown = tokenizer.unk_token_id
    row = [tokenizer.cls_token_id, *[unknown] * 40, tokenizer.sep_token_id]
    sentences = Sentences(np.array(row, dtype=np.int32), np.array([0, len(row)]), np.zeros(1, dtype=np.int32))
    for mask_unknown, expected in ((False, 0), (True, 1)):
        masker = Masker.of(sentences, tokenizer, seed=0, probability=0.15, mask_unknown=mask_unknown)
        assert min(1, len(masker.batch(np.array([0]), epoch=0).target_ids)) == expected


def test_a_batch_gives_back_what_it_hid(masker: Masker) -> None:
    chosen = np.arange(6)
    assert (masker.batch(chosen, 0).unmasked() == masker.batch(chosen, 0, hide=False).input_ids).all()


def test_with_whole_words_every_piece_shares_the_fate_of_its_words_first(base: Path, dprk: Path) -> None:
    _, tokenizer = load_checkpoint(str(base))
    sentences = tokenize([(find_corpus(dprk), "validation")], tokenizer, 64, describe="")
    masker = Masker.of(sentences, tokenizer, seed=0, probability=0.15, mask_unknown=False, whole_words=True)
    batch = masker.batch(np.arange(40), 0)
    hidden = set(batch.target_index.tolist())
    pieces = 0
    for place, token in enumerate(batch.unmasked().flatten().tolist()):
        if tokenizer.convert_ids_to_tokens(token).startswith("##"):
            assert (place in hidden) == (place - 1 in hidden)
            pieces += place in hidden
    assert pieces > 10


def test_whole_words_need_a_vocabulary_that_shows_them(masker: Masker) -> None:
    bpe = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.BPE({"<pad>": 0, "<mask>": 1, "a": 2}, [])),
        pad_token="<pad>",
        mask_token="<mask>",
    )
    with pytest.raises(ModelError, match="needs a WordPiece vocabulary"):
        Masker.of(masker.sentences, bpe, seed=0, probability=0.15, mask_unknown=False, whole_words=True)
