"""Continued pre-training, end to end on small corpora."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoModelForMaskedLM,
    AutoTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    RobertaConfig,
    RobertaForMaskedLM,
    pipeline,
)

from corpus.export import Options, export
from corpus.sources import Source
from model.checkpoint import load_checkpoint
from model.errors import ModelError
from model.evaluate import EvaluationSet
from model.recipes import RECIPES, REGULARIZERS, Pull, Run
from model.train import continue_pretraining

ROOT = Path(__file__).parent.parent.parent
RECIPE = replace(RECIPES["default"], batch_tokens=1024, learning_rate=1e-3)


def train(base: Path, corpus: Path, output: Path, *, steps: int = 8, seed: int = 0, **changes: Any) -> Path:
    run = Run(output, seed=seed, max_steps=steps, device="cpu", precision="fp32")
    continue_pretraining(str(base), corpus, **{"recipe": RECIPE, "run": run} | changes)
    return output


def metrics(run: Path, name: str) -> list[float]:
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [line[name] for line in lines if name in line]


def weights(run: Path) -> dict[str, torch.Tensor]:
    return AutoModelForMaskedLM.from_pretrained(run).state_dict()


def test_a_run_loads_as_what_was_trained_with_the_treatment_inside(
    base: Path, dprk: Path, tmp_path: Path
) -> None:
    run = train(base, dprk, tmp_path / "run")
    guesses = pipeline("fill-mask", model=str(run))("도이췰란드에서 돐을 맞으며 [MASK]을 보았다．")
    assert "[UNK]" not in AutoTokenizer.from_pretrained(run).tokenize("도이췰란드에서 돐을 맞으며")
    assert guesses[0]["sequence"].startswith("도이칠란드에서")
    record = json.loads((run / "run.json").read_text())
    assert record["finished"]
    assert record["pull"] == []
    assert record["run"]["max_steps"] == 8
    assert record["versions"]["torch"] == torch.__version__


def test_the_same_seed_gives_the_same_losses_and_another_seed_does_not(
    base: Path, dprk: Path, tmp_path: Path
) -> None:
    with_dropout = replace(RECIPE, dropout=0.1)
    first, again, other = (
        metrics(train(base, dprk, tmp_path / name, seed=seed, recipe=with_dropout), "loss")
        for name, seed in (("first", 3), ("again", 3), ("other", 4))
    )
    assert first == again
    assert first != other


def test_weight_zero_is_the_unregularised_model_bit_for_bit(base: Path, dprk: Path, tmp_path: Path) -> None:
    plain = weights(train(base, dprk, tmp_path / "plain"))
    zero = weights(train(base, dprk, tmp_path / "zero", pull=Pull(weight=0.0, layers=(-1,), reduction="sum")))
    assert all(torch.equal(plain[name], zero[name]) for name in plain)


def test_the_regulariser_keeps_the_model_nearer_to_its_base(base: Path, dprk: Path, tmp_path: Path) -> None:
    strays = [
        metrics(train(base, dprk, tmp_path / str(weight), steps=20, pull=Pull(weight=weight)), "stray")
        for weight in (0.0, 0.3, 3.0)
    ]
    assert [stray[0] for stray in strays] == [0, 0, 0]
    assert strays[0][-1] > strays[1][-1] > strays[2][-1] > 0


def test_training_lowers_the_loss_on_held_out_text(base: Path, dprk: Path, rok: Path, tmp_path: Path) -> None:
    seen = metrics(train(base, dprk, tmp_path / "run", steps=40, retain=rok), "validation")
    assert seen[-1]["corpus"]["log_perplexity"] < seen[0]["corpus"]["log_perplexity"] - 0.2
    assert "retain" in seen[-1]


def test_the_paper_recipe_trains(base: Path, dprk: Path, tmp_path: Path) -> None:
    run = train(base, dprk, tmp_path / "run", recipe=RECIPES["paper"], pull=Pull(weight=0.3), steps=5)
    # With dropout on one side only, the published distance is not zero even at the first step.
    assert metrics(run, "regularizers")[0]["representations"]["value"] > 0


def test_the_papers_recipe_is_its_best_checkpoint_with_the_last_one_inside(
    base: Path, dprk: Path, rok: Path, tmp_path: Path
) -> None:
    run = train(base, dprk, tmp_path / "run", recipe=RECIPES["paper"], retain=rok, steps=3)
    record = json.loads((run / "run.json").read_text())
    averages = [
        sum(found["log_perplexity"] for found in seen.values()) / 2 for seen in metrics(run, "validation")[1:]
    ]
    assert record["result"]["best"]["log_perplexity"] == pytest.approx(min(averages))
    assert AutoTokenizer.from_pretrained(run / "last").mask_token == "[MASK]"
    assert not (run / "best").exists()


def test_the_default_run_is_its_last_step_with_the_best_checkpoint_inside(
    base: Path, dprk: Path, rok: Path, tmp_path: Path
) -> None:
    run = train(base, dprk, tmp_path / "run", retain=rok, steps=2)
    assert (run / "best/model.safetensors").exists()
    assert not (run / "last").exists()
    assert not (run / "progress").exists()


def test_further_sets_are_watched_by_their_names(base: Path, dprk: Path, rok: Path, tmp_path: Path) -> None:
    sets = [EvaluationSet("south", rok), EvaluationSet.parse(f"north={dprk}:train")]
    run = train(base, dprk, tmp_path / "run", validation=sets, steps=1)
    assert list(metrics(run, "validation")[0]) == ["corpus", "south", "north"]
    with pytest.raises(ModelError, match="choose another name"):
        train(base, dprk, tmp_path / "again", validation=[EvaluationSet("corpus", rok)])


def test_what_chooses_by_validation_needs_some(base: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("꽃이 피였다.\n새가 운다.\n")
    export([Source("text", str(tmp_path / "text.txt"))], tmp_path / "unsplit", Options())
    with pytest.raises(ModelError, match="--validation NAME=DIR"):
        train(base, tmp_path / "unsplit", tmp_path / "run", recipe=replace(RECIPE, patience=3))
    train(base, tmp_path / "unsplit", tmp_path / "run", steps=1)


def test_whole_words_train(base: Path, dprk: Path, tmp_path: Path) -> None:
    whole = train(base, dprk, tmp_path / "whole", steps=2, recipe=replace(RECIPE, whole_words=True))
    pieces = train(base, dprk, tmp_path / "pieces", steps=2)
    assert metrics(whole, "loss") != metrics(pieces, "loss")


def test_a_roberta_trains_within_its_positions(base: Path, dprk: Path, tmp_path: Path) -> None:
    """Its positions begin behind the padding's: with 32 of them and padding 0 a sentence has 31 tokens."""
    _, tokenizer = load_checkpoint(str(base))
    config = RobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
        pad_token_id=0,
    )
    RobertaForMaskedLM(config).save_pretrained(tmp_path / "roberta")
    tokenizer.save_pretrained(tmp_path / "roberta")
    run = train(tmp_path / "roberta", dprk, tmp_path / "run", steps=2, pull=Pull(weight=0.3))
    assert json.loads((run / "run.json").read_text())["recipe"]["max_length"] == 31
    assert metrics(run, "loss")


@pytest.mark.slow
def test_two_processes_train_as_one_with_twice_the_batches(
    base: Path, dprk: Path, rok: Path, tmp_path: Path
) -> None:
    """With every term of the loss, whether they share out batches alone (DDP) or weights as well (FSDP)."""
    options = ["--corpus", dprk, "--base", base, "--max-steps", 5, "--batch-tokens", 512, "--keep", "best"]
    options += ["--learning-rate", 1e-3, "--device", "cpu", "--precision", "fp32"]
    options += ["--retain", rok, "--fisher-sentences", 20]
    for name in REGULARIZERS:
        options += ["--regularizer", name]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}
    two = ("torch.distributed.run", "--standalone", "--nproc_per_node", 2, "--module", "model", "train")
    for name, launcher, changes in (
        ("one", ("model", "train", "--accumulate", 2), {}),
        ("batches", two, {}),
        ("weights", two, {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"}),
    ):
        command = [*map(str, (sys.executable, "-m", *launcher, *options, "--output", tmp_path / name))]
        done = subprocess.run(command, env=environment | changes, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("written to") == 1
        result = json.loads((tmp_path / name / "run.json").read_text())["result"]
        assert (result["processes"], result["sharded"]) == (1 if name == "one" else 2, name == "weights")
    alone = weights(tmp_path / "one")
    for name in ("batches", "weights"):
        assert metrics(tmp_path / name, "tokens") == metrics(tmp_path / "one", "tokens")
        assert metrics(tmp_path / name, "loss") == pytest.approx(metrics(tmp_path / "one", "loss"), rel=1e-5)
        for found, expected in zip(weights(tmp_path / name).values(), alone.values(), strict=True):
            torch.testing.assert_close(found, expected, rtol=0, atol=2e-4)


def test_a_negative_weight_is_refused(base: Path, dprk: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be negative"):
        train(base, dprk, tmp_path / "run", pull=Pull(weight=-0.1))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_missing_or_half_written_shard_is_named(
    base: Path, dprk: Path, tmp_path: Path, damage: str
) -> None:
    corpus = shutil.copytree(dprk, tmp_path / "corpus")
    shard = next((corpus / "data").glob("train-*"))
    if damage == "missing":
        shard.unlink()
    else:
        shard.write_bytes(shard.read_bytes()[:-100])
    with pytest.raises(ModelError, match=shard.name):
        train(base, corpus, tmp_path / "run")


def test_a_shard_that_is_damaged_at_its_full_size_is_named(base: Path, dprk: Path, tmp_path: Path) -> None:
    corpus = shutil.copytree(dprk, tmp_path / "corpus")
    shard = next((corpus / "data").glob("train-*"))
    shard.write_bytes(bytes(shard.stat().st_size))
    with pytest.raises(ModelError, match=f"cannot read .*{shard.name}"):
        train(base, corpus, tmp_path / "run")


def test_a_folder_that_is_no_corpus_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a corpus"):
        train(base, tmp_path, tmp_path / "run")


def test_a_run_is_not_replaced_unless_asked_and_nothing_else_ever(
    base: Path, dprk: Path, tmp_path: Path
) -> None:
    run = train(base, dprk, tmp_path / "run", steps=1)
    with pytest.raises(ModelError, match="holds a run already"):
        train(base, dprk, run, steps=1)
    train(base, dprk, run, steps=2, overwrite=True)
    assert json.loads((run / "run.json").read_text())["result"]["steps"] == 2
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(ModelError, match="is no run"):
        train(base, dprk, tmp_path / "thesis", overwrite=True)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"


def test_an_old_checkpoint_of_a_hub_loads_with_its_output_bias_and_whole_syllables(
    base: Path, tmp_path: Path
) -> None:
    """As KR-BERT is published: `vocab.txt` alone, one copy of what is tied, heads that a masked LM does not have."""
    model, tokenizer = load_checkpoint(str(base))
    with torch.no_grad():
        model.get_output_embeddings().bias.normal_()
    state = {name: weight for name, weight in model.state_dict().items() if ".decoder." not in name}
    state["cls.predictions.bias"] = model.get_output_embeddings().bias.detach()
    state["cls.seq_relationship.weight"] = torch.zeros(2, model.config.hidden_size)
    torch.save(state, tmp_path / "pytorch_model.bin")
    model.config.save_pretrained(tmp_path)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    (tmp_path / "vocab.txt").write_text("".join(f"{token}\n" for token, _ in vocabulary))
    loaded, mended = load_checkpoint(str(tmp_path))
    ids = mended("노동자가 밥을 먹는다.", return_tensors="pt").input_ids
    assert tokenizer.unk_token_id not in ids
    assert torch.equal(loaded(ids).logits, model(ids).logits)


class TestCheckpointsThatCannotBeUsed:
    def test_a_folder_that_does_not_exist(self) -> None:
        with pytest.raises(ModelError, match="does not exist"):
            load_checkpoint("./runs/nowhere")

    def test_a_slip_in_the_name_of_a_run(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(base.parent.parent)
        with pytest.raises(ModelError, match="does not exist"):
            load_checkpoint(f"{base.parent.name}/bass")

    def test_a_hub_name_that_cannot_be_reached(self) -> None:
        with pytest.raises(ModelError, match="cannot load 'nobody/nothing'"):
            load_checkpoint("nobody/nothing")

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match=r"no config\.json: it is no checkpoint"):
            load_checkpoint(str(tmp_path))

    def test_a_run_that_was_killed(self, tmp_path: Path) -> None:
        (tmp_path / "metrics.jsonl").write_text('{"step": 0}\n')
        with pytest.raises(ModelError, match="did not finish; run it again with --overwrite"):
            load_checkpoint(str(tmp_path))

    def test_weights_that_were_cut_short(self, base: Path, tmp_path: Path) -> None:
        broken = shutil.copytree(base, tmp_path / "broken")
        file = broken / "model.safetensors"
        file.write_bytes(file.read_bytes()[:-1000])
        with pytest.raises(ModelError, match="cannot load"):
            load_checkpoint(str(broken))

    def test_a_tokenizer_without_mask_token(self, base: Path, tmp_path: Path) -> None:
        broken = shutil.copytree(base, tmp_path / "broken")
        config = json.loads((broken / "tokenizer_config.json").read_text())
        del config["mask_token"]
        (broken / "tokenizer_config.json").write_text(json.dumps(config))
        with pytest.raises(ModelError, match=r"no \[MASK\] token"):
            load_checkpoint(str(broken))

    def test_a_model_that_writes_from_left_to_right(self, base: Path, tmp_path: Path) -> None:
        _, tokenizer = load_checkpoint(str(base))
        GPT2LMHeadModel(GPT2Config(vocab_size=60, n_embd=8, n_layer=1, n_head=1)).save_pretrained(tmp_path)
        tokenizer.save_pretrained(tmp_path)
        with pytest.raises(ModelError, match=r"as a masked language model .*GPT2Config"):
            load_checkpoint(str(tmp_path))

    def test_a_model_without_output_head(self, base: Path, tmp_path: Path) -> None:
        model, tokenizer = load_checkpoint(str(base))
        model.base_model.save_pretrained(tmp_path / "headless")
        tokenizer.save_pretrained(tmp_path / "headless")
        with pytest.raises(ModelError, match="saved without its output head"):
            load_checkpoint(str(tmp_path / "headless"))

    def test_a_tokenizer_of_another_model(self, base: Path, tmp_path: Path) -> None:
        model, tokenizer = load_checkpoint(str(base))
        model.resize_token_embeddings(100)
        model.save_pretrained(tmp_path / "mixed")
        tokenizer.save_pretrained(tmp_path / "mixed")
        with pytest.raises(ModelError, match="do not belong together"):
            load_checkpoint(str(tmp_path / "mixed"))
