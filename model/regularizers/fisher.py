"""How much each weight matters for the language that must not be forgotten: the diagonal of the Fisher information."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from accelerate import PartialState
from accelerate.utils import reduce
from safetensors.torch import load_file, save_file
from torch.nn import functional
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.batches import Masker
from model.data import Sentences
from model.device import move
from model.network import MaskedLanguageModel

FILE = "fisher.safetensors"


def fisher_of_run(
    run: Path,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    sentences: Sentences,
    device: torch.device,
) -> dict[str, torch.Tensor]:
    """The information of the run that `run` is the folder of: computed once, then read from there."""
    processes = PartialState(cpu=device.type == "cpu")
    path = run / FILE
    if not path.exists():
        information = diagonal_fisher(model, tokenizer, sentences, device)
        if processes.is_main_process:
            temporary = path.with_suffix(".tmp")
            save_file(information, temporary)
            os.replace(temporary, path)
    processes.wait_for_everyone()
    return dict(load_file(path))


def diagonal_fisher(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, sentences: Sentences, device: torch.device
) -> dict[str, torch.Tensor]:
    """F_j = Σ over sentences of (∂/∂θ_j of the log-likelihood of its hidden tokens)² / number of hidden tokens.

    That is the empirical Fisher information of one hidden token (Kirkpatrick et al. 2017, section 2, with the true
    words for labels): where the old language is at its optimum, ½ Σ F_j δ_j² is about how much the weights' moving by δ
    adds to its mean loss a hidden token, so that λ = 1 weighs it as the loss itself. In fp32, without dropout; one pass
    forward and backward a sentence, shared out among the processes.
    """
    processes = PartialState(cpu=device.type == "cpu")
    move(model.eval(), device)
    network = MaskedLanguageModel(model)
    masker = Masker.of(sentences, tokenizer, seed=0, probability=0.15, mask_unknown=False)
    parameters = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    squares = {name: torch.zeros_like(parameter) for name, parameter in parameters.items()}
    targets = torch.zeros((), device=device)
    share = range(processes.process_index, len(sentences), processes.num_processes)
    hidden_bar = None if processes.is_main_process else True
    for sentence in tqdm(
        share, desc="Fisher information", unit=" sentences", disable=hidden_bar, leave=False
    ):
        batch = masker.batch(np.array([sentence]), epoch=0).to(device)
        logits, _ = network(batch.input_ids, batch.attention_mask, batch.target_index)
        loss = functional.cross_entropy(logits.float(), batch.target_ids, reduction="sum")
        gradients = torch.autograd.grad(loss, list(parameters.values()), allow_unused=True)
        for square, gradient in zip(squares.values(), gradients, strict=True):
            if gradient is not None:
                square.addcmul_(gradient, gradient)
        targets += len(batch.target_ids)
    total = reduce(targets, reduction="sum")
    return {name: reduce(square, reduction="sum") / total for name, square in squares.items()}
