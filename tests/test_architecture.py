"""Data and imports flow one way: crawler → corpus → model; heavy libraries stay in the room that needs them."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("crawler", "corpus", "model")


def imports(file: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it; relative imports do not occur in the project."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield str(node.module)


def imported(room: str) -> dict[str, set[str]]:
    """Module imported → the files of the room that import it."""
    found: dict[str, set[str]] = {}
    for file in sorted((ROOT / room).rglob("*.py")):
        for name in imports(file):
            found.setdefault(name, set()).add(str(file.relative_to(ROOT)))
    return found


def belongs(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("crawler", ("corpus", "model", "torch", "transformers", "tokenizers", "pyarrow", "numpy")),
        ("corpus", ("model", "scrapy", "twisted", "torch", "transformers", "tokenizers")),
        ("model", ("crawler", "scrapy", "twisted", "sqlalchemy")),
    ],
)
def test_a_room_imports_nothing_from_further_down_the_road(room: str, forbidden: tuple[str, ...]) -> None:
    wrong = {
        name: files for name, files in imported(room).items() if any(belongs(name, f) for f in forbidden)
    }
    assert not wrong


def test_the_corpus_knows_only_the_archive_of_the_crawler() -> None:
    assert {name for name in imported("corpus") if belongs(name, "crawler")} == {"crawler.archive"}


def test_the_model_knows_only_the_text_rules_and_the_schema_of_the_corpus() -> None:
    known = {name for name in imported("model") if belongs(name, "corpus")}
    assert known <= {"corpus.schema", "corpus.text", "corpus.syllables"}


@pytest.mark.parametrize("part", ["pages", "archive.py"])
def test_page_objects_and_archive_know_nothing_of_scrapy(part: str) -> None:
    path = ROOT / "crawler" / part
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    assert files
    assert not [file for file in files if any(belongs(name, "scrapy") for name in imports(file))]


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("crawler.archive", {"scrapy", "torch", "pyarrow"}),
        ("crawler.spiders.rodong", {"torch", "transformers", "pyarrow"}),
        ("corpus.cli", {"scrapy", "torch", "transformers"}),
        ("model.data", {"scrapy", "sqlalchemy"}),
    ],
)
def test_importing_a_module_loads_no_heavy_library_of_another_room(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_every_room_is_there() -> None:
    assert all(list((ROOT / room).rglob("*.py")) for room in ROOMS)


def test_no_module_is_called_by_what_is_in_everything() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert not [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.stem in vague]
