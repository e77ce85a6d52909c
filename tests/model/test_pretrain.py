"""Bases from scratch."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import AutoModelForMaskedLM, AutoTokenizer

from corpus.export import Options, export
from corpus.sources import Source
from model.errors import ModelError
from model.pretrain import configuration, pretrain
from model.recipes import RECIPES, SIZES, Run
from model.tokenization import SPECIAL_TOKENS, from_vocabulary

RECIPE = replace(RECIPES["pretrain"], batch_tokens=1024)


def run_in(folder: Path) -> Run:
    return Run(folder, max_steps=3, device="cpu", precision="fp32")


def test_a_base_loads_with_transformers(base: Path) -> None:
    model, tokenizer = AutoModelForMaskedLM.from_pretrained(base), AutoTokenizer.from_pretrained(base)
    assert model.config.num_hidden_layers == 2
    assert model.config.vocab_size == len(tokenizer) <= 6_000
    assert "[UNK]" not in tokenizer.tokenize("윁남의 수도")


def test_the_same_seed_gives_the_same_vocabulary_and_losses(rok: Path, tmp_path: Path) -> None:
    for name in ("first", "again"):
        pretrain([rok], size="tiny", recipe=RECIPE, run=run_in(tmp_path / name), vocabulary_size=6_000)
    first, again = (
        [
            json.loads(line)["loss"]
            for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()[1:]
        ]
        for name in ("first", "again")
    )
    assert first == again
    vocabularies = [(tmp_path / name / "tokenizer.json").read_text() for name in ("first", "again")]
    assert vocabularies[0] == vocabularies[1]


def test_a_given_vocabulary_is_taken_as_it_is(rok: Path, tmp_path: Path) -> None:
    tokens = [*SPECIAL_TOKENS, *"가나다라마바사아자차카타파하", *(f"##{c}" for c in "가나다라")]
    (tmp_path / "vocab.txt").write_text("\n".join(tokens) + "\n")
    pretrain(
        [rok], size="tiny", recipe=RECIPE, run=run_in(tmp_path / "run"), vocabulary=tmp_path / "vocab.txt"
    )
    assert AutoTokenizer.from_pretrained(tmp_path / "run").get_vocab() == {t: i for i, t in enumerate(tokens)}


def test_corpora_with_different_treatments_are_refused(rok: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("꽃이 피였다.\n새가 운다.\n")
    export([Source("text", str(tmp_path / "text.txt"))], tmp_path / "unmapped", Options(map=False))
    with pytest.raises(ModelError, match="mapped differently"):
        pretrain([rok, tmp_path / "unmapped"], size="tiny", recipe=RECIPE, run=run_in(tmp_path / "run"))


@pytest.mark.parametrize("size", SIZES)
def test_every_size_is_a_valid_bert(size: str) -> None:
    config = configuration(size, from_vocabulary(SPECIAL_TOKENS))
    assert config.hidden_size // config.num_attention_heads == 64
