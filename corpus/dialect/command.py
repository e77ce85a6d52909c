"""`corpus convert`: it parses, calls one function, and prints."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import click
from tqdm import tqdm

from corpus import terminal
from corpus.dialect.evaluate import Evaluation, evaluate
from corpus.dialect.lexicon import Direction
from corpus.dialect.rules import RULES, Change, Rule, choose
from corpus.dialect.stream import convert_lines, convert_records
from corpus.files import chunks_of
from corpus.schema import CorpusError


def _names(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (value or "").split(",") if name.strip())
    try:
        choose(names)
    except CorpusError as error:
        raise click.BadParameter(str(error)) from None
    return names


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE|-]...", type=click.Path(path_type=Path))
@click.option("--to", type=click.Choice(["rok", "dprk"]), required=True, help="The orthography to write.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write here, all or nothing.")
@click.option("--force", is_flag=True, help="Replace --output FILE.")
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="NAME",
    help="The files are JSON lines: convert this field of each, and keep the others. May be repeated.",
)
@click.option("--rules", "only", callback=_names, metavar="LIST", help=f"Only these: {', '.join(RULES)}.")
@click.option("--without", callback=_names, metavar="LIST", help="All but these.")
@click.option(
    "--explain",
    is_flag=True,
    help="Print each rule's changes, with counts, in place of a text without --output.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write no text; compare it, line by line, with this one in the orthography wanted.",
)
@click.option(
    "--csv",
    "table",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="For --against: every change and error.",
)
def convert(
    files: tuple[Path, ...],
    to: Direction,
    output: Path | None,
    force: bool,
    fields: tuple[str, ...],
    only: tuple[str, ...],
    without: tuple[str, ...],
    explain: bool,
    against: Path | None,
    table: Path | None,
) -> None:
    """Rewrite texts from the orthography of one Korea to that of the other.

    Reads FILEs (UTF-8, gzipped or not) or the input, line by line. The rule compounds needs kiwipiepy
    (pip install 'dprk-bert[dialect]'); the others need nothing.

    \b
    Examples:
      corpus convert --to rok article.txt
      corpus convert --to rok --without compounds,places < north.txt > south.txt
      corpus convert --to dprk --field text reviews.jsonl.gz --output reviews.north.jsonl
      corpus convert --to rok --explain article.txt | head
      corpus convert --to rok north.txt --against south.txt --csv errors.csv
    """
    if table and not against:
        raise click.UsageError("--csv goes with --against FILE")
    if against and (output or explain or fields):
        raise click.UsageError("--against writes no text: leave out --output, --explain and --field")
    rules = choose(only, without)
    try:
        with tqdm(desc="convert", unit=" lines", disable=None) as bar:
            lines = _counted(_lines(files or (Path("-"),)), bar)
            if against:
                found = evaluate(_stripped(lines), _stripped(_lines((against,))), to, rules)
            else:
                changes: Counter[Change] | None = Counter() if explain else None
                converted = partial(convert_lines, to=to, rules=rules, changes=changes)
                texts = convert_records(lines, fields, converted) if fields else converted(lines)
                with _target(output, force, explain) as target:
                    for text in texts:
                        target.write(f"{text}\n")
    except CorpusError as error:
        raise click.ClickException(str(error)) from None
    if against:
        click.echo(report(found, to))
        if table:
            _write(table, found)
    elif changes is not None:
        for change, count in _by_rule(changes, rules):
            click.echo(f"{count:8,}  {change.rule:13}  {change.before} → {change.after}")


def report(found: Evaluation, to: Direction) -> str:
    """Error rates before and after, and the changes of each rule with its commonest errors."""
    rows = []
    for name in RULES:
        counts: Counter[str] = Counter()
        wrong: Counter[str] = Counter()
        for (change, verdict), count in found.changes.items():
            if change.rule == name:
                counts[verdict] += count
                if verdict == "wrong":
                    wrong[f"{change.before} → {change.after}"] += count
        if counts:
            numbers = [f"{counts[verdict]:,}" for verdict in ("right", "wrong", "neither")]
            rows.append([name, *numbers, ", ".join(text for text, _ in wrong.most_common(3))])
    (cer, wer), (cer_after, wer_after) = found.before, found.after
    rates = [
        ["character error rate", f"{cer:.2%}", f"{cer_after:.2%}", f"{cer_after / cer:.0%}" if cer else ""],
        ["word accuracy", f"{1 - wer:.2%}", f"{1 - wer_after:.2%}", f"{wer_after / wer:.0%}" if wer else ""],
    ]
    return "\n\n".join(
        (
            terminal.table([f"to {to}", "as it is", "converted", "of the error left"], rates),
            f"left: {found.spaces:,} spaces and {found.letters:,} letters or marks, each too many, missing or wrong",
            terminal.table(["rule", "right", "wrong", "neither", "wrong, for example"], rows),
        )
    )


def _write(file: Path, found: Evaluation) -> None:
    """Every change with its verdict, and what is left, which no rule reached or a rule did wrong."""
    with click.open_file(str(file), "w", encoding="utf-8") as output:
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow(("rule", "verdict", "before", "after", "count"))
        for (change, verdict), count in found.changes.most_common():
            writer.writerow((change.rule, verdict, change.before, change.after, count))
        for (word, wanted), count in found.left.most_common():
            writer.writerow(("", "left", word, wanted, count))


def _by_rule(changes: Counter[Change], rules: Sequence[Rule]) -> list[tuple[Change, int]]:
    order = {rule.name: place for place, rule in enumerate(rules)}
    return sorted(changes.items(), key=lambda item: (order[item[0].rule], -item[1], item[0].before))


def _lines(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        rest = ""
        for chunk in _input() if str(file) == "-" else chunks_of(file):
            *whole, rest = (rest + chunk).split("\n")
            yield from whole
        if rest:
            yield rest


def _stripped(lines: Iterable[str]) -> list[str]:
    return [line.rstrip("\r") for line in lines]


def _input() -> Iterator[str]:
    with click.open_file("-", "rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise CorpusError(f"line {number:,} of the input is not UTF-8: convert it first") from None


def _counted(lines: Iterable[str], bar: tqdm[None]) -> Iterator[str]:
    for line in lines:
        bar.update()
        yield line


@contextmanager
def _target(output: Path | None, force: bool, explain: bool) -> Iterator[IO[str]]:
    """Where the text goes: a file that is there only when it is whole, the output, or nowhere."""
    if output is None:
        with click.open_file(os.devnull if explain else "-", "w", encoding="utf-8") as stream:
            yield stream
        return
    if output.exists() and not force:
        raise CorpusError(
            f"{output} exists and is left alone: choose another --output, or replace it with --force"
        )
    hidden = output.with_name(f".{output.name}.partial")
    try:
        with hidden.open("w", encoding="utf-8", newline="\n") as file:
            yield file
        hidden.replace(output)
    except OSError as error:
        raise CorpusError(f"{output} cannot be written: {error.strerror}") from None
    finally:
        hidden.unlink(missing_ok=True)
