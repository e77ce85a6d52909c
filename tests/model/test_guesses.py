"""Guesses for hidden words, side by side."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from model.errors import ModelError
from model.evaluate import EvaluationSet
from model.guess_report import report
from model.guesses import Answer, AskedSentence, Guess, HiddenToken, ask, differing
from model.pretrain import pretrain
from model.recipes import RECIPES, Run


def answer(rank: int) -> Answer:
    return Answer(rank, 0.5 / rank, (Guess("논" if rank == 1 else "밭", 0.5), Guess("<b>", 0.25)))


SENTENCE = AskedSentence(
    ("물", "##이", "찬", "논"),
    ("물", "[MASK]", "찬", "[MASK]"),
    (
        HiddenToken(1, "##이", {"base": answer(1), "near": answer(1)}),
        HiddenToken(3, "논", {"base": answer(2), "near": answer(1)}),
    ),
)


def test_the_guesses_are_the_most_probable_tokens_of_the_model_that_is_loaded_as_it_is(
    base: Path, dprk: Path
) -> None:
    asked = ask(
        [("base", str(base))],
        EvaluationSet("north", dprk),
        sentences=4,
        top=3,
        device="cpu",
        precision="fp32",
    )
    assert len(asked) == 4
    model, tokenizer = AutoModelForMaskedLM.from_pretrained(base).eval(), AutoTokenizer.from_pretrained(base)
    for sentence in asked:
        ids = tokenizer.convert_tokens_to_ids(["[CLS]", *sentence.seen, "[SEP]"])
        with torch.inference_mode():
            logits = model(torch.tensor([ids])).logits[0, 1:-1]
        for token in sentence.hidden:
            best = logits[token.place].softmax(dim=0).topk(3)
            guesses = token.answers["base"].guesses
            assert [guess.token for guess in guesses] == tokenizer.convert_ids_to_tokens(best.indices)
            assert [guess.probability for guess in guesses] == pytest.approx(best.values.tolist(), rel=1e-4)


def test_rank_one_is_the_first_guess(base: Path, dprk: Path) -> None:
    asked = ask([("base", str(base))], EvaluationSet("north", dprk), sentences=12, device="cpu")
    answers = [(token.truth, token.answers["base"]) for each in asked for token in each.hidden]
    assert {found.rank == 1 for _, found in answers} == {True, False}
    assert all((found.rank == 1) == (found.guesses[0].token == truth) for truth, found in answers)


def test_every_model_is_asked_for_the_same_words(base: Path, dprk: Path) -> None:
    models = [("one", str(base)), ("two", str(base))]
    asked = ask(models, EvaluationSet("north", dprk), sentences=5, device="cpu")
    assert all(token.answers["one"] == token.answers["two"] for each in asked for token in each.hidden)


def test_models_with_different_vocabularies_are_refused(base: Path, dprk: Path, tmp_path: Path) -> None:
    run = Run(tmp_path / "other", max_steps=1, device="cpu", precision="fp32")
    pretrain([dprk], size="tiny", recipe=RECIPES["pretrain"], run=run, vocabulary_size=5_500)
    with pytest.raises(ModelError, match="other has another vocabulary than base"):
        ask(
            [("base", str(base)), ("other", str(tmp_path / "other"))],
            EvaluationSet("north", dprk),
            sentences=2,
            device="cpu",
        )


def test_differing_keeps_the_words_that_only_some_models_know() -> None:
    kept = differing([SENTENCE, AskedSentence(SENTENCE.tokens, SENTENCE.seen, SENTENCE.hidden[:1])])
    assert [[token.truth for token in each.hidden] for each in kept] == [["논"]]


def test_the_text_marks_the_truth_in_its_sentence() -> None:
    lines = report([SENTENCE]).splitlines()
    assert lines[0] == "1. 물[이] 찬 [논]"
    assert lines[1].strip() == "물 [MASK] 찬 [MASK]"
    assert re.split(r" {2,}", lines[-1]) == [
        "논",
        "#2, 25.0 %: 밭 50.0 %, <b> 25.0 %",
        "#1, 50.0 %: 논 50.0 %, <b> 25.0 %",
    ]


def test_json_holds_everything() -> None:
    (sentence,) = json.loads(report([SENTENCE], "json"))
    assert sentence["hidden"][1]["answers"]["base"]["rank"] == 2
    assert sentence["hidden"][1]["answers"]["base"]["guesses"][0] == {"token": "밭", "probability": 0.5}


def test_the_page_marks_right_and_wrong_and_escapes_what_tokens_hold() -> None:
    page = report([SENTENCE], "html")

    class Cells(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.classes: list[str | None] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag != "b"
            if tag == "td" and attrs:
                self.classes.append(dict(attrs)["class"])

    cells = Cells()
    cells.feed(page)
    assert cells.classes == ["right", "right", "wrong", "right"]
    assert "물<mark>이</mark> 찬 <mark>논</mark>" in page
