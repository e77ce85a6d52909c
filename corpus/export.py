"""From sources to a corpus on disk: the one function that runs the whole export."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO

from corpus.account import LENGTHS, Account
from corpus.card import write_card
from corpus.cutting import batches
from corpus.documents import Document
from corpus.duplicates import Sentences
from corpus.options import Options
from corpus.origin import made_from
from corpus.parallel import in_order
from corpus.rows import rows_of, sentences_of
from corpus.schema import MANIFEST, CorpusError, Counts, Manifest, Treatment
from corpus.selection import place, select, splitter
from corpus.shards import OldShard, ShardWriter, old_shards
from corpus.sources import Source
from corpus.syllables import needed
from corpus.tally import Tally
from corpus.vocabulary import read_vocabulary
from corpus.workspace import replacing

__all__ = ["Options", "export"]

_AS_IT_IS = Options()


def export(
    sources: Sequence[Source],
    output: Path,
    options: Options = _AS_IT_IS,
    *,
    update: bool = False,
    force: bool = False,
    report: Path | None = None,
    jobs: int = 1,
    progress: Callable[[], object] = lambda: None,
    say: Callable[[str], object] = lambda line: None,
) -> Manifest:
    """Write the corpus of `sources` to the folder `output` and return its manifest.

    The folder appears when it is complete. Documents stream: memory holds some megabytes of them, a group of rows a
    split, and for each document seen some 250 bytes (hashes and ids), or 4 kB where near-duplicates are looked for:
    with a split, or with `dedup` "near". Any number of `jobs`, the processes that treat text, gives the same bytes.

    A corpus of the same sources, options and program is left as it is. `update` brings one of the same options up to
    date: the result is that of an export from nothing, but a shard whose documents are as they were is linked, not
    written. `force` replaces a corpus whatever it holds, and the `report` too: a file for a line of CSV about
    everything that is left out (columns: `corpus.tally.COLUMNS`). `progress` is called once a document, `say` with a
    line about what is not done again.

    Raises:
        CorpusError: a source cannot be read, nothing is left to write, a split is empty, the disk is full, or `output`
            is in the way.
    """
    mapping: Mapping[str, str] = {}
    if options.map:
        mapping = needed(read_vocabulary(options.vocab) if options.vocab else None)
    names = options.names()
    asked = Manifest(
        options=options.describe(sources),
        treatment=Treatment(options.steps(), mapping),
        splits=dict.fromkeys(names, Counts()),
        made_from=made_from(sources),
    )
    if not force and report is None and (standing := _standing(output, asked)):
        say(
            f"{output} is up to date: the sources, the options and the program are as they were, nothing to do"
        )
        return standing
    with replacing(output, force=force or update) as folder:
        old = _reusable(output, asked) if update and not force else {}
        with _opened(report, force) as file:
            # What a kept shard left out was in the report of the export that wrote it, so a new report treats all.
            known = {} if file else old
            manifest = _write(sources, folder, options, asked, known, Tally(file), jobs, progress)
        write_card(folder, manifest, name=output.resolve().name)
        manifest.save(folder)
        for path in (folder / "README.md", folder / MANIFEST):
            with path.open("rb") as written:
                os.fsync(written.fileno())
    if update and not force:
        before = {each.shard.sha256 for each in old.values()}
        same = sum(shard.sha256 in before for shard in manifest.shards)
        say(f"{same} of {len(manifest.shards)} shards are as they were")
    return manifest


def _standing(output: Path, asked: Manifest) -> Manifest | None:
    """The manifest of the corpus in `output`, if an export would only write it again."""
    try:
        found = Manifest.load(output)
    except CorpusError:
        return None
    same = (found.options, found.treatment, found.made_from) == (
        asked.options,
        asked.treatment,
        asked.made_from,
    )
    return found if same and None not in asked.made_from["sources"] else None


def _reusable(output: Path, asked: Manifest) -> dict[tuple[str, str], OldShard]:
    """The shards of the corpus in `output` that may stand in the new one.

    Raises:
        CorpusError: it was made with other options, so it cannot be brought up to date.
    """
    try:
        found = Manifest.read(output)
    except CorpusError:
        return {}
    if changed := [key for key, value in asked.options.items() if found.options.get(key) != value]:
        raise CorpusError(
            f"{output} was made with another {', '.join(changed)}: give the options that its README.md lists, "
            "choose another --output, or replace it with --force"
        )
    alike = (
        found.treatment == asked.treatment and found.made_from.get("program") == asked.made_from["program"]
    )
    return old_shards(output, found) if alike else {}


def _write(
    sources: Sequence[Source],
    folder: Path,
    options: Options,
    asked: Manifest,
    old: Mapping[tuple[str, str], OldShard],
    tally: Tally,
    jobs: int,
    progress: Callable[[], object],
) -> Manifest:
    (folder / "data").mkdir()
    treatment = {"steps": asked.treatment.steps, "mapping": dict(asked.treatment.mapping)}
    metadata = {
        "dprk_bert.options": json.dumps(asked.options, ensure_ascii=False),
        "dprk_bert.treatment": json.dumps(treatment, ensure_ascii=False),
    }
    writers = {name: ShardWriter(folder, name, metadata) for name in asked.splits}
    split_of, assigned = splitter(sources, options)
    placed = place(select(sources, options, tally, progress), split_of, options, tally)
    labelled = ((source.label, document, split) for source, document, split in placed)
    if options.dedup_sentences != "none":
        seen = Sentences(options.similarity if options.dedup_sentences == "near" else None)
        labelled = (
            (label, _without_repetitions(document, asked.treatment, seen, tally), split)
            for label, document, split in labelled
        )
    cut = batches(labelled, options.shard_bytes, old)
    for batch, rows in in_order(partial(rows_of, treatment=asked.treatment), cut, jobs):
        writer = writers[batch.split]
        if batch.kept:
            writer.keep(old[batch.split, str(batch.ends)])
            continue
        for reason, name, text in rows.left_out:
            tally.line(reason, name, text=text)
        writer.add(rows.batch, rows.account)
        if batch.ends:
            writer.end_shard(batch.ends)
    shards = tuple(shard for writer in writers.values() for shard in writer.close())
    total = Account()
    for writer in writers.values():
        total.add(writer.account)
    total.add(Account(dropped=tally.dropped, examples={k: list(v) for k, v in tally.examples.items()}))
    splits = {name: writer.account.total for name, writer in writers.items()}
    _refuse_empty(splits, total)
    labels = dict.fromkeys(asked.options["source"])
    return replace(
        asked,
        splits=splits,
        sources={label: total.sources[label] for label in labels if label in total.sources},
        years=dict(sorted(total.years.items())),
        sections=dict(sorted(total.sections.items(), key=lambda item: (-item[1].sentences, item[0]))),
        lengths={
            name: {each: writer.account.lengths[each] for each in LENGTHS} for name, writer in writers.items()
        },
        dropped=dict(sorted(total.dropped.items())),
        examples={reason: tuple(names) for reason, names in sorted(total.examples.items())},
        replaced=dict(sorted(total.replaced.items(), key=lambda item: (-item[1], item[0]))),
        shards=shards,
        assigned=assigned,
    )


def _without_repetitions(document: Document, treatment: Treatment, seen: Sentences, tally: Tally) -> Document:
    """The document with the sentences named that were there before. To know them, it is treated here and now."""
    repeated = [
        position
        for position, sentence in enumerate(sentences_of(document, treatment))
        if not any(seen.new([sentence], document.id, tally))
    ]
    return replace(document, repeated=tuple(repeated))


@contextmanager
def _opened(report: Path | None, force: bool) -> Iterator[IO[str] | None]:
    if report is None:
        yield None
    elif report.exists() and not force:
        raise CorpusError(f"{report} exists and is left alone: choose another --report FILE, or --force")
    else:
        with report.open("w", encoding="utf-8", newline="") as file:
            yield file


def _refuse_empty(splits: Mapping[str, Counts], account: Account) -> None:
    total = sum(counts.documents for counts in splits.values())
    if not total:
        reasons = ", ".join(f"{count:,} × {reason}" for reason, count in account.dropped.most_common())
        raise CorpusError(f"nothing to export: no document is left ({reasons or 'the sources hold none'})")
    for name, counts in splits.items():
        if not counts.documents:
            raise CorpusError(
                f"the split {name} is empty: {total:,} documents are too few for this split; "
                "take other ratios, days or --seed, or export without --split"
            )
