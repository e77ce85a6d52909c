"""Reading a WordPiece vocabulary, for `corpus.syllables.needed`."""

from __future__ import annotations

import json
import re
from pathlib import Path

from corpus.files import open_bytes
from corpus.schema import CorpusError

NAMES = ("vocab.txt", "vocab.txt.gz", "tokenizer.json")


_ON_THE_HUB = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?")
_FILES = (".txt", ".json", ".gz")


def read_vocabulary(path: Path) -> frozenset[str]:
    """The pieces of a vocabulary: a `vocab.txt` (gzipped or not), a `tokenizer.json`, or a folder with one of them.

    What is no path here and has the form of a model's name (snunlp/KR-BERT-char16424) is looked for on the hub that
    `HF_ENDPOINT` names, or in its cache.

    Raises:
        CorpusError: nothing there, or no WordPiece vocabulary. Other models have no [UNK] to be mapped away.
    """
    if _on_the_hub(path):
        path = _from_hub(path.as_posix())
    elif path.is_dir():
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


def label(path: Path) -> str:
    """What the vocabulary is called on any machine: its name on the hub, or its file's or folder's without the path."""
    return path.as_posix() if _on_the_hub(path) else path.resolve().name


def _on_the_hub(path: Path) -> bool:
    return (
        not path.exists() and path.suffix not in _FILES and _ON_THE_HUB.fullmatch(path.as_posix()) is not None
    )


def _from_hub(name: str) -> Path:
    """The vocabulary file of a model on the hub, as it lies in the local cache."""
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RemoteEntryNotFoundError
    except ImportError:
        raise CorpusError(
            f"{name} is no file or folder here; to look for it on the hub: pip install 'dprk-bert[hub]'"
        ) from None
    reached = True
    for file in ("vocab.txt", "tokenizer.json"):
        try:
            return Path(hf_hub_download(name, file, local_files_only=not reached))
        except RemoteEntryNotFoundError:
            continue
        except LocalEntryNotFoundError:  # the hub is out of reach; the cache may hold the other file
            reached = False
        except (HfHubHTTPError, OSError) as error:
            detail = str(error).strip().partition("\n")[0]
            raise CorpusError(
                f"{name} is no file or folder here, and the hub does not give it: {detail}"
            ) from None
    if reached:
        raise CorpusError(
            f"{name} on the hub has neither vocab.txt nor tokenizer.json: give a WordPiece model's name"
        )
    raise CorpusError(
        f"{name} is no file or folder here, and the hub cannot be reached: give its vocab.txt, or go online"
    )


def _of_tokenizer(path: Path, text: str) -> list[str]:
    try:
        model = json.loads(text)["model"]
        kind, vocabulary = model.get("type"), model["vocab"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CorpusError(f"{path} is not a tokenizer.json: it has no model with a vocabulary") from None
    if kind not in (None, "WordPiece"):
        raise CorpusError(f"{path} holds a {kind} model; the mapping is made for WordPiece (use --no-map)")
    return list(vocabulary)
