"""Guesses for hidden words, side by side, as text, JSON or a page of HTML that stands alone."""

from __future__ import annotations

import dataclasses
import html
import json
from collections.abc import Callable, Sequence
from typing import Literal

from model.guesses import Answer, AskedSentence, spaced
from model.rendering import render_grid

Form = Literal["text", "json", "html"]
FORMS: tuple[Form, ...] = ("text", "json", "html")

_STYLE = """
body { font: 16px/1.6 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
section { margin: 2.2rem 0 } mark { background: #ffe9a8; padding: 0 .15em } .seen { color: #777 }
table { border-collapse: collapse; margin-top: .6rem } th, td { text-align: left; padding: .2rem .9rem .2rem 0;
border-top: 1px solid #ddd; vertical-align: top } .right { color: #00714d; font-weight: 600 } .wrong { color: #b03a00 }
"""


def report(asked: Sequence[AskedSentence], form: str = "text") -> str:
    """The sentences one after the other; a row a hidden token, a column a model: rank and probability of the truth, and
    the first guesses.
    """
    if form == "json":
        return json.dumps([dataclasses.asdict(each) for each in asked], ensure_ascii=False, indent=2)
    if form == "html":
        return _page(asked)
    return "\n\n".join(_text(number, sentence) for number, sentence in enumerate(asked, 1))


def _text(number: int, sentence: AskedSentence) -> str:
    hidden = {token.place for token in sentence.hidden}
    models = list(sentence.hidden[0].answers) if sentence.hidden else []
    grid = [[token.truth, *(_cell(token.answers[name]) for name in models)] for token in sentence.hidden]
    true = _joined(
        sentence.tokens, lambda place, part: f"{_lead(part)}[{part.strip()}]" if place in hidden else part
    )
    return f"{number}. {true}\n   {_joined(sentence.seen)}\n" + render_grid(["truth", *models], grid)


def _page(asked: Sequence[AskedSentence]) -> str:
    parts = []
    for sentence in asked:
        hidden = {token.place for token in sentence.hidden}
        models = list(sentence.hidden[0].answers) if sentence.hidden else []

        def marked(place: int, part: str, hidden: set[int] = hidden) -> str:
            shown = html.escape(part.strip())
            return _lead(part) + (f"<mark>{shown}</mark>" if place in hidden else shown)

        rows = "".join(
            f"<tr><td>{html.escape(token.truth)}</td>"
            + "".join(
                f'<td class="{"right" if token.answers[name].rank == 1 else "wrong"}">'
                f"{html.escape(_cell(token.answers[name]))}</td>"
                for name in models
            )
            + "</tr>"
            for token in sentence.hidden
        )
        head = "".join(f"<th>{html.escape(name)}</th>" for name in ("truth", *models))
        parts.append(
            f"<section><div>{_joined(sentence.tokens, marked)}</div>"
            f'<div class="seen">{html.escape(_joined(sentence.seen))}</div>'
            f"<table><tr>{head}</tr>{rows}</table></section>"
        )
    return (
        '<!doctype html>\n<html lang="ko"><head><meta charset="utf-8"><title>Guesses for hidden words</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>Guesses for hidden words</h1>\n"
        + "\n".join(parts)
        + "\n</body></html>"
    )


def _cell(answer: Answer) -> str:
    """`#3, 12.0 %: 밭 41.0 %, 논 22.1 %`: rank and probability of the truth, then the first guesses."""
    guesses = ", ".join(f"{guess.token} {100 * guess.probability:.1f} %" for guess in answer.guesses)
    return f"#{answer.rank}, {100 * answer.probability:.1f} %: {guesses}"


def _joined(tokens: Sequence[str], shown: Callable[[int, str], str] = lambda place, part: part) -> str:
    return "".join(shown(place, part) for place, part in enumerate(spaced(tokens))).strip()


def _lead(part: str) -> str:
    return " " if part.startswith(" ") else ""
