"""Scores of a model on tokenised sentences: log-perplexity and accuracy at hidden tokens.

Averages are over tokens, not over batches (a mean of batch means weighs a hidden token by how many others its batch
had), and over the whole split. Hidden tokens whose truth is `[UNK]` are kept apart: predicting `[UNK]` is easy and says
nothing about Korean.
"""

from __future__ import annotations

import torch
from torch.nn import functional
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.batches import Masker, sorted_batches
from model.data import Sentences
from model.device import autocast
from model.network import MaskedLanguageModel
from model.results import Score, Tally

EVALUATION_BUDGET = 8_192  # tokens a batch: no gradients are kept, so larger than in training


@torch.inference_mode()
def score(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    sentences: Sentences,
    *,
    seed: int,
    precision: str,
    probability: float = 0.15,
    progress: tqdm[None] | None = None,
) -> Score:
    """Hide tokens by `seed` (the same ones for every model with this tokenizer) and score the model's guesses.

    `precision` is "fp32" or "bf16"; the model stays on its device and is left in evaluation mode.
    """
    network = MaskedLanguageModel(model.eval())
    masker = Masker.of(sentences, tokenizer, seed=seed, probability=probability, mask_unknown=True)
    # Sums stay on the device until the end: reading one a batch would make the GPU wait for each.
    nll = torch.zeros(2, dtype=torch.float64, device=model.device)
    correct = torch.zeros(2, dtype=torch.long, device=model.device)
    targets = torch.zeros(2, dtype=torch.long, device=model.device)
    for chosen in sorted_batches(sentences.lengths, EVALUATION_BUDGET):
        batch = masker.batch(chosen, epoch=0).to(model.device)
        with autocast(model.device, precision):
            logits, _ = network(batch.input_ids, batch.attention_mask, batch.target_index)
        losses = functional.cross_entropy(logits.float(), batch.target_ids, reduction="none").double()
        hits = logits.argmax(dim=-1) == batch.target_ids
        unknown = batch.target_ids == tokenizer.unk_token_id
        for row, group in enumerate((~unknown, unknown)):
            nll[row] += losses[group].sum()
            correct[row] += hits[group].sum()
            targets[row] += group.sum()
        if progress is not None:
            progress.update(len(chosen))
    tallies = [Tally(float(nll[row]), int(correct[row]), int(targets[row])) for row in (0, 1)]
    return Score(*tallies)
