"""The command line `corpus`: it parses, calls one function, and prints."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import click
from tqdm import tqdm

from corpus import cleaning, commands
from corpus import export as exporting
from corpus.cutting import SHARD_BYTES
from corpus.dialect.command import convert
from corpus.options import Dedup, Options
from corpus.parallel import available_processors
from corpus.schema import CorpusError, Manifest
from corpus.sources import Source
from corpus.split import ALL, SplitBy, deviation, shares_of
from corpus.text import RECIPES, STEPS
from corpus.verify import verify as find_faults

_STEP = click.Choice([*cleaning.CLEANINGS, *STEPS])


@click.group()
def corpus() -> None:
    """Turn texts into a corpus: Parquet shards of sentences with a data card."""


for command in (
    commands.syllables,
    commands.stats,
    commands.card,
    commands.concordance,
    commands.cooccurrence,
    convert,
):
    corpus.add_command(command)


def _day(_: click.Context, __: click.Parameter, value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter(f"{value} is not a day: write YYYY-MM-DD") from None


def _split(_: click.Context, __: click.Parameter, value: str | None) -> dict[str, Any]:
    """The options that --split stands for: a ratio, the shares of three splits, or days."""
    if value is None:
        return {}
    parts = [part.strip() for part in value.split(",")]
    try:
        if all("-" in part for part in parts):
            return {"first_days": tuple(map(dt.date.fromisoformat, parts))}
        shares = shares_of(tuple(map(float, parts)) if len(parts) > 1 else float(value))
    except ValueError:
        raise click.BadParameter(
            f"{value}: give one ratio between 0 and 1 for train, or the shares of train, validation and test that "
            "sum to 1, as 0.8,0.1,0.1, or with --split-by date the first days of validation and test"
        ) from None
    return {"ratio": shares if len(parts) > 1 else shares[0]}


def _sources(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[Source, ...]:
    try:
        return tuple(Source.parse(value) for value in values)
    except CorpusError as error:
        raise click.BadParameter(str(error)) from None


def _size(_: click.Context, __: click.Parameter, value: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kMG]?)B?", value.strip(), re.IGNORECASE)
    size = match and round(float(match[1]) * {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}[match[2].lower()])
    if not size:
        raise click.BadParameter(f"{value} is no size: write it as 500kB, 64MB or 1GB")
    return size


@corpus.command()
@click.option(
    "--split",
    is_flag=False,
    flag_value="0.8",
    callback=_split,
    metavar="[RATIO]",
    help="Split into train and validation; RATIO goes to train (0.8 if not given). 0.8,0.1,0.1 splits off a test "
    "split too. With --split-by date also the first day of validation, and of test: 2020-01-01,2021-01-01.",
)
@click.option(
    "--split-by",
    type=click.Choice(get_args(SplitBy)),
    default="document",
    show_default=True,
    help="What is never divided: a document (by hash; keeps its place while the corpus grows), a day (train on "
    "the past, validate on the future), or a section.",
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    callback=_sources,
    default=("archive:sqlite:///rodong.db",),
    metavar="KIND:LOCATION",
    show_default=True,
    help="archive:URL, newyear:DIR, kornli:FILE, jsonl:FILE or text:FILE_OR_DIR; may be repeated.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("corpora/rodong"),
    show_default=True,
    metavar="DIR",
)
@click.option(
    "--vocab",
    type=click.Path(path_type=Path),
    metavar="NAME_OR_FILE",
    help="Vocabulary of the model that the corpus is for (vocab.txt, tokenizer.json, their folder, or the model's name "
    "on a hub): syllables and signs that it lacks are mapped. Without it: the syllables that KR-BERT lacks.",
)
@click.option(
    "--recipe",
    type=click.Choice(list(RECIPES)),
    default="default",
    show_default=True,
    help="Normalisation: ours, or that of the paper's published code.",
)
@click.option(
    "--with",
    "with_steps",
    multiple=True,
    type=_STEP,
    metavar="STEP",
    help=f"Add a step to the recipe's; may be repeated. Steps: {', '.join(_STEP.choices)}.",
)
@click.option(
    "--without",
    "without_steps",
    multiple=True,
    type=_STEP,
    metavar="STEP",
    help="Leave a step of the recipe out.",
)
@click.option("--map/--no-map", "map_", default=True, help="Whether syllables are mapped at all.")
@click.option(
    "--dedup",
    type=click.Choice(get_args(Dedup)),
    default="exact",
    show_default=True,
    help="Leave out documents whose text was there before: exactly, or also nearly. In any case nearly equal "
    "documents are never in different splits.",
)
@click.option(
    "--similarity",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.7,
    show_default=True,
    help="From which share of common runs of three words on two documents are nearly equal (of two sentences: runs of "
    "five characters).",
)
@click.option(
    "--dedup-sentences",
    type=click.Choice(get_args(Dedup)),
    default="none",
    show_default=True,
    help="Leave out single sentences that were there before, in this document or an earlier one.",
)
@click.option("--since", callback=_day, metavar="YYYY-MM-DD", help="First day to take.")
@click.option("--until", callback=_day, metavar="YYYY-MM-DD", help="Last day to take.")
@click.option(
    "--section",
    "sections",
    multiple=True,
    metavar="NAME",
    help="Take only documents of this section; may be repeated.",
)
@click.option(
    "--exclude-orthography",
    "exclude",
    type=click.Choice(["rok", "dprk"]),
    help="Leave out documents that the text shows to be spelt as in the South (rok) or the North (dprk).",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the split.")
@click.option(
    "--shard-size",
    "shard_bytes",
    callback=_size,
    default=f"{SHARD_BYTES // 1_000_000}MB",
    show_default=True,
    metavar="SIZE",
    help="About how much text one Parquet file holds, as 500kB, 64MB or 1GB; on disk it is a third of that.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Write a line about everything that is left out: the reason, the document, the one that it repeats.",
)
@click.option(
    "--update",
    is_flag=True,
    help="Bring the corpus in DIR up to date: only shards in which something changed are written.",
)
@click.option(
    "--force", "--overwrite", is_flag=True, help="Replace the corpus in DIR (and nothing but a corpus)."
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=available_processors,
    show_default="one a processor",
    metavar="N",
    help="Processes that treat text. The corpus is the same for any number.",
)
def export(
    sources: tuple[Source, ...],
    output: Path,
    report: Path | None,
    update: bool,
    force: bool,
    jobs: int,
    map_: bool,
    split: dict[str, Any],
    **chosen: Any,
) -> None:
    """Write a corpus to DIR: one row a sentence, with a data card and a manifest.

    Nothing is done where DIR holds the same corpus already.

    \b
    Examples:
      corpus export --split
      corpus export --split 0.9 --source archive:sqlite:///rodong.db --output corpora/rodong
      corpus export --split 0.9 --source archive:sqlite:///rodong.db --output corpora/rodong --update
      corpus export --split 0.8,0.1,0.1 --split-by date --since 2018-01-01
      corpus export --source newyear:new_year --exclude-orthography rok --output corpora/newyear
      corpus export --split --source jsonl:a.jsonl.gz --source text:b.txt --vocab krbert/ --output corpora/ab
    """
    options = Options(map=map_, **split, **chosen)
    try:
        with tqdm(desc="export", unit=" documents", disable=None) as bar:
            manifest = exporting.export(
                sources,
                output,
                options,
                update=update,
                force=force,
                report=report,
                jobs=jobs,
                progress=bar.update,
                say=click.echo,
            )
    except (CorpusError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(_summary(manifest, output))


@corpus.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def verify(folder: Path) -> None:
    """Check the corpus in DIR: checksums, counts, columns, and that no document is in two splits.

    Exit code 1 and a list of what is wrong where it is not what its manifest says.
    """
    try:
        with tqdm(desc="verify", unit=" sentences", disable=None) as bar:
            faults = find_faults(folder, progress=bar.update)
        manifest = Manifest.read(folder)
    except (CorpusError, OSError) as error:
        raise click.ClickException(str(error)) from None
    for fault in faults:
        click.echo(fault)
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise click.ClickException(f"{folder} has {count}: export or copy the corpus again")
    total = sum(counts.sentences for counts in manifest.splits.values())
    shards = f"{len(manifest.shards)} shard" + "s" * (len(manifest.shards) > 1)
    click.echo(f"{folder} is sound: {total:,} sentences in {shards}, no document in two splits")


def _summary(manifest: Manifest, output: Path) -> str:
    """What the corpus holds, what it lost on the way, where it lies, and what to type next."""
    lines = [f"{'':12}{'documents':>12}{'sentences':>12}{'characters':>14}"]
    lines += [
        f"{name:12}{counts.documents:12,}{counts.sentences:12,}{counts.characters:14,}"
        for name, counts in manifest.splits.items()
    ]
    for key, value in manifest.assigned.items():
        lines.append(
            f"{value} from {key} on" if manifest.options["split_by"] == "date" else f"{key}: {value}"
        )
    if reason := deviation(manifest):
        lines.append(reason)
    if manifest.replaced:
        most = [f"{source} {count:,}" for source, count in manifest.replaced.items()]
        lines += ["", f"mapped: {sum(manifest.replaced.values()):,} ({_first(most, 5)})"]
    if manifest.dropped:
        lines += ["", "left out or cut:"]
    for reason, count in manifest.dropped.items():
        names = [_short(name) for name in manifest.examples.get(reason, ())]
        lines.append(f"{count:10,}  {reason}" + (f" ({_first(names, 4)})" if names else ""))
    folder = shlex.quote(str(output))
    if ALL in manifest.splits:
        following = f"model evaluate MODEL --corpus NAME={folder}"
    else:
        following = f"model train --corpus {folder} --base NAME_OR_DIR --output RUN"
    lines += ["", f"corpus: {output} (data/*.parquet, README.md, manifest.json)", f"next:   {following}"]
    return "\n".join(lines)


def _first(names: Sequence[str], count: int) -> str:
    return ", ".join(names[:count]) + (", ..." if len(names) > count else "")


def _short(name: str, length: int = 32) -> str:
    return name if len(name) <= length else name[: length - 3] + "..."
