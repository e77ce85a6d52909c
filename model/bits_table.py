"""The table of bits a syllable, which models with different vocabularies share."""

from __future__ import annotations

from model.rendering import render_grid
from model.results import Evaluation
from model.tables import written


def bits_table(evaluation: Evaluation, form: str = "text") -> str:
    """Bits a syllable of each model on each set; of the words that every model's vocabulary holds; and the share of
    words that this one's does not.

    Empty where the evaluation has none. The second figure is left out where models were evaluated in different calls:
    they share other words then.
    """
    sets = [name for name in evaluation.sets if any(each == name for _, each in evaluation.words)]
    models = [name for name in evaluation.models if all((name, each) in evaluation.words for each in sets)]
    if not sets or not models:
        return ""
    header, body = ["model"], [[name] for name in models]
    for name in sets:
        sums = [evaluation.words[model, name] for model in models]
        shared = len({each.shared_syllables for each in sums}) == 1
        header += [
            f"{name} bits/syllable",
            *([f"{name} known to all"] if shared else []),
            f"{name} unknown %",
        ]
        for cells, each in zip(body, sums, strict=True):
            cells.append(f"{each.bits_per_syllable:.3f}")
            if shared:
                cells.append(f"{each.shared_bits_per_syllable:.3f}")
            cells.append(f"{100 * each.unknown / max(1, each.words):.2f}")
    return written([header, *body]) if form == "csv" else render_grid(header, body, form)
