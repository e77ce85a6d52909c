"""Speed of `corpus convert`, and how near it comes to a reference, beside kiwipiepy's own spacing.

    python benchmarks/convert.py dev.nk dev.sk --to rok --rounds 3

Speed is that of the conversion in one process (kiwipiepy uses all cores), after a first call that loads lexicon and
models; the text is repeated to `--megabytes`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import click
from kiwipiepy import Kiwi

from corpus.dialect.evaluate import rates
from corpus.dialect.rules import choose, convert
from corpus.files import whole_text

# What a rewriter may have left alone: an error there is the reference's.
_BEYOND = ("quotation", "places", "loanwords", "vocabulary", "middle-s", "endings", "questions")


@click.command(context_settings={"show_default": True})
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.argument("reference", type=click.Path(exists=True, path_type=Path))
@click.option("--to", type=click.Choice(["rok", "dprk"]), default="rok")
@click.option("--rounds", default=3)
@click.option("--megabytes", default=1.0)
def main(source: Path, reference: Path, to: str, rounds: int, megabytes: float) -> None:
    """Print megabytes a second, and the error left, of each way."""
    lines, wanted = (whole_text(path).splitlines() for path in (source, reference))
    kiwi = Kiwi()
    ways: dict[str, Callable[[str], str]] = {
        "all rules": lambda text: convert(text, to, choose()),  # type: ignore[arg-type]
        "spelling and spaces": lambda text: convert(text, to, choose(without=_BEYOND)),  # type: ignore[arg-type]
        "without compounds": lambda text: convert(text, to, choose(without=["compounds"])),  # type: ignore[arg-type]
    }
    if to == "rok":
        ways["kiwipiepy's spaces"] = lambda text: "\n".join(kiwi.space(text.split("\n")))
    text = "\n".join(lines)
    repeated = "\n".join([text] * max(1, round(megabytes * 1e6 / len(text.encode()))))
    cer, wer = rates(lines, wanted)
    for name, way in ways.items():
        cer_after, wer_after = rates(way(text).split("\n"), wanted)
        seconds = []
        for _ in range(rounds):
            started = time.perf_counter()
            way(repeated)
            seconds.append(time.perf_counter() - started)
        speed = len(repeated.encode()) / 1e6 / statistics.median(seconds)
        click.echo(
            f"{name:20} {speed:6.2f} MB/s   error left: {cer_after / cer:4.0%} of characters, "
            f"{wer_after / wer:4.0%} of words"
        )


if __name__ == "__main__":
    main()
