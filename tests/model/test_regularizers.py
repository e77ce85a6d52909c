"""The paper's regulariser: a distance that is zero where nothing moved, over real tokens only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from model.batches import Batch, Masker
from model.checkpoint import load_checkpoint
from model.data import find_corpus, tokenize
from model.errors import ModelError
from model.network import MaskedLanguageModel
from model.regularizers import RepresentationDistance, build_regularizer, token_distances


@pytest.fixture(scope="module")
def masker(base: Path, dprk: Path) -> Masker:
    _, tokenizer = load_checkpoint(str(base))
    sentences = tokenize([(find_corpus(dprk), "validation")], tokenizer, 64, describe="")
    return Masker.of(sentences, tokenizer, seed=0, probability=0.15, mask_unknown=False)


def distance(regularizer: RepresentationDistance, network: MaskedLanguageModel, batch: Batch) -> torch.Tensor:
    _, states = network(batch.input_ids, batch.attention_mask, batch.target_index)
    return regularizer(batch, states)


def test_it_is_zero_and_has_a_zero_gradient_before_anything_moved(base: Path, masker: Masker) -> None:
    model, _ = load_checkpoint(str(base))
    network = MaskedLanguageModel(model, -2)
    value = distance(RepresentationDistance(model), network, masker.batch(np.arange(4), 0))
    value.backward()
    assert value.item() == 0
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    assert gradients
    assert all((gradient == 0).all() for gradient in gradients)


def test_it_pulls_back_once_something_moved(base: Path, masker: Masker) -> None:
    model, _ = load_checkpoint(str(base))
    regularizer, network = RepresentationDistance(model), MaskedLanguageModel(model, -2)
    with torch.no_grad():
        model.base_model.encoder.layer[0].output.dense.weight.mul_(1.5)
    batch = masker.batch(np.arange(8), 0)
    before = distance(regularizer, network, batch)
    before.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter -= 1e-7 * parameter.grad
    assert 0 < distance(regularizer, network, batch).item() < before.item()


def test_padding_does_not_count(base: Path, masker: Masker) -> None:
    model, _ = load_checkpoint(str(base))
    regularizer, network = RepresentationDistance(model), MaskedLanguageModel(model, -2)
    with torch.no_grad():
        model.base_model.encoder.layer[0].output.dense.weight.mul_(1.5)
    order = np.argsort(masker.sentences.lengths)
    chosen = np.array([order[0], order[-1]])
    together = distance(regularizer, network, masker.batch(chosen, 0)).item()
    alone = sum(distance(regularizer, network, masker.batch(np.array([one]), 0)).item() for one in chosen)
    assert together == pytest.approx(alone, rel=1e-5)


def test_the_distance_is_the_norm_and_not_its_square() -> None:
    now = torch.tensor([[[3.0, 4.0], [100.0, 0.0]]])
    assert token_distances(now, torch.zeros_like(now), torch.tensor([[1, 0]])).tolist() == [5.0]


@pytest.mark.parametrize(("reduction", "per"), [("mean", "tokens"), ("sum", "sentences")])
def test_the_two_published_forms_differ_in_what_they_divide_by(base: Path, reduction: str, per: str) -> None:
    model, _ = load_checkpoint(str(base))
    assert build_regularizer("representations", model, reduction=reduction).per == per


def test_an_unknown_regulariser_is_refused_with_the_known_ones(base: Path) -> None:
    model, _ = load_checkpoint(str(base))
    with pytest.raises(ModelError, match="known: representations"):
        build_regularizer("magic", model)
