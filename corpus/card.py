"""The data card: README.md with the front matter that model hubs read, and the corpus in numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from corpus.account import LENGTHS
from corpus.cleaning import CLEANINGS
from corpus.schema import Counts, Manifest
from corpus.split import ALL, TRAIN, deviation
from corpus.text import STEPS

_SECTIONS = 30
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def write_card(folder: Path, manifest: Manifest, name: str) -> None:
    """Write `folder`/README.md; the same manifest and name give the same bytes."""
    (folder / "README.md").write_text(card(manifest, name), encoding="utf-8", newline="\n")


def card(manifest: Manifest, name: str, measured: Sequence[str] = ()) -> str:
    """The text of the card; `name` is its heading, `measured` are more parts of it (see `corpus.measured`)."""
    parts = [
        _front_matter(manifest),
        f"# {name}",
        "Korean sentences, one a row, in the order of their documents. Columns: `text`, `document_id`, `position` "
        "(of the sentence in its document), `date`, `source`, `section`, `title`. Whole documents belong to one split.",
        '```python\nfrom datasets import load_dataset\n\ncorpus = load_dataset("path/to/this/folder")\n```',
        "## Content",
        _counts("split", manifest.splits),
        *_split_notes(manifest),
        _counts("source", manifest.sources),
        _counts("year", manifest.years),
        *_sections(manifest),
        _lengths(manifest),
        *measured,
        "## Treatment",
        "\n".join(
            f"- **{step}**: {known[step].reason}"
            for known, steps in (
                (CLEANINGS, manifest.options.get("cleaning", ())),
                (STEPS, manifest.treatment.steps),
            )
            for step in steps
            if step in known
        ),
        _mapping(manifest),
        "## Left out",
        _left_out(manifest),
        "## How it was made",
        table(("option", "value"), ((key, _shown(value)) for key, value in manifest.options.items())),
        "## Licence",
        "The texts belong to their publishers; a newspaper's articles are its own. No licence to republish them comes "
        "with this collection. Check each source's terms, and the law of your country, before you pass it on.",
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(manifest: Manifest) -> str:
    rows = sum(counts.sentences for counts in manifest.splits.values())
    size = next(
        (label for limit, label in _SIZES if rows < limit), "n>1M" if rows > 10_000_000 else "1M<n<10M"
    )
    lines = [
        "---",
        "language:",
        "- ko",
        "license: other",
        "task_categories:",
        "- fill-mask",
        "size_categories:",
        f"- {size}",
        "configs:",
        "- config_name: default",
        "  data_files:",
    ]
    for split in manifest.splits:
        # `datasets` keeps the name `all` for the union of splits; an unsplit data set is `train` on model hubs.
        lines += [f"  - split: {TRAIN if split == ALL else split}", f"    path: data/{split}-*.parquet"]
    return "\n".join([*lines, "---"])


def _split_notes(manifest: Manifest) -> list[str]:
    """What decided the split, and why the ratio is missed, where there is something to say."""
    notes = []
    if manifest.assigned:
        head = ("first day" if manifest.options["split_by"] == "date" else "section", "split")
        notes.append(table(head, manifest.assigned.items()))
    if reason := deviation(manifest):
        notes.append(f"{reason[0].upper()}{reason[1:]}.")
    return notes


def _counts(heading: str, counts: Mapping[str, Counts]) -> str:
    rows = (
        (key, f"{each.documents:,}", f"{each.sentences:,}", f"{each.characters:,}")
        for key, each in counts.items()
    )
    return table((heading, "documents", "sentences", "characters"), rows)


def _sections(manifest: Manifest) -> list[str]:
    """The largest, where there are any; an article of several sections counts in each."""
    if set(manifest.sections) <= {"(none)"}:
        return []
    return [_counts("section", dict(list(manifest.sections.items())[:_SECTIONS]))]


def _lengths(manifest: Manifest) -> str:
    """How long sentences are, as shares of each split."""
    totals = {name: sum(classes.values()) or 1 for name, classes in manifest.lengths.items()}
    rows = (
        (each, *(f"{manifest.lengths[name][each] / total:.1%}" for name, total in totals.items()))
        for each in LENGTHS
    )
    return table(("characters a sentence", *totals), rows)


def _mapping(manifest: Manifest) -> str:
    mapping = manifest.treatment.mapping
    if not mapping:
        return "No syllable was replaced."
    if not manifest.replaced:
        return f"None of the {len(mapping)} entries of the syllable mapping met its source in the text."
    rows = (
        (f"`{source}`", f"`{mapping[source]}`", f"{count:,}") for source, count in manifest.replaced.items()
    )
    text = f"Of the {len(mapping)} entries of the syllable mapping, these met their source in the text:"
    return text + "\n\n" + table(("text", "became", "times"), rows)


def _left_out(manifest: Manifest) -> str:
    if not manifest.dropped:
        return "Nothing."
    rows = (
        (reason, f"{count:,}", ", ".join(manifest.examples.get(reason, ())[:3]))
        for reason, count in manifest.dropped.items()
    )
    return table(("what", "how many", "for example"), rows)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
