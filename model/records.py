"""JSON records beside models and results: written whole or not at all, with the versions that made them."""

from __future__ import annotations

import json
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any


def write_json(path: Path, content: Any) -> None:
    """Write JSON through a temporary file and a rename."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file through a temporary one and a rename; folders that lack are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def versions() -> dict[str, str]:
    """The versions that a reader of `run.json` needs to run it again."""
    names = ("dprk-bert", "torch", "transformers", "tokenizers", "accelerate")
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in names}
