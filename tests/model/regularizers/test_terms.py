"""Every term of the loss beside a plain computation of its formula: value and gradient, whole and in parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from safetensors.torch import load_file
from torch.nn import functional
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from model.batches import Batch, Masker
from model.checkpoint import load_checkpoint
from model.data import Sentences, find_corpus, tokenize
from model.errors import ModelError
from model.network import MaskedLanguageModel
from model.recipes import Pull, Run
from model.regularizers import Term, WeightDistance, build_terms, check_pulls, wanted_layers
from model.regularizers.fisher import FILE
from model.step import StepSums, take_step

SENTENCES, OLD_SENTENCES = 12, 6


@dataclass(frozen=True)
class Texts:
    """Masked batches of the new corpus and of the one to retain, and the latter's sentences."""

    tokenizer: PreTrainedTokenizerFast
    new: Masker
    old: Masker

    def batches(self, parts: int) -> tuple[list[Batch], list[Batch]]:
        new, old = np.arange(SENTENCES), np.arange(OLD_SENTENCES)
        return (
            [self.new.batch(rows, 0) for rows in np.array_split(new, parts)],
            [self.old.batch(rows, 0) for rows in np.array_split(old, parts)],
        )


@pytest.fixture(scope="module")
def texts(base: Path, dprk: Path, rok: Path) -> Texts:
    _, tokenizer = load_checkpoint(str(base))
    maskers = (
        Masker.of(
            tokenize([(find_corpus(folder), "validation")], tokenizer, 64, describe="").subset(SENTENCES),
            tokenizer,
            seed=0,
            probability=0.15,
            mask_unknown=False,
        )
        for folder in (dprk, rok)
    )
    return Texts(tokenizer, *maskers)


def here(folder: Path) -> Run:
    return Run(folder, device="cpu", precision="fp32")


def moved(model: PreTrainedModel) -> PreTrainedModel:
    """Another place in the space of weights, the same at each call."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.02 * torch.randn(parameter.shape, generator=generator)
    return model


def step(
    base: Path, texts: Texts, pulls: list[Pull], run: Path, parts: int = 1
) -> tuple[StepSums, dict[str, torch.Tensor]]:
    """The sums of one step at the moved weights, and its gradient, read off a step of plain descent."""
    model, _ = load_checkpoint(str(base))
    terms = build_terms(pulls, model, texts.tokenizer, run=here(run), retained=texts.old.sentences)
    for term in terms:
        if isinstance(term.regularizer, WeightDistance):
            term.regularizer.begin(model)
    moved(model)
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    AcceleratorState._reset_state()
    accelerator = Accelerator(cpu=True)
    network = MaskedLanguageModel(model, wanted_layers(terms))
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    new, old = texts.batches(parts)
    needed = old if any(pull.needs_batches for pull in pulls) else []
    sums = take_step(accelerator, network, optimizer, new, None, terms, needed)
    return sums, {name: before[name] - parameter.detach() for name, parameter in model.named_parameters()}


@dataclass(frozen=True)
class Plain:
    """What transformers says of one batch: logits everywhere, states of all layers."""

    batch: Batch
    now: PreTrainedModel
    base: PreTrainedModel

    def states(self, model: PreTrainedModel, layer: int, *, masked: bool = True) -> torch.Tensor:
        ids = self.batch.input_ids if masked else self.original
        return model(ids, self.batch.attention_mask, output_hidden_states=True).hidden_states[layer]

    def logits(self, model: PreTrainedModel) -> torch.Tensor:
        full = model(self.batch.input_ids, self.batch.attention_mask).logits
        return full.flatten(0, 1)[self.batch.target_index]

    @property
    def original(self) -> torch.Tensor:
        ids = self.batch.input_ids.flatten().clone()
        for place, token in zip(self.batch.target_index, self.batch.target_ids, strict=True):
            ids[place] = token
        return ids.view_as(self.batch.input_ids)

    def mlm(self) -> torch.Tensor:
        return functional.cross_entropy(self.logits(self.now), self.batch.target_ids)

    def distances(self, layer: int, *, masked: bool = True) -> list[list[torch.Tensor]]:
        """Of every real token of every row."""
        now, before = self.states(self.now, layer), self.states(self.base, layer, masked=masked).detach()
        return [
            [(now[row, place] - before[row, place]).square().sum() for place in range(int(mask.sum()))]
            for row, mask in enumerate(self.batch.attention_mask)
        ]

    def divergence(self, temperature: float) -> torch.Tensor:
        before = (self.logits(self.base).detach() / temperature).softmax(-1)
        now = (self.logits(self.now) / temperature).softmax(-1)
        return temperature**2 * (before * (before.log() - now.log())).sum(-1).mean()

    def weights(self, importance: Callable[[str], torch.Tensor | float], part: str = "") -> torch.Tensor:
        before = dict(self.base.named_parameters())
        return sum(
            (importance(name) * (parameter - before[name].detach()) ** 2).sum() / 2
            for name, parameter in self.now.named_parameters()
            if part in name
        )


def mean(rows: list[list[torch.Tensor]]) -> torch.Tensor:
    return torch.stack([one for row in rows for one in row]).mean()


def chosen(plain: Plain, wanted: Callable[[int, int], bool]) -> torch.Tensor:
    """Mean distance at the layer before the last of the tokens (row, place) that are wanted."""
    return mean(
        [
            [one.sqrt() for place, one in enumerate(row) if wanted(number, place)]
            for number, row in enumerate(plain.distances(-2))
        ]
    )


def hidden(plain: Plain, row: int, place: int) -> bool:
    return row * plain.batch.input_ids.shape[1] + place in plain.batch.target_index.tolist()


CASES: dict[str, tuple[Pull, Callable[[Plain, Plain, Sentences], torch.Tensor]]] = {
    "mean": (Pull(), lambda new, old, kept: mean([[d.sqrt() for d in row] for row in new.distances(-2)])),
    "sum": (
        Pull(reduction="sum"),
        lambda new, old, kept: torch.stack([sum(d.sqrt() for d in row) for row in new.distances(-2)]).mean(),
    ),
    "squared": (Pull(distance="squared"), lambda new, old, kept: mean(new.distances(-2))),
    "layers": (
        Pull(layers=(0, -1), distance="squared"),
        lambda new, old, kept: (mean(new.distances(0)) + mean(new.distances(-1))) / 2,
    ),
    "unmasked": (
        Pull(teacher_input="unmasked", distance="squared"),
        lambda new, old, kept: mean(new.distances(-2, masked=False)),
    ),
    "hidden": (Pull(tokens="hidden"), lambda new, old, kept: chosen(new, lambda *at: hidden(new, *at))),
    "visible": (Pull(tokens="visible"), lambda new, old, kept: chosen(new, lambda *at: not hidden(new, *at))),
    "retained": (
        Pull(tokens="retained"),
        lambda new, old, kept: chosen(new, lambda row, place: int(new.original[row, place]) in kept.ids),
    ),
    "on the old": (
        Pull(text="retain"),
        lambda new, old, kept: mean([[d.sqrt() for d in row] for row in old.distances(-2)]),
    ),
    "distillation": (Pull("distillation"), lambda new, old, kept: new.divergence(2)),
    "distillation on the old": (
        Pull("distillation", text="retain", temperature=1.5),
        lambda new, old, kept: old.divergence(1.5),
    ),
    "replay": (Pull("replay"), lambda new, old, kept: old.mlm()),
    "l2-sp": (Pull("l2-sp"), lambda new, old, kept: new.weights(lambda name: 1.0)),
    "l2-sp of some": (
        Pull("l2-sp", parameters=r"layer\.1\.attention"),
        lambda new, old, kept: new.weights(lambda name: 1.0, "layer.1.attention"),
    ),
}


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_are_the_formulas(
    base: Path, texts: Texts, tmp_path: Path, name: str, parts: int
) -> None:
    pull, formula = CASES[name]
    weight = 0.7
    pull = replace(pull, weight=weight)
    sums, gradient = step(base, texts, [pull], tmp_path, parts)

    now, initial = moved(load_checkpoint(str(base))[0]), load_checkpoint(str(base))[0]
    (new,), (old,) = (([Plain(batch, now, initial) for batch in group]) for group in texts.batches(1))
    value, mlm = formula(new, old, texts.old.sentences), new.mlm()
    (mlm + weight * value).backward()

    assert float(sums.mlm) == pytest.approx(mlm.item(), rel=1e-5)
    assert float(sums.terms[pull.regularizer]) == pytest.approx(value.item(), rel=1e-4)
    for parameter_name, parameter in now.named_parameters():
        torch.testing.assert_close(gradient[parameter_name], parameter.grad, rtol=1e-3, atol=2e-6)


def test_ewc_weighs_each_weights_way_by_what_it_matters(base: Path, texts: Texts, tmp_path: Path) -> None:
    sums, gradient = step(base, texts, [Pull("ewc", 3.0)], tmp_path)
    information = load_file(tmp_path / FILE)
    now, initial = moved(load_checkpoint(str(base))[0]), load_checkpoint(str(base))[0]
    plain = Plain(texts.batches(1)[0][0], now, initial)
    value = plain.weights(information.__getitem__)
    (plain.mlm() + 3.0 * value).backward()
    assert float(sums.terms["ewc"]) == pytest.approx(value.item(), rel=1e-5)
    for name, parameter in now.named_parameters():
        torch.testing.assert_close(gradient[name], parameter.grad, rtol=1e-3, atol=2e-6)


def test_any_number_of_terms_add_up(base: Path, texts: Texts, tmp_path: Path) -> None:
    pulls = [
        Pull("representations", 0.3),
        Pull("distillation", 0.5, text="retain"),
        Pull("replay", 0.25),
        Pull("l2-sp", 0.01),
        Pull("ewc", 2.0),
    ]
    together, gradient = step(base, texts, pulls, tmp_path, 2)
    without, plain = step(base, texts, [], tmp_path, 2)
    expected = plain
    loss = float(without.mlm)
    for pull in pulls:
        alone, one = step(base, texts, [pull], tmp_path, 2)
        assert float(alone.terms[pull.regularizer]) > 0
        assert float(together.terms[pull.regularizer]) == pytest.approx(
            float(alone.terms[pull.regularizer]), rel=1e-5
        )
        loss += pull.weight * float(alone.terms[pull.regularizer])
        expected = {name: expected[name] + one[name] - plain[name] for name in expected}
    for name, whole in expected.items():
        torch.testing.assert_close(gradient[name], whole, rtol=1e-3, atol=5e-6)
    terms = [Term(pull.regularizer, pull.weight, WeightDistance([])) for pull in pulls]
    assert together.loss(terms) == pytest.approx(loss, rel=1e-5)
    parts = together.parts(terms)
    assert parts["replay"]["weighted"] == 0.25 * parts["replay"]["value"]


@pytest.mark.parametrize("regularizer", ["representations", "distillation", "l2-sp", "ewc"])
def test_a_distance_is_zero_and_pulls_nowhere_before_anything_moved(
    base: Path, texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, regularizer: str
) -> None:
    monkeypatch.setattr(f"{__name__}.moved", lambda model: model)
    sums, gradient = step(base, texts, [Pull(regularizer, 5.0)], tmp_path)
    _, plain = step(base, texts, [], tmp_path)
    assert abs(float(sums.terms[regularizer])) < 1e-6
    for name, whole in plain.items():
        torch.testing.assert_close(gradient[name], whole, rtol=1e-4, atol=1e-6)


def test_a_weight_of_nought_builds_nothing(base: Path, texts: Texts, tmp_path: Path) -> None:
    model, _ = load_checkpoint(str(base))
    pulls = [Pull(name, 0.0) for name in ("representations", "distillation", "replay", "l2-sp", "ewc")]
    assert build_terms(pulls, model, texts.tokenizer, run=here(tmp_path)) == []
    check_pulls(pulls, model, retained=False)


def test_in_bf16_the_terms_are_near_those_in_fp32(base: Path, texts: Texts, tmp_path: Path) -> None:
    model, _ = load_checkpoint(str(base))
    pulls = [Pull("representations", 0.3), Pull("distillation", 0.5)]
    terms = build_terms(pulls, model, texts.tokenizer, run=replace(here(tmp_path), precision="bf16"))
    moved(model)
    AcceleratorState._reset_state()
    accelerator = Accelerator(cpu=True, mixed_precision="bf16")
    network = accelerator.prepare(MaskedLanguageModel(model, wanted_layers(terms)))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.0)
    half = take_step(accelerator, network, optimizer, texts.batches(1)[0], None, terms)
    full, _ = step(base, texts, pulls, tmp_path)
    for pull in pulls:
        assert float(half.terms[pull.regularizer]) == pytest.approx(
            float(full.terms[pull.regularizer]), rel=0.05
        )
    AcceleratorState._reset_state()


class TestWhatIsRefused:
    def check(self, base: Path, *pulls: Pull, retained: bool = True) -> None:
        check_pulls(pulls, load_checkpoint(str(base))[0], retained=retained)

    def test_an_unknown_regulariser_with_the_known_ones(self, base: Path) -> None:
        with pytest.raises(ModelError, match="known: representations, l2-sp, ewc, distillation, replay"):
            self.check(base, Pull("magic", 0.3))

    def test_the_same_regulariser_twice(self, base: Path) -> None:
        with pytest.raises(ModelError, match="given once"):
            self.check(base, Pull(weight=0.3), Pull(weight=0.4))

    @pytest.mark.parametrize("weight", [-0.1, float("inf"), float("nan")])
    def test_a_weight_that_is_none(self, base: Path, weight: float) -> None:
        with pytest.raises(ModelError, match="cannot be negative"):
            self.check(base, Pull(weight=weight))

    def test_a_layer_that_is_not_there(self, base: Path) -> None:
        with pytest.raises(ModelError, match="there is no layer 7"):
            self.check(base, Pull(weight=0.3, layers=(-2, 7)))

    @pytest.mark.parametrize("pattern", ["nowhere", "("])
    def test_a_pattern_that_chooses_no_parameters(self, base: Path, pattern: str) -> None:
        with pytest.raises(ModelError, match="--parameters"):
            self.check(base, Pull("l2-sp", 0.01, parameters=pattern))

    @pytest.mark.parametrize(
        "pull",
        [
            Pull("replay", 0.1),
            Pull("ewc", 0.1),
            Pull("distillation", 0.1, text="retain"),
            Pull("representations", 0.1, tokens="retained"),
        ],
    )
    def test_the_old_language_without_its_corpus(self, base: Path, pull: Pull) -> None:
        with pytest.raises(ModelError, match="--retain DIR"):
            self.check(base, pull, retained=False)
