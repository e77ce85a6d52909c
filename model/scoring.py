"""Scores of a model on tokenised sentences: log-perplexity, accuracy and reciprocal rank at hidden tokens.

Sums are kept a sentence, so that they can be averaged over tokens (as here), over batches (as the paper did) and drawn
again by document (for intervals). Hidden tokens whose truth is `[UNK]` are kept apart: predicting `[UNK]` is easy and
says nothing about Korean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.batches import Masker, random_batches, sorted_batches
from model.data import Sentences
from model.device import autocast
from model.network import MaskedLanguageModel
from model.results import BatchMeans, DocumentSums, Score, Tally

EVALUATION_BUDGET = 8_192  # tokens a batch: no gradients are kept, so larger than in training
PAPER_BATCH = 8  # sentences a batch of the published evaluation


@dataclass(frozen=True, slots=True)
class SentenceSums:
    """What one masking of a split gave, a row a sentence: `known` and `unknown` are (sentences, 4) sums of negative
    log-likelihood, right first guesses, reciprocal ranks, and hidden tokens.
    """

    known: npt.NDArray[np.float64]
    unknown: npt.NDArray[np.float64]

    def total(self) -> Score:
        """The sums over the split, and the means of the paper's kind."""
        known, unknown = (_tally(table.sum(axis=0)) for table in (self.known, self.unknown))
        return Score(known, unknown, self._batch_means())

    def by_document(self, documents: npt.NDArray[np.int32]) -> DocumentSums:
        """The sums of each document, `documents` being the sentences' numbers of theirs."""
        nll, correct, _, targets = (np.bincount(documents, weights=column) for column in self.known.T)
        return DocumentSums(
            tuple(nll.round(4).tolist()),
            tuple(correct.astype(int).tolist()),
            tuple(targets.astype(int).tolist()),
        )

    def plus(self, other: SentenceSums) -> SentenceSums:
        """The sums of two maskings of the same sentences."""
        return SentenceSums(self.known + other.known, self.unknown + other.unknown)

    def _batch_means(self) -> BatchMeans:
        """Means over random batches of the batches' own means, which is how the published evaluation averages."""
        order = random_batches(len(self.known), PAPER_BATCH, seed=0, epoch=0)
        sums = np.array([self.known[batch].sum(axis=0) for batch in order])
        sums = sums[sums[:, 3] > 0]
        if not len(sums):
            return BatchMeans(float("nan"), float("nan"))
        return BatchMeans(*(float((sums[:, column] / sums[:, 3]).mean()) for column in (0, 1)))


def score(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    sentences: Sentences,
    *,
    seed: int,
    precision: str,
) -> Score:
    """The sums over all sentences; see `score_sentences`."""
    return score_sentences(model, tokenizer, sentences, seed=seed, precision=precision).total()


@torch.inference_mode()
def score_sentences(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    sentences: Sentences,
    *,
    seed: int,
    precision: str,
    probability: float = 0.15,
    progress: tqdm[None] | None = None,
) -> SentenceSums:
    """Hide tokens by `seed` (the same ones for every model with this tokenizer) and score the model's guesses.

    `precision` is "fp32" or "bf16"; the model stays on its device and is left in evaluation mode. The rank of the truth
    is one more than the number of tokens with a higher logit.
    """
    network = MaskedLanguageModel(model.eval())
    masker = Masker.of(sentences, tokenizer, seed=seed, probability=probability, mask_unknown=True)
    # Sums stay on the device until the end: reading one a batch would make the GPU wait for each.
    sums = torch.zeros(2, len(sentences), 4, dtype=torch.float64, device=model.device)
    for chosen in sorted_batches(sentences.lengths, EVALUATION_BUDGET):
        batch = masker.batch(chosen, epoch=0).to(model.device)
        with autocast(model.device, precision):
            logits, _ = network(batch.input_ids, batch.attention_mask, batch.target_index)
        logits = logits.float()
        truth = logits.gather(1, batch.target_ids[:, None])
        rank = 1 + (logits > truth).sum(dim=1)
        found = torch.stack(
            (
                functional.cross_entropy(logits, batch.target_ids, reduction="none").double(),
                (logits.argmax(dim=1) == batch.target_ids).double(),
                1 / rank.double(),
                torch.ones_like(rank, dtype=torch.float64),
            ),
            dim=1,
        )
        rows = torch.from_numpy(chosen).to(model.device)[batch.target_index // batch.input_ids.shape[1]]
        unknown = (batch.target_ids == tokenizer.unk_token_id).long()
        sums.index_put_((unknown, rows), found, accumulate=True)
        if progress is not None:
            progress.update(len(chosen))
    known, unknown_sums = sums.cpu().numpy()
    return SentenceSums(known, unknown_sums)


def _tally(sums: npt.NDArray[np.float64]) -> Tally:
    nll, correct, reciprocal, targets = sums
    return Tally(float(nll), int(correct), int(targets), float(reciprocal))
