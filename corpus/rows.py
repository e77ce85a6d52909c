"""Documents to rows: paragraphs are normalised, mapped and split into sentences, each a row of the corpus."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

import pyarrow as pa

from corpus.account import Account
from corpus.cutting import Batch
from corpus.documents import Document
from corpus.schema import SCHEMA, Treatment
from corpus.sentences import split_sentences
from corpus.syllables import replace
from corpus.text import lost, normalize


@dataclass(frozen=True, slots=True)
class Rows:
    """Attributes:
    batch: a row a sentence, columns as in `SCHEMA`.
    account: what the rows amount to.
    left_out: reason, document and text of everything that is in no row, in the order of its coming; the text is empty
        where it is all of the document or line.
    """

    batch: pa.RecordBatch
    account: Account
    left_out: list[tuple[str, str, str]]


def rows_of(batch: Batch, treatment: Treatment) -> Rows:
    """The rows of a batch. A pure function: any process may call it."""
    account = Account()
    left_out: list[tuple[str, str, str]] = []
    texts: list[str] = []
    sizes: list[int] = []
    for label, document in batch.documents:
        start = len(texts)
        lines = _BREAK.join(document.text.splitlines())  # no step sees more than a line
        left_out += [(reason, document.id, text) for reason, text in lost(lines, treatment.steps)]
        for sentence in _sentences(document, treatment, account.replaced):
            if _LETTER.search(sentence):
                texts.append(sentence)
            else:
                left_out.append(("sentence: no letter", document.id, ""))
        if document.repeated:
            there = set(document.repeated)
            texts[start:] = [text for place, text in enumerate(texts[start:]) if place not in there]
        sizes.append(len(texts) - start)
        account.add_document(document, label, texts[start:])
        if not sizes[-1]:
            left_out.append(("document: no sentence", document.id, ""))
    for reason, name, _ in left_out:
        account.drop(reason, name)
    return Rows(_columns(batch.documents, texts, sizes, treatment), account, left_out)


_LETTER = re.compile(r"[^\W\d_]")


def sentences_of(document: Document, treatment: Treatment) -> list[str]:
    """The sentences of a document that have a letter: its rows, unless they are repeated."""
    return [sentence for sentence in _sentences(document, treatment, Counter()) if _LETTER.search(sentence)]


def _sentences(document: Document, treatment: Treatment, replaced: Counter[str]) -> Iterator[str]:
    """Paragraph by paragraph."""
    for paragraph in paragraphs(document.text, treatment, replaced):
        if document.split:
            yield from split_sentences(paragraph)
        else:
            yield paragraph


# A character for private use: no step of a recipe and no entry of the mapping meets it, and nothing composes with it.
_BREAK = "\uf8ff"


def paragraphs(text: str, treatment: Treatment, replaced: Counter[str] | None = None) -> list[str]:
    """The lines of a text that are not blank, each normalised and mapped by itself, and stripped.

    They are treated together, held apart by a character that no rule knows: twice as fast as one by one.
    """
    lines = [line for line in text.splitlines() if line and not line.isspace()]
    if _BREAK in text:
        treated = [replace(normalize(line, treatment.steps), treatment.mapping, replaced) for line in lines]
    else:
        whole = normalize(_BREAK.join(lines), treatment.steps)
        treated = replace(whole, treatment.mapping, replaced).split(_BREAK)
    return [line for line in map(str.strip, treated) if line]


def _columns(
    documents: Sequence[tuple[str, Document]], texts: list[str], sizes: list[int], treatment: Treatment
) -> pa.RecordBatch:
    """The columns: what is said once of a document is repeated for each of its sentences."""
    owners = pa.array(chain.from_iterable(map(repeat, range(len(sizes)), sizes)), pa.int32())
    titles = [_title(document.title, treatment.steps) for _, document in documents]
    once = {
        "document_id": [document.id for _, document in documents],
        "date": [document.date for _, document in documents],
        "source": [label for label, _ in documents],
        "section": [document.section for _, document in documents],
        "title": titles,
    }
    columns = {name: pa.array(values, SCHEMA.field(name).type).take(owners) for name, values in once.items()}
    columns["text"] = pa.array(texts, pa.string())
    columns["position"] = pa.array(chain.from_iterable(map(range, sizes)), pa.int32())
    return pa.RecordBatch.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def _title(title: str | None, steps: Sequence[str]) -> str | None:
    return (normalize(title, steps).strip() or None) if title else None
