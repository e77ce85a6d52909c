"""Every place of a word in a corpus, in its context."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.reading import read_sentences
from corpus.schema import CorpusError, Treatment
from corpus.syllables import replace
from corpus.text import normalize


@dataclass(frozen=True, slots=True)
class Line:
    """One place: the sentence before the word, the word as it stands there, the sentence after it."""

    left: str
    word: str
    right: str
    document_id: str
    position: int
    date: dt.date | None


def concordance(
    folder: Path,
    pattern: re.Pattern[str],
    split: str | None = None,
    progress: Callable[[int], object] = lambda rows: None,
) -> Iterator[Line]:
    """The places of `pattern` in the order of the corpus.

    Raises:
        CorpusError: no corpus there, no such split, or a shard that cannot be read.
    """
    for sentence in read_sentences(folder, split, progress):
        text = sentence.text
        for match in pattern.finditer(text):
            yield Line(
                text[: match.start()],
                match[0],
                text[match.end() :],
                sentence.document_id,
                sentence.position,
                sentence.date,
            )


def word_pattern(word: str, treatment: Treatment, *, whole: bool = False) -> re.Pattern[str]:
    """What finds `word` in a corpus of this treatment.

    A word is found at the beginning of words, since particles and endings follow it: 로동 finds 로동은 and 로동자.
    With `whole`, it is found alone. A * in it stands for any letters: *계급 finds what ends in 계급. Several words with
    spaces between them are found together. The word is normalised and mapped as the corpus was.

    Raises:
        CorpusError: nothing is left of the word.
    """
    treated = replace(normalize(word, treatment.steps), treatment.mapping).strip()
    if not re.search(r"\w", treated):
        raise CorpusError(f"{word!r} is no word to look for")
    parts = [r"\w*".join(map(re.escape, part.split("*"))) for part in treated.split()]
    end = r"(?!\w)" if whole or treated.endswith("*") else r"\w*"
    return re.compile(r"(?<!\w)" + r"\s+".join(parts) + end)
