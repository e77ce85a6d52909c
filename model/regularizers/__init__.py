"""Regularisers: terms beside the masked-LM loss that keep the new model near the old one, loss = MLM + Σ λ·R.

One module a regulariser. Two kinds: those that look at a batch (the frozen model's states or logits beside the trained
one's, or a batch of the old language), and those that look at the weights alone, once a step.
"""

from __future__ import annotations

from collections.abc import Sequence

from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.data import Sentences
from model.device import pick_device, pick_precision
from model.errors import ModelError
from model.network import FrozenModel, check_layer
from model.recipes import DISTILLATION, EWC, L2_SP, REGULARIZERS, REPLAY, REPRESENTATIONS, Pull, Run
from model.regularizers.distillation import Distillation
from model.regularizers.fisher import fisher_of_run
from model.regularizers.replay import Replay
from model.regularizers.representations import RepresentationDistance
from model.regularizers.terms import BatchRegularizer, Seen, Term
from model.regularizers.weights import WeightDistance, chosen_parameters

__all__ = [
    "BatchRegularizer",
    "Seen",
    "Term",
    "WeightDistance",
    "build_terms",
    "check_pulls",
    "wanted_layers",
]


def check_pulls(pulls: Sequence[Pull], model: PreTrainedModel, *, retained: bool) -> None:
    """Raise `ModelError` for terms that this model, or a training without a corpus to retain, cannot have."""
    names = [pull.regularizer for pull in pulls]
    if len(set(names)) < len(names):
        raise ModelError(f"each regulariser can be given once (got {', '.join(names)})")
    for pull in pulls:
        if pull.regularizer not in REGULARIZERS:
            raise ModelError(
                f"there is no regulariser {pull.regularizer!r}; known: {', '.join(REGULARIZERS)}"
            )
        if not 0 <= pull.weight < float("inf"):
            raise ModelError(
                f"--weight {pull.weight}: λ is a factor of a distance; it is finite and cannot be negative"
            )
        for layer in pull.layers:
            check_layer(model, layer)
        if not pull.weight:
            continue
        chosen_parameters(model, pull.parameters)
        if pull.needs_retained and not retained:
            raise ModelError(
                f"--regularizer {pull.regularizer} reads the language that must not be forgotten here; "
                "give its corpus: --retain DIR"
            )


def build_terms(
    pulls: Sequence[Pull],
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    *,
    run: Run,
    retained: Sentences | None = None,
) -> list[Term]:
    """The terms of the loss for `model` as it is now, its frozen copies included; a weight of 0 makes none.

    `retained` holds the sentences of the old language, for the terms that read it. EWC's Fisher information is computed
    here, or read from the folder of the `run` if it was computed before.
    """
    return [
        Term(pull.regularizer, pull.weight, _build(pull, model, tokenizer, run, retained))
        for pull in pulls
        if pull.weight
    ]


def wanted_layers(terms: Sequence[Term]) -> tuple[int, ...]:
    """The hidden states that the trained network must hand out for `terms`."""
    found = [term.regularizer.layers for term in terms if not isinstance(term.regularizer, WeightDistance)]
    return tuple(dict.fromkeys(layer for layers in found for layer in layers))


def _build(
    pull: Pull,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    run: Run,
    retained: Sentences | None,
) -> BatchRegularizer | WeightDistance:
    device = pick_device(run.device)
    precision = pick_precision(run.precision, device)
    if pull.regularizer == REPRESENTATIONS:
        return RepresentationDistance(
            FrozenModel(model, pull.layers, precision=precision).to(device),
            layers=pull.layers,
            reduction=pull.reduction,
            squared=pull.distance == "squared",
            masked=pull.teacher_input == "masked",
            tokens=pull.tokens,
            retained=retained,
            text=pull.text,
        )
    if pull.regularizer == DISTILLATION:
        frozen = FrozenModel(model, logits=True, precision=precision).to(device)
        return Distillation(frozen, temperature=pull.temperature, text=pull.text)
    if pull.regularizer == REPLAY:
        return Replay()
    names = chosen_parameters(model, pull.parameters)
    if pull.regularizer == L2_SP:
        return WeightDistance(names)
    assert pull.regularizer == EWC, "check_pulls refuses unknown names"
    assert retained is not None, "check_pulls asks for a corpus to retain"
    information = fisher_of_run(run.output, model, tokenizer, retained.subset(pull.fisher_sentences), device)
    return WeightDistance(names, information)
