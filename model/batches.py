"""Batches: which sentences go together, in which order, and the tensors that the network reads.

The order is a pure function of seed and epoch. Two plans: `token_batches` puts sentences of like length together
under a budget of tokens, so that hardly anything is padding (the largest waste of the usual recipe); `random_batches`
is the paper's plan, a fixed number of random sentences padded to the longest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from transformers import PreTrainedTokenizerFast

from model.data import Sentences
from model.masking import mask_tokens
from model.tokenization import continuing_ids

POOL = (
    50  # batches' worth of sentences sorted by length together: enough to fit well, few enough to stay random
)

Order = list[npt.NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Batch:
    """One forward pass: (rows, length) inputs, and the flat indices and ids of the hidden tokens (targets,)."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    target_index: torch.Tensor
    target_ids: torch.Tensor

    @property
    def tokens(self) -> int:
        """Real tokens, special ones included, padding not."""
        return int(self.attention_mask.sum())

    @property
    def rows(self) -> int:
        """Sentences."""
        return int(self.input_ids.shape[0])

    def unmasked(self) -> torch.Tensor:
        """The input ids before tokens were hidden, (rows, length)."""
        original = self.input_ids.clone()
        original.view(-1)[self.target_index] = self.target_ids
        return original

    def to(self, device: torch.device) -> Batch:
        return Batch(
            self.input_ids.to(device, non_blocking=True),
            self.attention_mask.to(device, non_blocking=True),
            self.target_index.to(device, non_blocking=True),
            self.target_ids.to(device, non_blocking=True),
        )


def token_batches(lengths: npt.NDArray[np.int64], budget: int, *, seed: int, epoch: int) -> Order:
    """Batches of at most `budget` tokens, padding counted, of sentences of like length, in random order.

    A sentence longer than the budget is a batch of its own.
    """
    random = np.random.default_rng((seed, epoch))
    shuffled = random.permutation(len(lengths))
    pool = max(1, POOL * budget // max(1, int(lengths.mean())))
    order: Order = []
    for start in range(0, len(shuffled), pool):
        group = shuffled[start : start + pool]
        order += _cut(group[np.argsort(lengths[group], kind="stable")], lengths, budget)
    return [order[i] for i in random.permutation(len(order))]


def sorted_batches(lengths: npt.NDArray[np.int64], budget: int) -> Order:
    """Batches of at most `budget` tokens in order of length: for evaluation, where the order does not matter."""
    return _cut(np.argsort(lengths, kind="stable"), lengths, budget)


def random_batches(count: int, size: int, *, seed: int, epoch: int) -> Order:
    """Batches of `size` random sentences; the last one may be smaller."""
    shuffled = np.random.default_rng((seed, epoch)).permutation(count)
    return [shuffled[start : start + size] for start in range(0, count, size)]


def _cut(ascending: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], budget: int) -> Order:
    """Cut sentences in ascending order of length where one more would pass the budget."""
    order: Order = []
    start = 0
    for end, sentence in enumerate(ascending):
        if end > start and (end + 1 - start) * lengths[sentence] > budget:
            order.append(ascending[start:end])
            start = end
    if start < len(ascending):
        order.append(ascending[start:])
    return order


@dataclass(frozen=True, slots=True)
class Masker:
    """Makes masked batches of one corpus; every token's fate follows from seed, epoch and its place."""

    sentences: Sentences
    seed: int
    probability: float
    pad_id: int
    mask_id: int
    unmaskable_ids: npt.NDArray[np.int64]
    random_ids: npt.NDArray[np.int64]
    continuing_ids: npt.NDArray[np.int64] | None = (
        None  # with whole-word masking: pieces that go on with a word
    )

    @classmethod
    def of(
        cls,
        sentences: Sentences,
        tokenizer: PreTrainedTokenizerFast,
        *,
        seed: int,
        probability: float,
        mask_unknown: bool,
        whole_words: bool = False,
    ) -> Masker:
        """`mask_unknown`: may `[UNK]` be a target, as in the published evaluation? It teaches nothing.

        Raises `ModelError` for `whole_words` with a tokenizer whose pieces do not show where words go on.
        """
        special = np.array(sorted(tokenizer.all_special_ids), dtype=np.int64)
        unmaskable = special[special != tokenizer.unk_token_id] if mask_unknown else special
        return cls(
            sentences,
            seed,
            probability,
            int(tokenizer.pad_token_id),
            int(tokenizer.mask_token_id),
            unmaskable,
            np.setdiff1d(np.arange(len(tokenizer), dtype=np.int64), special),
            continuing_ids(tokenizer) if whole_words else None,
        )

    def batch(self, chosen: npt.NDArray[np.int64], epoch: int, *, hide: bool = True) -> Batch:
        """The sentences `chosen`, padded to the longest; with `hide` off nothing is masked and there are no targets."""
        starts, lengths = self.sentences.offsets[chosen], self.sentences.lengths[chosen]
        columns = np.arange(int(lengths.max()))
        real = columns[None, :] < lengths[:, None]
        places = np.where(real, starts[:, None] + columns[None, :], 0)
        ids = np.where(real, self.sentences.ids[places], self.pad_id).astype(np.int64)
        if not hide:
            nothing = torch.empty(0, dtype=torch.long)
            return Batch(torch.from_numpy(ids), torch.from_numpy(real.astype(np.int64)), nothing, nothing)
        masked = mask_tokens(
            ids,
            places,
            real & ~np.isin(ids, self.unmaskable_ids),
            seed=self.seed,
            epoch=epoch,
            probability=self.probability,
            mask_id=self.mask_id,
            random_ids=self.random_ids,
            continues=None if self.continuing_ids is None else real & np.isin(ids, self.continuing_ids),
        )
        targets = np.flatnonzero(masked.selected)
        return Batch(
            torch.from_numpy(masked.input_ids),
            torch.from_numpy(real.astype(np.int64)),
            torch.from_numpy(targets),
            torch.from_numpy(ids.reshape(-1)[targets]),
        )
