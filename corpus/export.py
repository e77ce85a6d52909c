"""From sources to a corpus on disk: the one function that runs the whole export."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from corpus.card import write_card
from corpus.documents import Document
from corpus.orthography import Orthography, orthography
from corpus.schema import MANIFEST, CorpusError, Counts, Manifest, Shard, Treatment
from corpus.sentences import split_sentences
from corpus.shards import ROWS_A_SHARD, ShardWriter
from corpus.sources import Source
from corpus.split import ALL, TRAIN, VALIDATION, split_of
from corpus.syllables import needed, replace
from corpus.tally import Tally
from corpus.text import RECIPES, normalize
from corpus.vocabulary import read_vocabulary
from corpus.workspace import replacing


@dataclass(frozen=True, slots=True)
class Options:
    """What to take, and what to do to it.

    Attributes:
        ratio: the share of documents that goes to train, strictly between 0 and 1; None for one split `all`.
        seed: of the split.
        recipe: a name in `corpus.text.RECIPES`.
        vocab: of the model that the corpus is for; without it, the mapping covers what KR-BERT lacks.
        map: whether syllables are mapped at all.
        since, until: first and last day of the documents to take.
        sections: take only documents of one of these sections; none: of all.
        exclude: leave out documents spelt by this standard.
        rows_a_shard: sentences in one Parquet file.
    """

    ratio: float | None = None
    seed: int = 0
    recipe: str = "default"
    vocab: Path | None = None
    map: bool = True
    since: dt.date | None = None
    until: dt.date | None = None
    sections: tuple[str, ...] = ()
    exclude: Orthography | None = None
    rows_a_shard: int = ROWS_A_SHARD


def export(
    sources: Sequence[Source],
    output: Path,
    options: Options = Options(),
    *,
    force: bool = False,
    progress: Callable[[], object] = lambda: None,
) -> Manifest:
    """Write the corpus of `sources` to the folder `output` and return its manifest.

    The folder appears when it is complete. Documents stream: memory holds one of them, a group of rows a split,
    and some 200 bytes for each document seen (its hashes). `progress` is called once a document.

    Raises:
        CorpusError: a source cannot be read, nothing is left to write, a split is empty, or `output` is in the way.
    """
    if options.ratio is not None and not 0 < options.ratio < 1:
        raise CorpusError(
            f"a split of {options.ratio} leaves one side empty: take a ratio between 0 and 1, as 0.8"
        )
    mapping: Mapping[str, str] = {}
    if options.map:
        mapping = needed(read_vocabulary(options.vocab) if options.vocab else None)
    treatment = Treatment(RECIPES[options.recipe], mapping)
    with replacing(output, force=force) as folder:
        manifest = _write(sources, folder, options, treatment, progress)
        write_card(folder, manifest, name=output.resolve().name)
        manifest.save(folder)
        for path in (folder / "README.md", folder / MANIFEST):
            with path.open("rb") as file:
                os.fsync(file.fileno())
    return manifest


def _write(
    sources: Sequence[Source],
    folder: Path,
    options: Options,
    treatment: Treatment,
    progress: Callable[[], object],
) -> Manifest:
    (folder / "data").mkdir()
    described = _described(sources, options)
    metadata = {
        "dprk_bert.options": json.dumps(described, ensure_ascii=False),
        "dprk_bert.treatment": json.dumps(
            {"steps": treatment.steps, "mapping": dict(treatment.mapping)}, ensure_ascii=False
        ),
    }
    names = (ALL,) if options.ratio is None else (TRAIN, VALIDATION)
    writers = {name: ShardWriter(folder, name, metadata, options.rows_a_shard) for name in names}
    by_split = dict.fromkeys(names, Counts())
    by_source: dict[str, Counts] = {}
    by_year: dict[str, Counts] = {}
    tally = Tally()
    replaced: Counter[str] = Counter()
    for source, document in _documents(sources, options, tally, progress):
        sentences = list(_sentences(document, treatment, tally, replaced))
        if not sentences:
            tally.drop("document: no sentence", document.id)
            continue
        split = split_of(document.id, options.ratio, options.seed)
        writers[split].add(_rows(document, source.label, sentences, treatment.steps))
        characters = sum(map(len, sentences))
        by_split[split] = by_split[split].plus(len(sentences), characters)
        for table, key in (
            (by_source, source.label),
            (by_year, str(document.date.year) if document.date else "undated"),
        ):
            table[key] = table.get(key, Counts()).plus(len(sentences), characters)
    shards: tuple[Shard, ...] = sum((writer.close() for writer in writers.values()), ())
    _refuse_empty(by_split, tally)
    return Manifest(
        options=described,
        treatment=treatment,
        splits=by_split,
        sources=by_source,
        years=dict(sorted(by_year.items())),
        dropped=dict(sorted(tally.dropped.items())),
        examples=tally.examples,
        replaced=dict(replaced.most_common()),
        shards=shards,
    )


def _documents(
    sources: Sequence[Source], options: Options, tally: Tally, progress: Callable[[], object]
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


def _sentences(
    document: Document, treatment: Treatment, tally: Tally, replaced: Counter[str]
) -> Iterator[str]:
    """Paragraph by paragraph: normalised, mapped, split."""
    for paragraph in document.text.splitlines():
        paragraph = replace(normalize(paragraph, treatment.steps), treatment.mapping, replaced).strip()
        for sentence in split_sentences(paragraph) if document.split else [paragraph]:
            if _LETTER.search(sentence):
                yield sentence
            elif sentence:
                tally.drop("sentence: no letter", document.id)


_LETTER = re.compile(r"[^\W\d_]")


def _rows(
    document: Document, source: str, sentences: list[str], steps: Sequence[str]
) -> list[dict[str, Any]]:
    shared = {
        "document_id": document.id,
        "date": document.date,
        "source": source,
        "section": document.section,
        "title": normalize(document.title, steps).strip() or None if document.title else None,
    }
    return [{"text": text, "position": position, **shared} for position, text in enumerate(sentences)]


def _refuse_empty(by_split: Mapping[str, Counts], tally: Tally) -> None:
    total = sum(counts.documents for counts in by_split.values())
    if not total:
        reasons = ", ".join(f"{count:,} × {reason}" for reason, count in tally.dropped.most_common())
        raise CorpusError(f"nothing to export: no document is left ({reasons or 'the sources hold none'})")
    for name, counts in by_split.items():
        if not counts.documents:
            raise CorpusError(
                f"the split {name} is empty: {total:,} documents are too few for this ratio; "
                "take another ratio or --seed, or export without --split"
            )


def _described(sources: Sequence[Source], options: Options) -> dict[str, Any]:
    """The options as the manifest has them: nothing that differs between two machines."""
    return {
        "source": [source.label for source in sources],
        "split": options.ratio,
        "seed": options.seed,
        "recipe": options.recipe,
        "vocab": options.vocab.name if options.vocab else None,
        "map": options.map,
        "since": options.since and options.since.isoformat(),
        "until": options.until and options.until.isoformat(),
        "section": list(options.sections),
        "exclude_orthography": options.exclude,
        "shard_size": options.rows_a_shard,
    }


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
