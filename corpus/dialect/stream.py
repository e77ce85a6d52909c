"""Conversion of texts of any length, a batch of lines at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from corpus.dialect.lexicon import Direction
from corpus.dialect.rules import Change, Rule, convert
from corpus.schema import CorpusError

_BATCH = 1 << 18  # characters


def convert_lines(
    lines: Iterable[str],
    to: Direction,
    rules: Sequence[Rule],
    changes: Counter[Change] | None = None,
) -> Iterator[str]:
    """Every line (or text of several lines), converted."""
    for batch in _batches(lines):
        # In one call, since compounds are analysed on all cores; a text gets as many lines back as it had.
        converted = iter(convert("\n".join(batch), to, rules, changes).split("\n"))
        for text in batch:
            yield "\n".join(next(converted) for _ in range(text.count("\n") + 1))


def convert_records(
    lines: Iterable[str], fields: Sequence[str], convert_texts: Callable[[Iterable[str]], Iterator[str]]
) -> Iterator[str]:
    """JSON lines in which the named fields are converted, where they are there and hold a text. A blank line stays.

    Raises:
        CorpusError: a line that is not a JSON object, or no field in any of them.
    """
    found = False
    number = 0
    for batch in _batches(lines):
        records = [_record(line, at) if line.strip() else None for at, line in enumerate(batch, number + 1)]
        number += len(batch)
        texts = [
            (record, name, text)
            for record in records
            if record is not None
            for name in fields
            if isinstance(text := record.get(name), str)
        ]
        found = found or bool(texts)
        converted = convert_texts(text for _, _, text in texts)
        for (record, name, _), text in zip(texts, converted, strict=True):
            record[name] = text
        for each in records:
            yield json.dumps(each, ensure_ascii=False) if each is not None else ""
    if number and not found:
        raise CorpusError(f"no line has a text in {' or '.join(fields)}: name the field with --field")


def _batches(lines: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _record(line: str, number: int) -> dict[str, object]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise CorpusError(
            f"line {number:,} is not JSON ({error.msg}): leave out --field for plain text"
        ) from None
    if not isinstance(record, dict):
        raise CorpusError(f"line {number:,} is no JSON object: leave out --field for plain text")
    return record
