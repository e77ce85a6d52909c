"""Bits per syllable: a score that models with different vocabularies share.

A longer piece is harder to guess than a shorter one, and 15 % of the pieces hide other words in each vocabulary, so
log-perplexity and accuracy a token cannot be compared between vocabularies. Here the same words (between spaces) are
hidden for every model, all pieces of a word are guessed from left to right with the word's later pieces hidden, and the
sum is divided by the syllables of the text. Two ways to hide:

- `hidden`: 15 % of the words of a sentence at once, as in masked-LM training;
- `pll`: each word alone, all others visible: the pseudo-log-likelihood of Salazar et al. 2020, hiding a word's later
  pieces as Kauf and Ivanova 2023 do, since else a word's own pieces give each other away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.batches import sorted_batches
from model.device import autocast
from model.masking import uniform
from model.network import MaskedLanguageModel
from model.results import WordSums

Way = Literal["hidden", "pll"]
WAYS: tuple[Way, ...] = ("hidden", "pll")

SHARE = 0.15
BUDGET = 8_192  # tokens a batch
# What a syllable costs that a vocabulary does not hold: one of 11,172 modern Hangul syllables, all alike.
UNKNOWN_BITS = math.log2(11_172)


@dataclass(frozen=True, slots=True)
class WordScores:
    """A row a hidden word, the same words for every model: its bits, its syllables, and whether the vocabulary lacks a
    part of it.
    """

    bits: npt.NDArray[np.float64]
    syllables: npt.NDArray[np.int64]
    unknown: npt.NDArray[np.bool_]


def hidden_words(texts: Sequence[str], way: Way, seed: int) -> list[list[int]]:
    """The words of each text that are to be guessed: about 15 % of all (at least one a text), or all."""
    counts = [len(text.split()) for text in texts]
    if way == "pll":
        return [list(range(count)) for count in counts]
    draws = np.split(uniform(np.arange(sum(counts)), seed, 0), np.cumsum(counts)[:-1])
    return [
        np.flatnonzero(draw < SHARE).tolist() or ([int(draw.argmin())] if len(draw) else []) for draw in draws
    ]


@torch.inference_mode()
def score_words(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    texts: Sequence[str],
    chosen: Sequence[Sequence[int]],
    *,
    way: Way,
    max_length: int,
    precision: str,
    describe: str,
) -> WordScores:
    """Guess the `chosen` words of each text.

    A word whose pieces include `[UNK]`, or that is cut off or vanishes, costs `UNKNOWN_BITS` a syllable besides what
    the model gave to the pieces that there are.
    """
    questions, syllables, unknown = _questions(tokenizer, texts, chosen, way, max_length)
    bits = np.where(unknown, syllables * UNKNOWN_BITS, 0.0)
    network = MaskedLanguageModel(model.eval())
    lengths = np.array([len(question.ids) for question in questions], dtype=np.int64)
    with tqdm(total=len(questions), desc=describe, unit=" pieces", disable=None, leave=False) as progress:
        for batch in sorted_batches(lengths, BUDGET):
            rows = [questions[number] for number in batch]
            width = max(len(row.ids) for row in rows)
            ids = np.full((len(rows), width), tokenizer.pad_token_id, dtype=np.int64)
            mask = np.zeros((len(rows), width), dtype=np.int64)
            for place, row in enumerate(rows):
                ids[place, : len(row.ids)] = row.ids
                mask[place, : len(row.ids)] = 1
            index = np.array([place * width + row.place for place, row in enumerate(rows)])
            tensors = (torch.from_numpy(each).to(model.device) for each in (ids, mask, index))
            with autocast(model.device, precision):
                logits, _ = network(*tensors)
            truth = torch.tensor([row.truth for row in rows], device=model.device)
            nll = functional.cross_entropy(logits.float(), truth, reduction="none").double().cpu().numpy()
            np.add.at(bits, [row.word for row in rows], nll / math.log(2))
            progress.update(len(rows))
    return WordScores(bits, syllables, unknown)


def word_sums(scores: Sequence[WordScores]) -> list[WordSums]:
    """The sums of each model; its `shared` ones over the words that no model's vocabulary lacks a part of."""
    shared = ~np.any([each.unknown for each in scores], axis=0)
    return [
        WordSums(
            bits=float(each.bits.sum()),
            syllables=int(each.syllables.sum()),
            words=len(each.bits),
            unknown=int(each.unknown.sum()),
            shared_bits=float(each.bits[shared].sum()),
            shared_syllables=int(each.syllables[shared].sum()),
        )
        for each in scores
    ]


@dataclass(frozen=True, slots=True)
class _Question:
    """One piece to guess: what the model reads, where the piece is, what it is, and which word it belongs to."""

    ids: npt.NDArray[np.int64]
    place: int
    truth: int
    word: int


def _questions(
    tokenizer: PreTrainedTokenizerFast,
    texts: Sequence[str],
    chosen: Sequence[Sequence[int]],
    way: Way,
    max_length: int,
) -> tuple[list[_Question], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    questions: list[_Question] = []
    syllables: list[int] = []
    unknown: list[bool] = []
    backend = tokenizer.backend_tokenizer
    backend.no_padding()
    backend.enable_truncation(max_length)
    for text, wanted, encoding in zip(texts, chosen, backend.encode_batch(list(texts)), strict=True):
        ids = np.array(encoding.ids, dtype=np.int64)
        places = _places(text, encoding.offsets, encoding.special_tokens_mask)
        words = text.split()
        hidden = ids.copy()
        for word in wanted:
            hidden[places[word]] = tokenizer.mask_token_id
        for word in wanted:
            pieces = places[word]
            cut = (
                bool(encoding.overflowing) and len(ids) - 2 in pieces
            )  # the last one before the closing token
            lacking = cut or not pieces or tokenizer.unk_token_id in ids[pieces]
            if way == "pll":
                hidden = ids.copy()
                hidden[pieces] = tokenizer.mask_token_id
            for known, place in enumerate(pieces):
                seen = hidden.copy()
                seen[pieces[:known]] = ids[pieces[:known]]
                questions.append(_Question(seen, place, int(ids[place]), len(syllables)))
            syllables.append(len(words[word]))
            unknown.append(lacking)
    backend.no_truncation()
    return questions, np.array(syllables, dtype=np.int64), np.array(unknown, dtype=np.bool_)


def _places(text: str, offsets: Sequence[tuple[int, int]], special: Sequence[int]) -> list[list[int]]:
    """The tokens of each word of a text, by where they end in it (some vocabularies' pieces begin with the space)."""
    owner = np.full(len(text) + 1, -1)
    end = 0
    words = text.split()
    for number, word in enumerate(words):
        begin = text.index(word, end)
        end = begin + len(word)
        owner[begin:end] = number
    places: list[list[int]] = [[] for _ in words]
    for place, ((begin, end), framing) in enumerate(zip(offsets, special, strict=True)):
        word = owner[max(begin, end - 1)]
        if not framing and word >= 0:
            places[word].append(place)
    return places
