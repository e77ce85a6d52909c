"""The figures that the DPRK-BERT paper reports (Jeon and Akdemir 2021, arXiv:2112.00567), to stand beside ours.

Of its three sets the New Year addresses and KorNLI are the same documents as ours; its newspaper articles are not
public, so that its figures on them are of other text. All are on text without punctuation, as means of batch means over
the first 500 batches, with `[UNK]` among the hidden tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

NEWSPAPER, KORNLI, NEW_YEAR = "rodong", "kornli", "newyear"


@dataclass(frozen=True, slots=True)
class Published:
    """Log-perplexity in nats, accuracy in per cent."""

    log_perplexity: float
    accuracy: float


KR_BERT = {
    NEWSPAPER: Published(2.505, 53.57),
    KORNLI: Published(2.536, 51.43),
    NEW_YEAR: Published(2.009, 59.93),
}
KR_BERT_MEDIUM = {
    NEWSPAPER: Published(3.241, 43.13),
    KORNLI: Published(2.928, 45.55),
    NEW_YEAR: Published(2.922, 46.32),
}
MBERT = {
    NEWSPAPER: Published(3.41, 37.73),
    KORNLI: Published(3.066, 42.08),
    NEW_YEAR: Published(2.853, 45.28),
}
UNREGULARIZED = {
    NEWSPAPER: Published(0.803, 82.37),
    KORNLI: Published(5.465, 25.79),
    NEW_YEAR: Published(1.088, 76.65),
}
BASES = {
    "snunlp/KR-BERT-char16424": KR_BERT,
    "snunlp/KR-Medium": KR_BERT_MEDIUM,
    "bert-base-multilingual-cased": MBERT,
    "google-bert/bert-base-multilingual-cased": MBERT,
}

# λ: log-perplexity and accuracy on the newspaper, on KorNLI and on the New Year addresses.
_SWEEP = {
    0.1: (1.492, 68.70, 2.951, 44.93, 1.471, 68.04),
    0.2: (1.495, 68.43, 2.903, 45.32, 1.459, 68.44),
    0.3: (1.448, 69.72, 2.989, 45.07, 1.444, 68.83),
    0.4: (1.614, 66.94, 2.836, 46.25, 1.533, 67.03),
    0.5: (1.515, 68.49, 2.913, 45.59, 1.462, 68.22),
    0.6: (1.629, 66.43, 2.838, 45.95, 1.440, 68.21),
    0.7: (1.439, 69.48, 3.038, 44.43, 1.426, 68.88),
    0.8: (1.639, 66.29, 2.773, 47.19, 1.536, 66.90),
    0.9: (1.636, 66.32, 2.802, 46.80, 1.538, 66.93),
    1.0: (1.555, 67.70, 2.913, 45.23, 1.511, 67.36),
}
BY_WEIGHT = {0.0: UNREGULARIZED} | {
    weight: {
        name: Published(*figures[2 * place : 2 * place + 2])
        for place, name in enumerate((NEWSPAPER, KORNLI, NEW_YEAR))
    }
    for weight, figures in _SWEEP.items()
}


def published(location: str, weight: float | None) -> dict[str, Published]:
    """What the paper reports of the model that ours stands for, by set: a base by its hub name, a run by its λ.

    Empty where the paper has no such model.
    """
    if weight is None:
        return BASES.get(location, {})
    return BY_WEIGHT.get(round(weight, 6), {})
