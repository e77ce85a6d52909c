"""Bits a syllable: the same words for every vocabulary."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForMaskedLM, PreTrainedModel, PreTrainedTokenizerFast

from model.bits_table import bits_table
from model.checkpoint import load_checkpoint
from model.evaluate import EvaluationSet, evaluate
from model.results import Evaluation
from model.tokenization import SPECIAL_TOKENS, from_vocabulary
from model.wordwise import UNKNOWN_BITS, Way, WordScores, hidden_words, score_words, word_sums

TEXTS = ["우리 농장에서 강냉이 농사를 잘 지었다．", "아침마다 산에 오른다．", "돐을 맞으며 노래를 불렀다．"]
SYLLABLES = sorted(set("".join(TEXTS).replace(" ", "")) - {"돐"})


def tokenizer(*longer: str) -> PreTrainedTokenizerFast:
    """Every syllable but one is a piece, and so are the `longer` ones."""
    return from_vocabulary([*SPECIAL_TOKENS, *SYLLABLES, *(f"##{s}" for s in SYLLABLES), *longer])


def uniform_model(vocabulary: int) -> PreTrainedModel:
    """A model for which all tokens are alike."""
    model = BertForMaskedLM(
        BertConfig(
            vocab_size=vocabulary,
            hidden_size=8,
            num_hidden_layers=1,
            num_attention_heads=1,
            intermediate_size=8,
        )
    )
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    return model.eval()


def score(model: PreTrainedModel, tokens: PreTrainedTokenizerFast, way: Way, seed: int = 0) -> WordScores:
    chosen = hidden_words(TEXTS, way, seed)
    return score_words(model, tokens, TEXTS, chosen, way=way, max_length=64, precision="fp32", describe="")


def test_one_word_in_seven_is_hidden_and_at_least_one_a_text() -> None:
    texts = ["가 나 다 라 마 바 사 아 자 차"] * 400
    chosen = hidden_words(texts, "hidden", 3)
    assert all(chosen)
    assert 0.15 <= sum(map(len, chosen)) / 4_000 <= 0.19  # the texts without any add one each
    assert chosen == hidden_words(texts, "hidden", 3)
    assert chosen != hidden_words(texts, "hidden", 4)
    assert hidden_words(["가 나", ""], "pll", 0) == [[0, 1], []]


@pytest.mark.parametrize("way", ["hidden", "pll"])
def test_a_model_that_knows_nothing_pays_for_every_piece_alike(way: Way) -> None:
    tokens = tokenizer()
    scores = score(uniform_model(len(tokens)), tokens, way)
    # Each syllable and each mark is a piece here, apart from the word that the vocabulary lacks a part of: one [UNK].
    known = ~scores.unknown
    assert scores.bits[known] == pytest.approx(scores.syllables[known] * math.log2(len(tokens)), rel=1e-5)
    assert scores.bits[~known] == pytest.approx(
        math.log2(len(tokens)) + scores.syllables[~known] * UNKNOWN_BITS, rel=1e-5
    )


def test_longer_pieces_make_fewer_guesses_for_the_same_syllables() -> None:
    short, long = tokenizer(), tokenizer("농장", "##에서", "강냉이", "농사")
    one, other = (score(uniform_model(len(each)), each, "pll") for each in (short, long))
    assert one.syllables.tolist() == other.syllables.tolist()
    word = TEXTS[0].split().index("강냉이")
    assert one.bits[word] == pytest.approx(3 * math.log2(len(short)), rel=1e-5)
    assert other.bits[word] == pytest.approx(math.log2(len(long)), rel=1e-5)


def test_a_piece_is_guessed_with_the_pieces_before_it_seen_and_those_after_it_hidden(base: Path) -> None:
    model, tokens = load_checkpoint(str(base))
    text = TEXTS[1]
    scores = score_words(
        model.eval(), tokens, [text], [[1]], way="pll", max_length=64, precision="fp32", describe=""
    )
    pieces = [tokens.tokenize(word) for word in text.split()]
    bits = 0.0
    with torch.inference_mode():
        for known in range(len(pieces[1])):
            middle = pieces[1][:known] + ["[MASK]"] * (len(pieces[1]) - known)
            seen = ["[CLS]", *pieces[0], *middle, *pieces[2], "[SEP]"]
            logits = model(torch.tensor([tokens.convert_tokens_to_ids(seen)])).logits[
                0, 1 + len(pieces[0]) + known
            ]
            truth = tokens.convert_tokens_to_ids(pieces[1][known])
            bits -= float(logits.log_softmax(dim=0)[truth]) / math.log(2)
    assert len(pieces[1]) > 1
    assert scores.bits.tolist() == pytest.approx([bits], rel=1e-4)


def test_words_beyond_the_longest_input_cost_what_unknown_ones_do() -> None:
    tokens = tokenizer()
    text = TEXTS[0]
    chosen = [list(range(len(text.split())))]
    scores = score_words(
        uniform_model(len(tokens)),
        tokens,
        [text],
        chosen,
        way="pll",
        max_length=8,
        precision="fp32",
        describe="",
    )
    # [CLS], six pieces and [SEP]: the second word is cut in the middle, the rest is not there.
    assert scores.unknown.tolist() == [False, True, True, True, True, True]
    assert scores.bits[-1] == pytest.approx(scores.syllables[-1] * UNKNOWN_BITS)


def test_the_shared_words_are_those_that_no_vocabulary_lacks_a_part_of() -> None:
    syllables = np.array([2, 3, 4])
    one = WordScores(np.array([10.0, 20.0, 30.0]), syllables, np.array([False, True, False]))
    other = WordScores(np.array([1.0, 2.0, 3.0]), syllables, np.array([False, False, True]))
    sums = word_sums([one, other])
    assert [each.bits_per_syllable for each in sums] == [60 / 9, 6 / 9]
    assert [each.shared_bits_per_syllable for each in sums] == [5.0, 0.5]
    assert [each.unknown for each in sums] == [1, 1]


def test_an_evaluation_by_syllable_survives_its_file_and_is_printed(
    base: Path, dprk: Path, tmp_path: Path
) -> None:
    found = evaluate(
        [("one", str(base)), ("two", str(base))],
        [EvaluationSet("north", dprk)],
        repeats=1,
        max_sentences=10,
        by_syllable="hidden",
        device="cpu",
        precision="fp32",
    )
    found.save(tmp_path / "results.json")
    assert Evaluation.load(tmp_path / "results.json") == found
    header, _, one, two = bits_table(found).splitlines()
    assert header.split() == [
        "model",
        "north",
        "bits/syllable",
        "north",
        "known",
        "to",
        "all",
        "north",
        "unknown",
        "%",
    ]
    assert one.split()[1:] == two.split()[1:]
    assert found.words["one", "north"].bits_per_syllable > 1
    assert bits_table(Evaluation(found.results, found.models, found.sets)) == ""
