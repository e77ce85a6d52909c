"""The network gives what transformers gives, with less work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import DistilBertConfig, DistilBertForMaskedLM, RobertaConfig, RobertaForMaskedLM

from model.batches import Batch, Masker
from model.checkpoint import load_checkpoint
from model.data import find_corpus, tokenize
from model.errors import ModelError
from model.network import FrozenEncoder, MaskedLanguageModel


@pytest.fixture(scope="module")
def batch(base: Path, dprk: Path) -> Batch:
    _, tokenizer = load_checkpoint(str(base))
    sentences = tokenize([(find_corpus(dprk), "validation")], tokenizer, 64, describe="")
    return Masker.of(sentences, tokenizer, seed=0, probability=0.15, mask_unknown=False).batch(
        np.arange(12), 0
    )


def test_the_loss_is_that_of_transformers(base: Path, batch: Batch) -> None:
    model, _ = load_checkpoint(str(base))
    labels = torch.full_like(batch.input_ids, -100)
    labels.view(-1)[batch.target_index] = batch.target_ids
    expected = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=labels).loss
    logits, _ = MaskedLanguageModel(model)(batch.input_ids, batch.attention_mask, batch.target_index)
    assert functional.cross_entropy(logits, batch.target_ids).item() == pytest.approx(
        expected.item(), abs=1e-6
    )


@pytest.mark.parametrize("layer", [0, 1, 2, -1, -2, -3])
def test_the_frozen_encoder_gives_the_models_own_states_at_every_layer(
    base: Path, batch: Batch, layer: int
) -> None:
    model, _ = load_checkpoint(str(base))
    _, states = MaskedLanguageModel(model, layer)(batch.input_ids, batch.attention_mask, batch.target_index)
    frozen = FrozenEncoder(model, layer)(batch.input_ids, batch.attention_mask)
    assert torch.equal(states, frozen)
    assert not frozen.requires_grad


def test_the_frozen_encoder_leaves_out_the_layers_above_and_stays_in_evaluation_mode(base: Path) -> None:
    model, _ = load_checkpoint(str(base))
    frozen = FrozenEncoder(model, -2).train()
    assert len(frozen.encoder.encoder.layer) == model.config.num_hidden_layers - 1
    assert not any(module.training for module in frozen.modules())


@pytest.mark.parametrize("layer", [3, -4])
def test_a_layer_that_the_model_does_not_have_is_refused(base: Path, layer: int) -> None:
    model, _ = load_checkpoint(str(base))
    with pytest.raises(ModelError, match="the model has 2"):
        MaskedLanguageModel(model, layer)


def test_roberta_gives_the_loss_of_transformers_too(batch: Batch) -> None:
    model = RobertaForMaskedLM(
        RobertaConfig(
            vocab_size=8_000, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
        )
    ).eval()
    labels = torch.full_like(batch.input_ids, -100)
    labels.view(-1)[batch.target_index] = batch.target_ids
    expected = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=labels).loss
    logits, _ = MaskedLanguageModel(model)(batch.input_ids, batch.attention_mask, batch.target_index)
    assert functional.cross_entropy(logits, batch.target_ids).item() == pytest.approx(
        expected.item(), abs=1e-5
    )


def test_an_architecture_with_an_unknown_head_is_refused() -> None:
    model = DistilBertForMaskedLM(
        DistilBertConfig(vocab_size=50, dim=16, n_layers=1, n_heads=2, hidden_dim=16)
    )
    with pytest.raises(ModelError, match="output head of a 'distilbert' model"):
        MaskedLanguageModel(model)
