"""Time and peak memory of the corpus commands on a JSON-lines source, repeated under new ids to make it larger.

    python benchmarks/corpus_commands.py kyongje_yongu.jsonl.gz --repeat 1 --rounds 3

Every command is a process of its own, so that its start counts and its memory is its own.
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
import tempfile
from pathlib import Path

import click
from processes import run

from corpus.schema import open_corpus


def repeated(source: Path, repeat: int, target: Path) -> None:
    """Write the documents of `source` `repeat` times, each copy with an id of its own."""
    read = gzip.open if source.suffix == ".gz" else open
    with read(source, "rt", encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        documents = [json.loads(line) for line in lines]
        for copy in range(repeat):
            out.writelines(
                json.dumps(d | {"id": f"{d['id']}/{copy}"}, ensure_ascii=False) + "\n" for d in documents
            )


@click.command(context_settings={"show_default": True})
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--repeat", default=1, help="Copies of every document.")
@click.option("--rounds", default=3)
@click.option("--word", default="경제", help="For concordance and cooccurrence.")
def main(source: Path, repeat: int, rounds: int, word: str) -> None:
    """Measure export, verify, stats, concordance and cooccurrence."""
    with tempfile.TemporaryDirectory() as scratch:
        text, folder = Path(scratch) / "source.jsonl", str(Path(scratch) / "corpus")
        repeated(source, repeat, text)
        export = ["export", "--split", "--source", f"jsonl:{text}", "--output", folder, "--force"]
        if repeat > 1:
            export += ["--dedup", "none"]
        commands = [export, ["verify", folder], ["stats", folder]]
        commands += [["concordance", word, folder], ["cooccurrence", word, folder]]
        for command in commands:
            runs = [run([sys.executable, "-m", "corpus", *command]) for _ in range(rounds)]
            seconds = statistics.median(each.seconds for each in runs)
            sentences = sum(counts.sentences for counts in open_corpus(Path(folder)).splits.values())
            rate = sentences / seconds
            click.echo(
                f"{command[0]:13} {seconds:6.1f} s  {rate:9,.0f} sentences/s"
                f"  {max(each.mebibytes for each in runs):6,.0f} MiB  ({sentences:,} sentences)"
            )


if __name__ == "__main__":
    main()
