"""What models guess for the hidden words of single sentences: the material of an error analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from model.batches import Masker
from model.checkpoint import load_checkpoint
from model.data import Sentences, tokenize
from model.device import autocast, move, pick_device, pick_precision
from model.errors import ModelError
from model.evaluate import EvaluationSet, find_split, tokenizer_fingerprint
from model.network import MaskedLanguageModel
from model.recipes import Device, Precision
from model.tokenization import CONTINUATION


@dataclass(frozen=True, slots=True)
class Guess:
    """A token and its probability, 0 to 1."""

    token: str
    probability: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One model's answer for one hidden token: the truth's rank (1 is first) and probability, and its best guesses."""

    rank: int
    probability: float
    guesses: tuple[Guess, ...]


@dataclass(frozen=True, slots=True)
class HiddenToken:
    """A hidden token of a sentence: its place among the sentence's tokens, and each model's answer by name."""

    place: int
    truth: str
    answers: dict[str, Answer]


@dataclass(frozen=True, slots=True)
class AskedSentence:
    """A sentence without the tokens that frame it: its true tokens, what the models saw, and the hidden ones."""

    tokens: tuple[str, ...]
    seen: tuple[str, ...]
    hidden: tuple[HiddenToken, ...]


def ask(
    models: Sequence[tuple[str, str]],
    wanted: EvaluationSet,
    *,
    sentences: int,
    seed: int = 0,
    top: int = 5,
    max_length: int = 128,
    device: Device = "auto",
    precision: Precision = "auto",
) -> list[AskedSentence]:
    """Ask each (name, checkpoint) for the words that `seed` hides in some `sentences` of a set, drawn by `seed`.

    Raises `ModelError` for a model or set that cannot be used, and for models with different vocabularies: they would
    be asked for different pieces.
    """
    names = [name for name, _ in models]
    if len(set(names)) < len(names):
        raise ModelError(f"two models have the same name ({', '.join(names)}); name them: NAME=MODEL")
    chosen = find_split(wanted)
    place = pick_device(device)
    exactly = pick_precision(precision, place)
    answers: dict[str, list[list[Answer]]] = {}
    sample: Sentences | None = None
    for name, location in models:
        model, tokenizer = load_checkpoint(location)
        if sample is None:
            first = tokenizer
            fingerprint = tokenizer_fingerprint(tokenizer)
            length = min(max_length, getattr(model.config, "max_position_embeddings", max_length))
            sample = tokenize([chosen], tokenizer, length, describe=f"tokenising {wanted.name}")
            sample = sample.subset(sentences, seed)
            masker = Masker.of(sample, tokenizer, seed=seed, probability=0.15, mask_unknown=True)
        elif tokenizer_fingerprint(tokenizer) != fingerprint:
            raise ModelError(
                f"{name} has another vocabulary than {names[0]}; only models with one vocabulary can be asked for "
                "the same pieces"
            )
        move(model, place)
        network = MaskedLanguageModel(model.eval())
        answers[name] = [
            _answers(network, masker, number, first, top, exactly) for number in range(len(sample))
        ]
    assert sample is not None
    return [_sentence(masker, number, first, answers) for number in range(len(sample))]


def differing(asked: Sequence[AskedSentence]) -> list[AskedSentence]:
    """The sentences with hidden tokens that some model guesses right and another wrong, and of their hidden tokens only
    these.
    """
    found = []
    for sentence in asked:
        hidden = tuple(
            token
            for token in sentence.hidden
            if len({answer.rank == 1 for answer in token.answers.values()}) > 1
        )
        if hidden:
            found.append(AskedSentence(sentence.tokens, sentence.seen, hidden))
    return found


def spaced(tokens: Sequence[str]) -> list[str]:
    """Tokens as parts of a text, pieces that continue a word without a space before them."""
    return [
        token.removeprefix(CONTINUATION) if token.startswith(CONTINUATION) else f" {token}"
        for token in tokens
    ]


@torch.inference_mode()
def _answers(
    network: MaskedLanguageModel,
    masker: Masker,
    number: int,
    tokenizer: PreTrainedTokenizerFast,
    top: int,
    precision: str,
) -> list[Answer]:
    device = network.model.device
    batch = masker.batch(np.array([number]), epoch=0).to(device)
    with autocast(device, precision):
        logits, _ = network(batch.input_ids, batch.attention_mask, batch.target_index)
    logits = logits.float()
    probabilities = logits.softmax(dim=1)
    truth = batch.target_ids[:, None]
    ranks = 1 + (logits > logits.gather(1, truth)).sum(dim=1)
    best = probabilities.topk(min(top, probabilities.shape[1]), dim=1)
    return [
        Answer(
            int(rank),
            float(probability),
            tuple(
                Guess(token, float(value))
                for token, value in zip(tokenizer.convert_ids_to_tokens(ids.tolist()), values, strict=True)
            ),
        )
        for rank, probability, ids, values in zip(
            ranks, probabilities.gather(1, truth)[:, 0], best.indices, best.values, strict=True
        )
    ]


def _sentence(
    masker: Masker,
    number: int,
    tokenizer: PreTrainedTokenizerFast,
    answers: dict[str, list[list[Answer]]],
) -> AskedSentence:
    chosen = np.array([number])
    batch, whole = masker.batch(chosen, epoch=0), masker.batch(chosen, epoch=0, hide=False)
    # Without the first and the last token, which stand around every sentence and are never hidden.
    tokens, seen = (
        tuple(tokenizer.convert_ids_to_tokens(each.input_ids[0].tolist())[1:-1]) for each in (whole, batch)
    )
    hidden = [
        HiddenToken(
            place - 1, tokens[place - 1], {name: each[number][index] for name, each in answers.items()}
        )
        for index, place in enumerate(batch.target_index.tolist())
    ]
    return AskedSentence(tokens, seen, tuple(hidden))
