"""Scores that can be trusted: every token once, the same hidden words for every model, unknown words apart."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from model.batches import Masker, random_batches
from model.checkpoint import load_checkpoint
from model.data import find_corpus, tokenize
from model.errors import ModelError
from model.evaluate import EvaluationSet, evaluate
from model.results import Evaluation, Tally
from model.scoring import score, score_sentences


def test_a_score_equals_that_of_a_plain_loop_over_single_sentences(base: Path, dprk: Path) -> None:
    model, tokenizer = load_checkpoint(str(base))
    sentences = tokenize([(find_corpus(dprk), "validation")], tokenizer, 64, describe="").subset(40)
    masker = Masker.of(sentences, tokenizer, seed=2, probability=0.15, mask_unknown=True)
    nll = correct = targets = unknown = reciprocal = 0.0
    with torch.inference_mode():
        for sentence in range(len(sentences)):
            batch = masker.batch(np.array([sentence]), 0)
            logits = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask).logits[0]
            for place, truth in zip(batch.target_index.tolist(), batch.target_ids.tolist(), strict=True):
                if truth == tokenizer.unk_token_id:
                    unknown += 1
                    continue
                nll -= functional.log_softmax(logits[place], dim=-1)[truth].item()
                correct += int(logits[place].argmax().item() == truth)
                ranking = logits[place].argsort(descending=True).tolist()
                reciprocal += 1 / (1 + ranking.index(truth))
                targets += 1
    found = score(model, tokenizer, sentences, seed=2, precision="fp32")
    assert (found.known.correct, found.known.targets, found.unknown.targets) == (correct, targets, unknown)
    assert found.known.nll == pytest.approx(nll, rel=1e-5)
    assert found.known.reciprocal == pytest.approx(reciprocal, rel=1e-4)


def test_the_papers_average_is_the_mean_of_the_means_of_random_batches_of_eight(
    base: Path, dprk: Path
) -> None:
    model, tokenizer = load_checkpoint(str(base))
    sentences = tokenize([(find_corpus(dprk), "validation")], tokenizer, 64, describe="").subset(20)
    sums = score_sentences(model, tokenizer, sentences, seed=0, precision="fp32")
    means = []
    for batch in random_batches(20, 8, seed=0, epoch=0):
        nll, _, _, targets = sums.known[batch].sum(axis=0)
        means.append(nll / targets)
    assert len(means) == 3
    assert sums.total().batch_means.log_perplexity == pytest.approx(sum(means) / 3)


def test_the_sums_of_the_documents_are_those_of_the_split(base: Path, dprk: Path) -> None:
    found = evaluate(
        [("base", str(base))], [EvaluationSet("north", dprk)], repeats=2, device="cpu", precision="fp32"
    )
    sums = found.documents["base", "north"]
    assert len(sums.nll) == find_corpus(dprk).manifest.splits["validation"].documents
    assert sum(sums.targets) == sum(result.score.known.targets for result in found.results)
    assert sum(sums.correct) == sum(result.score.known.correct for result in found.results)
    assert sum(sums.nll) == pytest.approx(sum(result.score.known.nll for result in found.results), abs=0.01)


def test_evaluation_covers_every_pair_and_repeats_exactly(base: Path, dprk: Path, rok: Path) -> None:
    sets = [EvaluationSet("north", dprk), EvaluationSet("south", rok, "train")]
    first, again = (
        evaluate([("base", str(base))], sets, repeats=2, device="cpu", precision="fp32") for _ in range(2)
    )
    assert first.results == again.results
    assert [(result.set, result.seed) for result in first.results] == [
        ("north", 0),
        ("north", 1),
        ("south", 0),
        ("south", 1),
    ]
    assert first.sets["north"]["split"] == "validation"
    assert first.sets["south"]["sentences"] == find_corpus(rok).manifest.sentences("train")


def test_two_models_with_one_tokenizer_are_asked_for_the_same_words(base: Path, dprk: Path) -> None:
    found = evaluate(
        [("one", str(base)), ("two", str(base))],
        [EvaluationSet("north", dprk)],
        device="cpu",
        precision="fp32",
    )
    one, two = ([result.score for result in found.results if result.model == name] for name in ("one", "two"))
    assert one == two


def test_results_survive_their_file(base: Path, dprk: Path, tmp_path: Path) -> None:
    found = evaluate([("base", str(base))], [EvaluationSet("north", dprk)], repeats=1, device="cpu")
    found.save(tmp_path / "results.json")
    assert Evaluation.load(tmp_path / "results.json") == found


@pytest.mark.parametrize("content", ["", '{"format": 2, "results": [', "[]", '{"format": 2}'])
def test_a_file_that_holds_no_results_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "results.json").write_text(content)
    with pytest.raises(ModelError, match="holds no results"):
        Evaluation.load(tmp_path / "results.json")


def test_a_results_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read"):
        Evaluation.load(tmp_path / "results.json")


def test_a_split_that_the_corpus_does_not_have_is_refused_with_those_it_has(base: Path, dprk: Path) -> None:
    with pytest.raises(ModelError, match="'test', only: train, validation"):
        evaluate([("base", str(base))], [EvaluationSet("north", dprk, "test")], device="cpu")


def test_models_need_different_names(base: Path, dprk: Path) -> None:
    with pytest.raises(ModelError, match="NAME=MODEL"):
        evaluate([("base", str(base)), ("base", str(base))], [EvaluationSet("north", dprk)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rodong=corpora/rodong", EvaluationSet("rodong", Path("corpora/rodong"))),
        ("rodong=corpora/rodong:train", EvaluationSet("rodong", Path("corpora/rodong"), "train")),
        ("old=/data/19:20/rodong", EvaluationSet("old", Path("/data/19:20/rodong"))),
    ],
)
def test_a_set_is_a_name_a_folder_and_perhaps_a_split(text: str, expected: EvaluationSet) -> None:
    assert EvaluationSet.parse(text) == expected


@pytest.mark.parametrize("text", ["corpora/rodong", "=corpora/rodong", "rodong="])
def test_a_set_without_name_or_folder_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="NAME=DIR"):
        EvaluationSet.parse(text)


def test_a_tally_without_tokens_has_no_scores() -> None:
    assert math.isnan(Tally(0.0, 0, 0, 0.0).accuracy)
    assert Tally(6.0, 1, 4, 2.0).log_perplexity == 1.5
    assert Tally(6.0, 1, 4, 2.0).accuracy == 0.25
    assert Tally(6.0, 1, 4, 2.0).reciprocal_rank == 0.5
