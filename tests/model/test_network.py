"""The network gives what transformers gives, with less work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import (
    AlbertConfig,
    AlbertForMaskedLM,
    DistilBertConfig,
    DistilBertForMaskedLM,
    ElectraConfig,
    ElectraForMaskedLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    PreTrainedModel,
    RobertaConfig,
    RobertaForMaskedLM,
)

from model.batches import Batch, Masker
from model.checkpoint import load_checkpoint
from model.data import find_corpus, tokenize
from model.errors import ModelError
from model.network import FrozenModel, MaskedLanguageModel


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
def test_the_frozen_model_gives_the_models_own_states_at_every_layer(
    base: Path, batch: Batch, layer: int
) -> None:
    model, _ = load_checkpoint(str(base))
    given = (batch.input_ids, batch.attention_mask, batch.target_index)
    _, (states,) = MaskedLanguageModel(model, [layer])(*given)
    logits, (frozen,) = FrozenModel(model, [layer])(*given)
    assert torch.equal(states, frozen)
    assert len(logits) == 0
    assert not frozen.requires_grad


def test_several_layers_come_in_the_order_that_was_asked_for(base: Path, batch: Batch) -> None:
    model, _ = load_checkpoint(str(base))
    given = (batch.input_ids, batch.attention_mask, batch.target_index)
    expected = model(batch.input_ids, batch.attention_mask, output_hidden_states=True).hidden_states
    for network in (MaskedLanguageModel(model, [-1, 0, 1]), FrozenModel(model, [-1, 0, 1])):
        _, states = network(*given)
        for found, layer in zip(states, (-1, 0, 1), strict=True):
            torch.testing.assert_close(found, expected[layer])


def test_the_frozen_model_leaves_out_the_layers_above_and_stays_in_evaluation_mode(base: Path) -> None:
    model, _ = load_checkpoint(str(base))
    frozen = FrozenModel(model, [-2]).train()
    assert len(frozen.network.model.base_model.encoder.layer) == model.config.num_hidden_layers - 1
    assert not any(module.training for module in frozen.modules())
    assert len(model.base_model.encoder.layer) == model.config.num_hidden_layers


@pytest.mark.parametrize("logits", [False, True])
def test_frozen_weights_in_bf16_give_what_autocast_gives(base: Path, batch: Batch, logits: bool) -> None:
    model, _ = load_checkpoint(str(base))
    given = (batch.input_ids, batch.attention_mask, batch.target_index)
    with torch.autocast("cpu", torch.bfloat16):
        expected, half = (
            FrozenModel(model, [-2], logits=logits, precision=precision)(*given)
            for precision in ("fp32", "bf16")
        )
    assert torch.equal(expected[0], half[0])
    assert torch.equal(expected[1][0], half[1][0])


@pytest.mark.parametrize("layer", [3, -4])
def test_a_layer_that_the_model_does_not_have_is_refused(base: Path, layer: int) -> None:
    model, _ = load_checkpoint(str(base))
    with pytest.raises(ModelError, match="the model has 2"):
        MaskedLanguageModel(model, [layer])


SMALL = {"vocab_size": 8_000, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}


@pytest.mark.parametrize(
    "model",
    [
        RobertaForMaskedLM(RobertaConfig(**SMALL, intermediate_size=64)),
        ModernBertForMaskedLM(ModernBertConfig(**SMALL, intermediate_size=64, pad_token_id=0)),
        AlbertForMaskedLM(AlbertConfig(**SMALL, embedding_size=16, intermediate_size=64)),
        ElectraForMaskedLM(ElectraConfig(**SMALL, embedding_size=16, intermediate_size=64)),
        DistilBertForMaskedLM(
            DistilBertConfig(vocab_size=8_000, dim=32, n_layers=2, n_heads=2, hidden_dim=64)
        ),
    ],
    ids=lambda model: model.config.model_type,
)
def test_other_architectures_give_the_loss_and_states_of_transformers_too(
    batch: Batch, model: PreTrainedModel
) -> None:
    """With a head that is known here (the first two), or the usual way."""
    model.eval()
    labels = torch.full_like(batch.input_ids, -100)
    labels.view(-1)[batch.target_index] = batch.target_ids
    given = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
    expected = model(**given, labels=labels, output_hidden_states=True)
    logits, (states,) = MaskedLanguageModel(model, [-2])(*given.values(), batch.target_index)
    assert functional.cross_entropy(logits, batch.target_ids).item() == pytest.approx(
        expected.loss.item(), abs=1e-5
    )
    torch.testing.assert_close(states, expected.hidden_states[-2])
    _, (frozen,) = FrozenModel(model, [-2])(*given.values(), batch.target_index)
    torch.testing.assert_close(frozen, expected.hidden_states[-2])
