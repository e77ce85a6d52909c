"""Which documents of the sources go into a corpus, and which are left out for what reason."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b

from corpus.documents import Document
from corpus.options import Options
from corpus.orthography import orthography
from corpus.sources import Source
from corpus.split import SPLITS, first_days, split_of, split_of_day, split_of_sections
from corpus.tally import Tally
from corpus.text import normalize


def splitter(sources: Sequence[Source], options: Options) -> tuple[Callable[[Document], str], dict[str, str]]:
    """The function from document to split, and what it decides by where that is not the document's hash.

    To meet a ratio by date or by section, the sources are read once more beforehand, only to be counted.
    """
    if options.split_by == "document":
        return lambda document: split_of(document.id, options.ratio, options.seed), {}
    ratio = options.ratio or 0.0
    if options.split_by == "section":
        sections = Counter(_section(document) for _, document in select(sources, options, Tally()))
        homes = split_of_sections(sections, ratio, options.seed)
        return lambda document: homes[_section(document)], dict(sorted(homes.items()))
    days = options.first_days
    if not days:
        days = first_days(Counter(_day(document) for _, document in select(sources, options, Tally())), ratio)
    assigned = {day.isoformat(): name for day, name in zip(days, SPLITS[1:], strict=False)}
    return lambda document: split_of_day(_day(document), days), assigned


def select(
    sources: Sequence[Source], options: Options, tally: Tally, progress: Callable[[], object] = lambda: None
) -> Iterator[tuple[Source, Document]]:
    """The documents to export, each once and with an id of its own."""
    texts: set[bytes] = set()
    ids: set[bytes] = set()
    for source in sources:
        for document in source.read(tally):
            progress()
            reason = _reason_to_leave_out(document, options)
            if reason is None:
                # White space is no difference, and neither is what normalisation takes away.
                digest = _digest(" ".join(normalize(document.text).split()))
                if digest in texts:
                    reason = "document: the same text as an earlier one"
                texts.add(digest)
            if reason is not None:
                tally.drop(reason, document.id)
                continue
            yield source, _with_own_id(document, ids)


def _reason_to_leave_out(document: Document, options: Options) -> str | None:
    if not document.text.strip():
        return "document: no text"
    if options.split_by == "date" and document.date is None:
        return "document: no date, and --split-by asks for one"
    if options.split_by == "section" and document.section is None:
        return "document: no section, and --split-by asks for one"
    if options.since or options.until:
        if document.date is None:
            return "document: no date, and --since or --until asks for one"
        if not (options.since or dt.date.min) <= document.date <= (options.until or dt.date.max):
            return "document: outside --since and --until"
    if options.sections:
        if document.section is None:
            return "document: no section, and --section asks for one"
        if not set(options.sections) & set(document.section.split("; ")):
            return "document: of another --section"
    if options.exclude and orthography(document.text) == options.exclude:
        return f"document: spelt as {options.exclude}"
    return None


def _day(document: Document) -> dt.date:
    return document.date or dt.date.min  # select leaves out the undated where days decide


def _section(document: Document) -> str:
    """The first of its sections: the one that it is filed under."""
    return (document.section or "").partition("; ")[0]


def _with_own_id(document: Document, ids: set[bytes]) -> Document:
    """Two texts under one id would be one document to whoever reads the corpus: the later gets a number."""
    chosen, number = document.id, 1
    while (digest := _digest(chosen)) in ids:
        number += 1
        chosen = f"{document.id}#{number}"
    ids.add(digest)
    if number == 1:
        return document
    return Document(chosen, document.text, document.title, document.date, document.section, document.split)


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
