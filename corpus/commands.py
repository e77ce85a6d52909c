"""The commands that read a corpus and leave it as it is; `corpus.cli` has those that write one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from tqdm import tqdm

from corpus import terminal
from corpus.coverage import Coverage, coverage, tokens_to_add
from corpus.schema import CorpusError
from corpus.vocabulary import read_vocabulary

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@contextmanager
def _reading(what: str) -> Iterator[Callable[[int], object]]:
    """A progress bar over sentences; what goes wrong below it becomes one line and exit code 1."""
    try:
        with tqdm(desc=what, unit=" sentences", disable=None) as bar:
            yield bar.update
    except (CorpusError, OSError) as error:
        raise click.ClickException(str(error)) from None


@click.command()
@_FOLDER
@click.option(
    "--vocab",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE_OR_DIR",
    help="vocab.txt, tokenizer.json or a folder with one of them.",
)
@click.option(
    "--extend",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the tokens to add to the vocabulary, one a line: the alternative to the mapping that loses nothing.",
)
@click.option(
    "--least",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="For --extend: leave out characters that stand in the corpus less often.",
)
def syllables(folder: Path, vocab: Path, extend: Path | None, least: int) -> None:
    """List the syllables and signs of the corpus in DIR that a vocabulary lacks.

    With their counts, the words that become [UNK] by them, how many of those the mapping saves, and examples.

    \b
    Examples:
      corpus export --no-map --source newyear:new_year --output corpora/raw
      corpus syllables corpora/raw --vocab krbert/vocab.txt
      corpus syllables corpora/raw --vocab krbert/ --extend more-tokens.txt
    """
    with _reading("syllables") as progress:
        vocabulary = read_vocabulary(vocab)
        found = coverage(folder, vocabulary, progress)
        tokens = list(tokens_to_add(found, vocabulary, least))
        if extend:
            if extend.exists():
                raise CorpusError(f"{extend} exists and is left alone: choose another --extend FILE")
            extend.write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8", newline="\n")
    click.echo(_coverage(found))
    if extend:
        click.echo(f"\nadd to the vocabulary: {len(tokens):,} tokens, in {extend}")


def _coverage(found: Coverage) -> str:
    lines = [
        f"{found.words:,} words, {found.unknown:,} of them [UNK] ({_share(found.unknown, found.words)}); "
        f"the mapping saves {found.saved:,} ({_share(found.saved, found.unknown)})"
    ]
    if found.replaced:
        most = [f"{source} {count:,}" for source, count in found.replaced.items()]
        shown = ", ".join(most[:5]) + (", ..." if len(most) > 5 else "")
        lines.append(
            f"mapped already, so not below: {sum(found.replaced.values()):,} ({shown}); "
            "export with --no-map to see the text as it was"
        )
    if found.gaps:
        rows = [
            (
                gap.character,
                f"U+{ord(gap.character):04X}",
                f"{gap.count:,}",
                f"{gap.unknown:,}",
                f"{gap.saved:,}",
                gap.becomes or "",
                " | ".join(gap.examples),
            )
            for gap in found.gaps
        ]
        head = ("", "code", "count", "[UNK]", "saved", "becomes", "examples")
        lines += ["", terminal.table(head, rows)]
    else:
        lines.append("the vocabulary has every character of the corpus")
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3g} %" if whole else "none"
