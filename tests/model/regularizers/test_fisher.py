"""The Fisher information: what it is, what it foretells, and that it is computed once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from model.batches import Masker
from model.checkpoint import load_checkpoint
from model.data import Sentences, find_corpus, tokenize
from model.regularizers.fisher import FILE, diagonal_fisher, fisher_of_run

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def few(base: Path, rok: Path) -> tuple[PreTrainedTokenizerFast, Sentences]:
    _, tokenizer = load_checkpoint(str(base))
    return tokenizer, tokenize([(find_corpus(rok), "train")], tokenizer, 64, describe="").subset(5)


def test_it_is_the_mean_square_of_each_sentences_gradient(
    base: Path, few: tuple[PreTrainedTokenizerFast, Sentences]
) -> None:
    tokenizer, sentences = few
    model, _ = load_checkpoint(str(base))
    found = diagonal_fisher(model, tokenizer, sentences, CPU)
    masker = Masker.of(sentences, tokenizer, seed=0, probability=0.15, mask_unknown=False)
    expected = {name: torch.zeros_like(parameter) for name, parameter in model.named_parameters()}
    targets = 0
    for number in range(len(sentences)):
        batch = masker.batch(np.array([number]), 0)
        logits = model(batch.input_ids, batch.attention_mask).logits[0][batch.target_index]
        model.zero_grad()
        functional.cross_entropy(logits, batch.target_ids, reduction="sum").backward()
        targets += len(batch.target_ids)
        for name, parameter in model.named_parameters():
            expected[name] += parameter.grad**2
    for name, square in expected.items():
        torch.testing.assert_close(found[name], square / targets, rtol=1e-3, atol=1e-10)


def test_it_is_computed_once_a_run(
    base: Path, few: tuple[PreTrainedTokenizerFast, Sentences], tmp_path: Path
) -> None:
    tokenizer, sentences = few
    model, _ = load_checkpoint(str(base))
    first = fisher_of_run(tmp_path, model, tokenizer, sentences, CPU)
    written = (tmp_path / FILE).stat().st_mtime_ns
    with torch.no_grad():
        model.get_output_embeddings().bias.add_(1.0)
    again = fisher_of_run(tmp_path, model, tokenizer, sentences, CPU)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert (tmp_path / FILE).stat().st_mtime_ns == written
