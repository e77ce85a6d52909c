"""`scrapy prose`: write generated documents as JSON lines."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from tqdm import tqdm

from crawler.replica.korean import Variety
from crawler.replica.prose import document


class Command(ScrapyCommand):
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "--output FILE.jsonl [options]"

    def short_desc(self) -> str:
        return "Write generated news in DPRK or South-Korean Korean as JSON lines"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--orthography", choices=("dprk", "rok"), default="dprk", help="default: dprk")
        parser.add_argument("--documents", type=int, default=500, help="how many (default: 500)")
        parser.add_argument("--seed", type=int, default=7, help="another seed, other documents (default: 7)")
        parser.add_argument("--output", type=Path, metavar="FILE.jsonl", help="where to write")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("prose takes options only")
        if opts.output is None:
            raise UsageError("say where to write: --output FILE.jsonl", print_help=False)
        if opts.documents < 1:
            raise UsageError("--documents must be at least 1", print_help=False)
        try:
            write(opts.output, opts.orthography, opts.documents, opts.seed)
        except OSError as error:
            reason = error.strerror or str(error)
            print(f"prose: cannot write {opts.output} ({reason}): choose another --output", file=sys.stderr)
            self.exitcode = 1


def write(output: Path, orthography: Variety, documents: int, seed: int) -> None:
    """Write the documents; the file appears under its name only when it is whole. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    partial = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as lines:
            for number in tqdm(range(documents), unit=" documents", disable=None):
                lines.write(_line(orthography, seed, number) + "\n")
            lines.flush()
            os.fsync(lines.fileno())
        partial.chmod(0o666 & ~_umask())
        partial.replace(output)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _line(orthography: Variety, seed: int, number: int) -> str:
    written = document(orthography, seed, number)
    record = {
        "id": written.id,
        "title": written.title,
        "date": written.date.isoformat(),
        "text": "\n".join(written.paragraphs),
    }
    return json.dumps(record, ensure_ascii=False)


def _umask() -> int:
    """The process's umask: temporary files are private, the finished one should be as any other."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
