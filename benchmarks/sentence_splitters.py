"""Our sentence splitter beside kiwipiepy, kss and pysbd: F1 on the gold set, speed, and agreement on a text of yours.

    python -m venv splitters && splitters/bin/pip install click kiwipiepy kss pysbd
    PYTHONPATH=. splitters/bin/python benchmarks/sentence_splitters.py
    PYTHONPATH=. splitters/bin/python benchmarks/sentence_splitters.py --text kyongje_yongu.jsonl.gz

An environment of their own, because kss brings some forty packages along. What is not installed is left out, and a
line says so.

F1 counts the boundaries inside paragraphs (the end of a paragraph is no merit), wherever white space is put. All of
them get the text as an export has it: with ordinary stops for full-width ones, which no other splitter knows. Speed is
the median of three rounds, each on other text: kss remembers what it has seen. pysbd knows no Korean; its English rules
are run. "agrees" is the F1 of each splitter, if ours were right throughout.
"""

from __future__ import annotations

import gzip
import importlib
import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from corpus.sentences import split_sentences
from corpus.text import normalize

GOLD = Path(__file__).parents[1] / "tests" / "corpus" / "gold"
Split = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A labelled paragraph: its text, and the places of its inner boundaries (in characters, white space aside)."""

    genre: str
    text: str
    boundaries: frozenset[int]


@dataclass(frozen=True, slots=True)
class Score:
    right: int
    wrong: int
    missed: int

    @property
    def f1(self) -> float:
        return 2 * self.right / ((2 * self.right + self.wrong + self.missed) or 1)


def read_gold(path: Path) -> Iterator[Paragraph]:
    """The paragraphs of one file of the gold set; its head says what the marks mean."""
    genre = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            genre = line.removeprefix("## ")
        elif line and not line.startswith("#"):
            line = line.replace("⏎", "\n")
            yield Paragraph(genre, normalize(line.replace("¦", ""), ("width",)), boundaries(line.split("¦")))


def boundaries(sentences: Sequence[str]) -> frozenset[int]:
    """Where each sentence but the last ends."""
    lengths = [len("".join(sentence.split())) for sentence in sentences]
    return frozenset(sum(lengths[:number]) for number in range(1, len(lengths)))


def score(paragraphs: Iterable[Paragraph], split: Split) -> Score:
    """How many boundaries a splitter finds, invents and misses."""
    right = wrong = missed = 0
    for paragraph in paragraphs:
        found = boundaries([sentence for sentence in split(paragraph.text) if sentence.strip()])
        right += len(found & paragraph.boundaries)
        wrong += len(found - paragraph.boundaries)
        missed += len(paragraph.boundaries - found)
    return Score(right, wrong, missed)


def splitters() -> Iterator[tuple[str, Split]]:
    """Those that are installed, loaded and warm."""
    yield "corpus.sentences", split_sentences
    yield "a stop and a space", re.compile(r"(?<=[.!?．！？…])\s+").split
    for name, load in {"kiwipiepy": _kiwi, "kss": _kss, "kss punct": _kss_punct, "pysbd": _pysbd}.items():
        try:
            split = load()
        except ImportError as error:
            click.echo(f"{name} is left out: {error}", err=True)
            continue
        split("비가 왔다. 눈도 왔다.")
        yield name, split


def _kiwi() -> Split:
    kiwi = importlib.import_module("kiwipiepy").Kiwi(num_workers=1)
    return lambda text: [sentence.text for sentence in kiwi.split_into_sents(text)]


def _kss() -> Split:
    kss = importlib.import_module("kss")
    return lambda text: kss.split_sentences(text, num_workers=1)


def _kss_punct() -> Split:
    kss = importlib.import_module("kss")
    return lambda text: kss.split_sentences(text, backend="punct", num_workers=1)


def _pysbd() -> Split:
    return importlib.import_module("pysbd").Segmenter(language="en", clean=False).segment


def rounds_of(texts: Iterable[str], characters: int, count: int = 3) -> list[list[str]]:
    """Paragraphs for `count` rounds of so many characters each, none in two rounds, as far as the texts reach."""
    rounds: list[list[str]] = [[] for _ in range(count)]
    lengths = [0] * count
    for paragraph in (normalize(line).strip() for text in texts for line in text.splitlines()):
        place = lengths.index(min(lengths))
        if lengths[place] >= characters:
            break
        if paragraph:
            rounds[place].append(paragraph)
            lengths[place] += len(paragraph)
    return rounds


def speed(split: Split, rounds: Sequence[Sequence[str]]) -> float:
    """Characters a second, the median of the rounds; a round lasts a fifth of a second at least."""
    rates = []
    for paragraphs in rounds:
        done, started = 0, time.perf_counter()
        while not done or time.perf_counter() - started < 0.2:
            for paragraph in paragraphs:
                split(paragraph)
            done += sum(map(len, paragraphs))
        rates.append(done / (time.perf_counter() - started))
    return statistics.median(rates)


def _texts(path: Path) -> Iterator[str]:
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as file
    ):
        for line in file:
            yield json.loads(line)["text"] if line.startswith("{") else line


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}"


@click.command(context_settings={"show_default": True})
@click.option(
    "--text", type=click.Path(exists=True, path_type=Path), help="JSON lines (`text`) or plain text."
)
@click.option("--characters", default=20_000, help="Of that text, for each of three rounds.")
def main(text: Path | None, characters: int) -> None:
    """Compare the sentence splitters that are installed."""
    develop, held_out = (list(read_gold(GOLD / f"{name}.txt")) for name in ("develop", "held-out"))
    for name, half in (("develop", develop), ("held out", held_out)):
        marks = sum(len(paragraph.boundaries) for paragraph in half)
        click.echo(f"{name}: {len(half)} paragraphs, {marks} boundaries inside them")
    rounds = rounds_of(_texts(text) if text else (p.text for p in develop + held_out), characters)
    unlabelled = [Paragraph("", p, boundaries(split_sentences(p))) for part in rounds for p in part]
    click.echo(f"speed: 3 rounds of {min(sum(map(len, part)) for part in rounds):,} characters or more\n")
    head = (
        f"{'':20}{'slower':>9}{'chars/s':>13}{'F1 develop':>12}{'F1 held out':>13}{'wrong':>7}{'missed':>8}"
    )
    click.echo(f"{head}{'agrees' if text else '':>8}")
    ours = 0.0
    for name, split in splitters():
        rate = speed(split, rounds)
        ours = ours or rate
        known, unknown = score(develop, split), score(held_out, split)
        shared = f"{score(unlabelled, split).f1:8.3f}" if text else ""
        click.echo(
            f"{name:20}{_times(ours / rate):>8}×{rate:13,.0f}{known.f1:12.3f}{unknown.f1:13.3f}"
            f"{unknown.wrong:7}{unknown.missed:8}{shared}"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
