"""From sources to a corpus on disk: the one function that runs the whole export."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from corpus.card import write_card
from corpus.documents import Document
from corpus.duplicates import Sentences
from corpus.options import Options
from corpus.schema import MANIFEST, CorpusError, Counts, Manifest, Shard, Treatment
from corpus.selection import place, select, splitter
from corpus.sentences import split_sentences
from corpus.shards import ShardWriter
from corpus.sources import Source
from corpus.syllables import needed, replace
from corpus.tally import Tally
from corpus.text import normalize
from corpus.vocabulary import read_vocabulary
from corpus.workspace import replacing

__all__ = ["Options", "export"]

_AS_IT_IS = Options()


def export(
    sources: Sequence[Source],
    output: Path,
    options: Options = _AS_IT_IS,
    *,
    force: bool = False,
    report: Path | None = None,
    progress: Callable[[], object] = lambda: None,
) -> Manifest:
    """Write the corpus of `sources` to the folder `output` and return its manifest.

    The folder appears when it is complete. Documents stream: memory holds one of them, a group of rows a split,
    and for each document seen some 250 bytes (hashes and ids), or 4 kB where near-duplicates are looked for: with a
    split, or with `dedup` "near". `progress` is called once a document. `report` is a file for a line of CSV
    about everything that is left out (columns: `corpus.tally.COLUMNS`); `force` replaces it too.

    Raises:
        CorpusError: a source cannot be read, nothing is left to write, a split is empty, or `output` is in the way.
    """
    names = options.names()
    mapping: Mapping[str, str] = {}
    if options.map:
        mapping = needed(read_vocabulary(options.vocab) if options.vocab else None)
    treatment = Treatment(options.steps(), mapping)
    with replacing(output, force=force) as folder:
        with _opened(report, force) as file:
            manifest = _write(sources, folder, names, options, treatment, Tally(file), progress)
        write_card(folder, manifest, name=output.resolve().name)
        manifest.save(folder)
        for path in (folder / "README.md", folder / MANIFEST):
            with path.open("rb") as file:
                os.fsync(file.fileno())
    return manifest


def _write(
    sources: Sequence[Source],
    folder: Path,
    names: Sequence[str],
    options: Options,
    treatment: Treatment,
    tally: Tally,
    progress: Callable[[], object],
) -> Manifest:
    (folder / "data").mkdir()
    described = options.describe(sources)
    metadata = {
        "dprk_bert.options": json.dumps(described, ensure_ascii=False),
        "dprk_bert.treatment": json.dumps(
            {"steps": treatment.steps, "mapping": dict(treatment.mapping)}, ensure_ascii=False
        ),
    }
    writers = {name: ShardWriter(folder, name, metadata, options.rows_a_shard) for name in names}
    by_split = dict.fromkeys(names, Counts())
    by_source: dict[str, Counts] = {}
    by_year: dict[str, Counts] = {}
    replaced: Counter[str] = Counter()
    seen = None
    if options.dedup_sentences != "none":
        seen = Sentences(options.similarity if options.dedup_sentences == "near" else None)
    split_of, assigned = splitter(sources, options)
    selected = select(sources, options, tally, progress)
    for source, document, split in place(selected, split_of, options, tally):
        sentences = list(_sentences(document, treatment, tally, replaced))
        if seen:
            sentences = list(seen.new(sentences, document.id, tally))
        if not sentences:
            tally.drop("document: no sentence", document.id)
            continue
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
        assigned=assigned,
    )


@contextmanager
def _opened(report: Path | None, force: bool) -> Iterator[IO[str] | None]:
    if report is None:
        yield None
    elif report.exists() and not force:
        raise CorpusError(f"{report} exists and is left alone: choose another --report FILE, or --force")
    else:
        with report.open("w", encoding="utf-8", newline="") as file:
            yield file


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
                f"the split {name} is empty: {total:,} documents are too few for this split; "
                "take other ratios, days or --seed, or export without --split"
            )
