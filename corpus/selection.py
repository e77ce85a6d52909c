"""Which documents of the sources go into a corpus, and which are left out for what reason."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b

from corpus.cleaning import clean
from corpus.documents import Document
from corpus.duplicates import Neighbours
from corpus.options import Options
from corpus.orthography import orthography
from corpus.sources import Source
from corpus.split import SPLITS, TRAIN, first_days, split_of, split_of_day, split_of_sections
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
        sections = Counter(_section(document) for _, document, _ in select(sources, options, Tally()))
        homes = split_of_sections(sections, ratio, options.seed)
        return lambda document: homes.get(_section(document), TRAIN), dict(sorted(homes.items()))
    days = options.first_days
    if not days:
        days = first_days(
            Counter(_day(document) for _, document, _ in select(sources, options, Tally())), ratio
        )
    assigned = {day.isoformat(): name for day, name in zip(days, SPLITS[1:], strict=False)}
    return lambda document: split_of_day(_day(document), days), assigned


def select(
    sources: Sequence[Source], options: Options, tally: Tally, progress: Callable[[], object] = lambda: None
) -> Iterator[tuple[Source, Document, str]]:
    """The documents to export, each once and with an id of its own, and the text that it is compared by.

    Of equal or nearly equal documents the first stays, in the order of the sources.
    """
    texts: dict[bytes, str] = {}  # of a text that was there -> its document
    ids: set[bytes] = set()
    near = Neighbours(options.similarity) if options.dedup == "near" else None
    for source in sources:
        for document in source.read(tally):
            progress()
            if reason := _reason_to_leave_out(document, options):
                tally.drop(reason, document.id)
                continue
            if source.kind == "newyear" and orthography(document.text) == "rok":
                tally.drop("spelling: a New Year address as the South spells, kept", document.id)
            document = _cleaned(document, options, tally)
            if not document.text.strip():
                tally.drop("document: no text is left of it", document.id)
                continue
            # White space is no difference, and neither is what normalisation takes away.
            text = " ".join(normalize(document.text).split())
            if options.dedup != "none":
                digest = _digest(text)
                if digest in texts:
                    tally.drop("document: the same text as an earlier one", document.id, like=texts[digest])
                    continue
            if near and (matches := near.matches(text)):
                most = max(matches, key=lambda match: match.similarity)
                reason = "document: nearly the same text as an earlier one"
                tally.drop(reason, document.id, like=most.document_id, similarity=most.similarity)
                continue
            document = _with_own_id(document, ids)
            if options.dedup != "none":
                texts[digest] = document.id
            if near:
                near.add(text, document.id)
            yield source, document, text


def place(
    selected: Iterable[tuple[Source, Document, str]],
    split_of: Callable[[Document], str],
    options: Options,
    tally: Tally,
) -> Iterator[tuple[Source, Document, str]]:
    """The documents with their split, so that no two nearly equal ones are in different splits.

    Of two that would be, the later is left out. It is not moved to the side of the earlier one: which of them is the
    earlier may change while a corpus grows, and so may what they are like, but no document may ever change sides.
    """
    divided = len(options.names()) > 1 and options.dedup != "near"  # else no two are nearly equal
    neighbours = Neighbours(options.similarity) if divided else None
    for source, document, text in selected:
        split = split_of(document)
        if neighbours:
            if others := [match for match in neighbours.matches(text) if match.split != split]:
                reason = "document: nearly the same text as one in another split"
                most = max(others, key=lambda match: match.similarity)
                tally.drop(reason, document.id, like=most.document_id, similarity=most.similarity)
                continue
            neighbours.add(text, document.id, split)
        yield source, document, split


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


def _cleaned(document: Document, options: Options, tally: Tally) -> Document:
    """The document without what the steps cut from it, each cut counted."""
    if document.split:
        text, cuts = clean(document.text, options.cleanings())
        for reason, passage in cuts:
            tally.drop(reason, document.id, text=passage)
        document = dataclasses.replace(document, text=text)
    return document


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
    return dataclasses.replace(document, id=chosen)


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
