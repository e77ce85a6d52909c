"""Reading a WordPiece vocabulary, for `corpus.syllables.needed`."""

from __future__ import annotations

import json
from pathlib import Path

from corpus.files import open_bytes
from corpus.schema import CorpusError

NAMES = ("vocab.txt", "vocab.txt.gz", "tokenizer.json")


def read_vocabulary(path: Path) -> frozenset[str]:
    """The pieces of a vocabulary: a `vocab.txt` (gzipped or not), a `tokenizer.json`, or a folder with one of them.

    Raises:
        CorpusError: nothing there, or no WordPiece vocabulary. Other models have no [UNK] to be mapped away.
    """
    if path.is_dir():
        found = [path / name for name in NAMES if (path / name).is_file()]
        if not found:
            raise CorpusError(f"{path} holds no vocabulary ({', '.join(NAMES)})")
        path = found[0]
    with open_bytes(path) as file:
        try:
            text = file.read().decode("utf-8-sig")
        except (UnicodeDecodeError, EOFError, OSError) as error:
            raise CorpusError(f"{path} cannot be read as a vocabulary: {error}") from None
    pieces = _of_tokenizer(path, text) if text.lstrip().startswith("{") else text.splitlines()
    vocabulary = frozenset(piece for piece in pieces if piece)
    if "[UNK]" not in vocabulary:
        raise CorpusError(
            f"{path} is no WordPiece vocabulary: it has no [UNK] (leave --vocab out, or use --no-map)"
        )
    return vocabulary


def _of_tokenizer(path: Path, text: str) -> list[str]:
    try:
        model = json.loads(text)["model"]
        kind, vocabulary = model.get("type"), model["vocab"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CorpusError(f"{path} is not a tokenizer.json: it has no model with a vocabulary") from None
    if kind not in (None, "WordPiece"):
        raise CorpusError(f"{path} holds a {kind} model; the mapping is made for WordPiece (use --no-map)")
    return list(vocabulary)
