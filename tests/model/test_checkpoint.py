"""The forms in which BERTs are published load as what they are. Each is rebuilt here, small."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForMaskedLM, PreTrainedModel, PreTrainedTokenizerFast

from model.checkpoint import load_checkpoint
from model.recipes import RECIPES, Pull, Run
from model.tokenization import SPECIAL_TOKENS, from_vocabulary
from model.train import continue_pretraining

TEXT = "노동자가 Rodong을 읽는다."


def write_form(
    folder: Path,
    model: PreTrainedModel,
    tokens: list[str],
    *,
    tokenizer_config: dict[str, Any] | None,
    tokenizer_file: bool = False,
    rename: Callable[[str], str] = str,
) -> None:
    """A folder as hubs hold it: weights in a pickle with the heads that a masked LM does not have, and `vocab.txt`."""
    state = {rename(name): weight for name, weight in model.state_dict().items() if ".decoder." not in name}
    state["cls.predictions.bias"] = model.get_output_embeddings().bias.detach()
    state["cls.seq_relationship.weight"] = torch.zeros(2, model.config.hidden_size)
    state["bert.pooler.dense.weight"] = torch.zeros(model.config.hidden_size, model.config.hidden_size)
    torch.save(state, folder / "pytorch_model.bin")
    config = model.config.to_dict() | {"architectures": ["BertForPreTraining"]}
    for name in ("dtype", "transformers_version"):
        config.pop(name, None)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in tokens))
    if tokenizer_config is not None:
        (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer_config))
    if tokenizer_file:
        from_vocabulary(tokens).backend_tokenizer.save(str(folder / "tokenizer.json"))


def in_order(tokenizer: PreTrainedTokenizerFast) -> list[str]:
    return [token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]


FORMS: dict[str, dict[str, Any]] = {
    # A cased Korean model whose configuration says so.
    "cased": {"tokenizer_config": {"do_lower_case": False, "model_max_length": 512}},
    # The same without a word on it: taken for an uncased one by the library, and mended.
    "silent": {"tokenizer_config": None},
    # The multilingual cased model: a tokenizer file beside the vocabulary.
    "file": {"tokenizer_config": {"do_lower_case": False, "model_max_length": 512}, "tokenizer_file": True},
    # Weights that were converted from TensorFlow, with its names for LayerNorm's.
    "converted": {
        "tokenizer_config": {"do_lower_case": False},
        "rename": lambda name: name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ),
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_gives_the_logits_and_pieces_of_what_was_published(
    base: Path, tmp_path: Path, form: str
) -> None:
    model, tokenizer = load_checkpoint(str(base))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.01 * torch.randn_like(parameter)
    tokens = [*in_order(tokenizer)[:-2], "Rodong", "rodong"]
    published = from_vocabulary(tokens)
    write_form(tmp_path, model, tokens, **FORMS[form])
    loaded, reread = load_checkpoint(str(tmp_path))
    ids = reread(TEXT, return_tensors="pt").input_ids
    assert tokenizer.unk_token_id not in ids
    if form != "silent":  # which letters it was trained on, nothing says
        assert reread.tokenize(TEXT) == published.tokenize(TEXT)
    assert torch.equal(loaded(ids).logits, model(ids).logits)


def jamo_form(folder: Path) -> None:
    """An uncased multilingual model: lower case, accents stripped, Hangul in jamo."""
    jamo = [
        *map(chr, range(0x1100, 0x1113)),
        *map(chr, range(0x1161, 0x1176)),
        *map(chr, range(0x11A8, 0x11C3)),
    ]
    letters = [*jamo, *"abcdefghijklmnopqrstuvwxyz.,!?"]
    tokens = [*SPECIAL_TOKENS, *letters, *(f"##{letter}" for letter in letters)]
    config = BertConfig(
        vocab_size=len(tokens),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    write_form(folder, BertForMaskedLM(config), tokens, tokenizer_config={"do_lower_case": True})


def test_a_vocabulary_of_jamo_stays_one(tmp_path: Path) -> None:
    jamo_form(tmp_path)
    _, tokenizer = load_checkpoint(str(tmp_path))
    assert tokenizer.tokenize("한 Go") == ["ᄒ", "##ᅡ", "##ᆫ", "g", "##o"]


def test_a_vocabulary_of_jamo_is_trained_on_mapped_text(dprk: Path, tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    jamo_form(tmp_path / "base")
    run = Run(tmp_path / "run", max_steps=2, device="cpu", precision="fp32")
    continue_pretraining(
        str(tmp_path / "base"), dprk, recipe=RECIPES["default"], run=run, pull=Pull(weight=0.3)
    )
    _, tokenizer = load_checkpoint(str(tmp_path / "run"))
    assert "[UNK]" not in tokenizer.tokenize("도이췰란드에서 돐을 맞으며")
