"""Figures of a corpus, as PNG or SVG by the name of the file.

The fonts that come with matplotlib have no Hangul. Where the machine has one that does, words stand as they are;
elsewhere they are romanised letter by letter, so that a figure never shows empty boxes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.schema import CorpusError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")
# Light to dark also in grey; told apart with any colour vision (Okabe and Ito 2008).
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
_LINES = ("-", "--", "-.", ":")
# Fonts with Hangul: those that systems bring, then whatever sounds like one.
_FONTS = (
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "NanumGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "AppleGothic",
)
_KOREAN = re.compile("CJK|Nanum|Gothic|Batang|Dotum|Gulim|KR$")
_NAMES_A_AXIS = 30  # more labels than that would overlap


def bars(
    path: Path, title: str, axis: str, values: Mapping[str, Mapping[str, float]], flat: bool = False
) -> None:
    """Stacked bars: series -> label -> value; all series have the labels of the first. `flat`: bars lie."""
    labels = list(next(iter(values.values())))
    long = len(labels) if flat else 0
    figure, axes = _figure(7.5, max(3.4, 0.27 * long))
    base = [0.0] * len(labels)
    places = range(len(labels))
    for number, (name, series) in enumerate(values.items()):
        heights = [series.get(label, 0) for label in labels]
        colour = _COLOURS[number % len(_COLOURS)]
        if flat:
            axes.barh(places, heights, left=base, label=name, color=colour)
        else:
            axes.bar(places, heights, bottom=base, label=name, color=colour)
        base = [a + b for a, b in zip(base, heights, strict=True)]
    shown = list(map(written, labels))
    step = 1 if flat else -(-len(labels) // _NAMES_A_AXIS)
    if flat:
        axes.set_yticks(places, shown)
        axes.invert_yaxis()
        axes.set_xlabel(axis)
    else:
        turned = len(labels[::step]) > 10
        axes.set_xticks(places[::step], shown[::step], rotation=90 if turned else 0)
        axes.set_ylabel(axis)
    if len(values) > 1:
        axes.legend(frameon=False)
    _save(figure, axes, path, title, "x" if flat else "y")


def lines(
    path: Path, title: str, axis: str, labels: Sequence[str], values: Mapping[str, Sequence[float]]
) -> None:
    """A line a series over the same labels, named at the side."""
    figure, axes = _figure(7.5, 4.0)
    for number, (name, series) in enumerate(values.items()):
        axes.plot(
            range(len(labels)),
            series,
            _LINES[number // len(_COLOURS) % len(_LINES)],
            marker="o",
            markersize=3,
            color=_COLOURS[number % len(_COLOURS)],
            label=written(name),
        )
    step = -(-len(labels) // _NAMES_A_AXIS)
    axes.set_xticks(range(0, len(labels), step), labels[::step], rotation=90 if len(labels) > 10 else 0)
    axes.set_ylabel(axis)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    _save(figure, axes, path, title, "y")


def written(word: str) -> str:
    """A word as the figures can show it: itself, or romanised where no font has Hangul."""
    return word if word.isascii() or _hangul_font() else romanized(word)


# In the order in which Unicode composes syllables.
_INITIALS = "g kk n d tt r m b pp s ss - j jj ch k t p h".replace("-", "").split(" ")
_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split(" ")  # noqa: SIM905
_FINALS = "- k kk ks n nj nh t l lk lm lb ls lt lp lh m p ps t t ng t t k t p t".replace("-", "").split(" ")


def romanized(word: str) -> str:
    """Letter by letter by the table of the Revised Romanization (2000), without its changes between syllables."""
    letters = []
    for character in word:
        code = ord(character) - 0xAC00
        if 0 <= code < 11172:
            letters.append(_INITIALS[code // 588] + _VOWELS[code % 588 // 28] + _FINALS[code % 28])
        else:
            letters.append(character if character.isascii() else "?")
    return "".join(letters)


@lru_cache(maxsize=1)
def _hangul_font() -> str | None:
    """The name of a font of this machine that has Hangul, the plainest first; None where there is none."""
    _pyplot()
    from matplotlib import font_manager

    fonts = {font.name: font.fname for font in reversed(font_manager.fontManager.ttflist)}
    for name in [*_FONTS, *sorted(name for name in fonts if _KOREAN.search(name))]:
        try:
            if name in fonts and font_manager.get_font(fonts[name]).get_char_index(ord("로")):
                return name
        except (OSError, RuntimeError):  # a broken font file
            continue
    return None


def _figure(width: float, height: float) -> tuple[Figure, Any]:
    pyplot = _pyplot()
    font = _hangul_font()
    pyplot.rcParams["font.family"] = [font, "DejaVu Sans"] if font else ["DejaVu Sans"]
    pyplot.rcParams["svg.hashsalt"] = "dprk-bert"  # or ids inside an SVG would be random
    return pyplot.subplots(figsize=(width, height), layout="constrained")


def _save(figure: Figure, axes: Any, path: Path, title: str, grid: str) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.set_title(title, loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid, linewidth=0.4, alpha=0.6)
    axes.set_axisbelow(True)
    numbers = axes.xaxis if grid == "x" else axes.yaxis
    numbers.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:,g}" if value < 1e6 else f"{value:,.0f}")
    )
    meanwhile = path.with_name(f".{path.name}.writing")
    try:
        figure.savefig(
            meanwhile,
            format=path.suffix[1:].lower(),
            dpi=150,
            metadata={"Date": None} if path.suffix.lower() == ".svg" else None,
        )
        os.replace(meanwhile, path)
    except OSError as error:
        meanwhile.unlink(missing_ok=True)
        raise CorpusError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        _pyplot().close(figure)


def check_name(path: Path) -> None:
    """Raises `CorpusError` for a file that is no figure by its name, before the work is done."""
    if path.suffix.lower() not in SUFFIXES:
        raise CorpusError(f"{path} is neither .png nor .svg: name the figure by one of them")
    _pyplot()


def _pyplot() -> Any:
    try:
        import matplotlib
    except ModuleNotFoundError:
        raise CorpusError("figures need matplotlib: pip install 'dprk-bert[figures]'") from None
    matplotlib.use("agg")
    from matplotlib import pyplot

    return pyplot
