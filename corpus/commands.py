"""The commands that read a corpus and leave it as it is; `corpus.cli` has those that write one."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from tqdm import tqdm

from corpus import report, terminal
from corpus.concordance import Line, word_pattern
from corpus.concordance import concordance as lines_of
from corpus.cooccurrence import Neighbour, draw_years
from corpus.cooccurrence import cooccurrence as neighbours_of
from corpus.coverage import coverage, tokens_to_add
from corpus.figures import check_name
from corpus.files import whole_text
from corpus.measured import measure_card
from corpus.schema import CorpusError, open_corpus
from corpus.stats import statistics
from corpus.vocabulary import read_vocabulary

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
_SPLIT = click.option("--split", metavar="NAME", help="Look in one split only.")
_WHOLE = click.option(
    "--whole", is_flag=True, help="The word alone, without the particles and endings that follow."
)
_CSV = click.option(
    "--csv",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write all of it as CSV; - is the output.",
)


@contextmanager
def _reading(what: str) -> Iterator[Callable[[int], object]]:
    """A progress bar over sentences; what goes wrong below it becomes one line and exit code 1."""
    try:
        with tqdm(desc=what, unit=" sentences", disable=None) as bar:
            yield bar.update
    except BrokenPipeError:  # `| head` has what it wants
        raise
    except CorpusError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or what}: {error.strerror or error}") from None


@click.command()
@_FOLDER
@click.option(
    "--vocab",
    type=click.Path(path_type=Path),
    required=True,
    metavar="NAME_OR_FILE",
    help="vocab.txt, tokenizer.json, a folder with one of them, or a model's name on a hub.",
)
@click.option(
    "--extend",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the tokens to add to the vocabulary, one a line (- is the output, and they are all of it): the "
    "alternative to the mapping that loses nothing.",
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
      corpus syllables corpora/raw --vocab snunlp/KR-BERT-char16424 --extend more-tokens.txt
    """
    with _reading("syllables") as progress:
        vocabulary = read_vocabulary(vocab)
        found = coverage(folder, vocabulary, progress)
        tokens = list(tokens_to_add(found, vocabulary, least))
        if extend:
            if extend.exists():
                raise CorpusError(f"{extend} exists and is left alone: choose another --extend FILE")
            with click.open_file(str(extend), "w", encoding="utf-8") as output:
                output.writelines(f"{token}\n" for token in tokens)
    if extend == Path("-"):
        return
    click.echo(report.gaps(found))
    if extend:
        click.echo(f"\nadd to the vocabulary: {len(tokens):,} tokens, in {extend}")


@click.command()
@_FOLDER
@click.option(
    "--compare",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A second corpus, all of it: say what differs.",
)
@click.option(
    "--vocab",
    type=click.Path(path_type=Path),
    metavar="NAME_OR_FILE",
    help="Count tokens a word and [UNK] by this vocabulary too.",
)
@click.option(
    "--top", type=click.IntRange(min=1), default=20, show_default=True, help="How many words to list."
)
@_SPLIT
def stats(folder: Path, compare: Path | None, vocab: Path | None, top: int, split: str | None) -> None:
    """Print the corpus in DIR in numbers, or what differs between two.

    \b
    Examples:
      corpus stats corpora/rodong --vocab krbert/
      corpus stats corpora/rodong --compare corpora/seoul --vocab krbert/
      corpus stats corpora/rodong --split validation
    """
    with _reading("stats") as progress:
        vocabulary = read_vocabulary(vocab) if vocab else None
        first = statistics(folder, vocabulary, progress, split)
        name = folder.resolve().name
        if compare is None:
            text = report.report(first, name, top)
        else:
            second = statistics(compare, vocabulary, progress)
            text = report.comparison(first, second, (name, compare.resolve().name), top)
    click.echo(text)


@click.command()
@_FOLDER
@click.option(
    "--reference",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A corpus of the other Korean: list the words that it does not have.",
)
@click.option(
    "--vocab",
    type=click.Path(path_type=Path),
    metavar="FILE_OR_DIR",
    help="Say how many tokens a word costs by this vocabulary, and how many words are [UNK].",
)
def card(folder: Path, reference: Path | None, vocab: Path | None) -> None:
    """Complete the data card of the corpus in DIR: words, syllables, and figures in DIR/figures.

    An export writes the card without them, since they take a reading of the whole corpus.

    \b
    Examples:
      corpus card corpora/rodong
      corpus card corpora/rodong --reference corpora/seoul --vocab krbert/
    """
    with _reading("card") as progress:
        written = measure_card(folder, reference, read_vocabulary(vocab) if vocab else None, progress)
    for path in written:
        click.echo(path)


@click.command()
@click.argument("word")
@_FOLDER
@_WHOLE
@_SPLIT
@click.option(
    "--width", type=click.IntRange(min=1), default=40, show_default=True, help="Columns at either side."
)
@click.option(
    "--limit", type=click.IntRange(min=0), default=50, show_default=True, help="Lines shown; 0: all."
)
@_CSV
def concordance(
    word: str, folder: Path, whole: bool, split: str | None, width: int, limit: int, file: Path | None
) -> None:
    """Show every place of WORD in the corpus in DIR, in its context.

    WORD is found at the beginning of words (로동 finds 로동자는); a * in it stands for any letters.

    \b
    Examples:
      corpus concordance 로동 corpora/rodong
      corpus concordance '*계급' corpora/rodong --csv classes.csv
    """
    with _reading("concordance") as progress:
        pattern = word_pattern(word, open_corpus(folder, split).treatment, whole=whole)
        lines = lines_of(folder, pattern, split, progress)
        if file:
            names = ("date", "document_id", "position", "left", "word", "right")
            _write(file, names, ([getattr(line, name) for name in names] for line in lines))
            return
        shown: list[Line] = []
        total = 0
        for line in lines:
            total += 1
            if not limit or len(shown) < limit:
                shown.append(line)
    for line in shown:
        left = terminal.pad(terminal.end_of(line.left, width), width, right=True)
        right = terminal.pad(terminal.start_of(line.right, width), width)
        date = f"{line.date} " if line.date else ""
        click.echo(f"{left} [{line.word}] {right} {date}{line.document_id}")
    rest = f", the first {len(shown):,} shown (--limit, --csv)" if total > len(shown) else ""
    click.echo(f"{total:,} places{rest}")


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@_FOLDER
@click.option(
    "--window",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    metavar="N",
    help="Words at either side.",
)
@click.option("--by", type=click.Choice(["year"]), help="Count year by year.")
@click.option(
    "--least",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Leave out what is near less often.",
)
@click.option(
    "--stop-words", type=click.Path(path_type=Path), metavar="FILE", help="Words to leave out, one a line."
)
@_WHOLE
@_SPLIT
@click.option(
    "--top", type=click.IntRange(min=1), default=20, show_default=True, help="How many words to list."
)
@_CSV
@click.option(
    "--figure",
    type=click.Path(path_type=Path),
    metavar="FILE.png|svg",
    help="With --by year and one WORD: draw how often its surest neighbours are near, year by year.",
)
def cooccurrence(
    words: tuple[str, ...],
    folder: Path,
    window: int,
    by: str | None,
    least: int,
    stop_words: Path | None,
    whole: bool,
    split: str | None,
    top: int,
    file: Path | None,
    figure: Path | None,
) -> None:
    """List the words that stand near each WORD in the corpus in DIR more often than chance would have them.

    WORD is found as `corpus concordance` finds it. The surest come first (log-likelihood).

    \b
    Examples:
      corpus cooccurrence 일본 핵 corpora/rodong --window 5
      corpus cooccurrence 농사 corpora/rodong --by year --csv farming.csv --figure farming.svg
    """
    if figure and (by is None or len(words) > 1):
        raise click.UsageError("--figure draws the years of one word: give one WORD and --by year")
    with _reading("cooccurrence") as progress:
        treatment = open_corpus(folder, split).treatment
        if figure:
            check_name(figure)
        if phrases := [word for word in words if len(word.split()) > 1]:
            raise CorpusError(f"{phrases[0]!r} is more than one word: only single words have a window")
        found = neighbours_of(
            folder,
            {word: word_pattern(word, treatment, whole=whole) for word in words},
            window,
            by_year=by is not None,
            least=least,
            without=whole_text(stop_words).split() if stop_words else (),
            split=split,
            progress=progress,
        )
        if figure:
            draw_years(found, figure)
        if file:
            names = [field.name for field in dataclasses.fields(Neighbour) if by or field.name != "year"]
            _write(file, names, ([_plain(getattr(each, name)) for name in names] for each in found))
            return
    for word in words:
        for year in sorted({each.year for each in found if each.word == word}):
            rows = [each for each in found if (each.word, each.year) == (word, year)][:top]
            click.echo(report.near(f"{word} {year}".strip(), rows) + "\n")
        if not any(each.word == word for each in found):
            click.echo(f"{word}: no word stands near it {least} times and more often than by chance\n")


def _write(file: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """CSV to a file or, for -, to the output. Without the mark at its head, Excel takes a file for Latin letters."""
    encoding = "utf-8" if str(file) == "-" else "utf-8-sig"
    with click.open_file(str(file), "w", encoding=encoding) as output:
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


def _plain(value: object) -> object:
    return f"{value:.4f}" if isinstance(value, float) else value
