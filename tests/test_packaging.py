"""A box that only crawls installs neither torch nor Arrow, and can crawl."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import venv
from datetime import date
from pathlib import Path

import pytest

from crawler.replica.server import serve
from crawler.replica.site import Site

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def crawl_box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with `.[crawler]` alone, installed from a copy of the checkout."""
    folder = tmp_path_factory.mktemp("box")
    checkout = folder / "checkout"
    ignore = shutil.ignore_patterns(".*", "*.egg-info", "build", "demo", "corpora", "runs", "__pycache__")
    shutil.copytree(ROOT, checkout, ignore=ignore)
    venv.create(folder / "venv", with_pip=True)
    pip = [str(folder / "venv/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, f"{checkout}[crawler]", "--constraint", str(ROOT / "constraints.txt")],
        capture_output=True,
        text=True,
    )
    if done.returncode and "No matching distribution" in done.stderr and os.environ.get("CI") is None:
        pytest.skip("the package index cannot be reached")
    assert done.returncode == 0, done.stderr
    return folder


def run(box: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{box}/venv/bin:/usr/bin:/bin", "HOME": str(box)}
    return subprocess.run(
        command,
        cwd=box / "checkout",
        env=environment,
        capture_output=True,
        text=True,
        check=check,
        timeout=120,
    )


@pytest.mark.slow
def test_it_has_neither_torch_nor_arrow(crawl_box: Path) -> None:
    installed = run(crawl_box, "python", "-m", "pip", "list", "--format=freeze").stdout.lower()
    names = {line.partition("==")[0] for line in installed.split()}
    assert "scrapy" in names
    assert not names & {"torch", "transformers", "pyarrow", "numpy"}


@pytest.mark.slow
def test_its_package_brings_the_data_files(crawl_box: Path) -> None:
    """The installed package, not the checkout beside it: prose needs the lexicon, an upgrade the steps."""
    code = (
        "import crawler, crawler.replica.prose as p; print(crawler.__file__); print(p.document('dprk', 1, 1).title);"
        "from alembic.script import ScriptDirectory; from crawler.upgrade import migrations;"
        "print(ScriptDirectory.from_config(migrations()).get_base())"
    )
    done = subprocess.run(
        [crawl_box / "venv/bin/python", "-P", "-c", code],
        cwd=crawl_box,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "site-packages" in done.stdout.splitlines()[0]
    assert done.stdout.splitlines()[1]
    assert done.stdout.splitlines()[2] == "0001"


@pytest.mark.slow
def test_scrapy_knows_the_spider_and_our_commands(crawl_box: Path) -> None:
    assert "rodong" in run(crawl_box, "scrapy", "list").stdout.split()
    assert "replica" in run(crawl_box, "scrapy", "--help").stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "extra"),
    [("corpus export --split", "corpus"), ("model train --corpus a --base b --output c", "model")],
)
def test_the_other_commands_say_what_to_install(crawl_box: Path, command: str, extra: str) -> None:
    done = run(crawl_box, *command.split(), check=False)
    assert done.returncode == 1
    assert f"dprk-bert[{extra}]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_it_crawls(crawl_box: Path, tmp_path: Path) -> None:
    with serve(Site(seed=1, days=2, per_day=3, today=date(2026, 5, 2)), port=0) as server:
        settings = ["-s", "DOWNLOAD_DELAY=0", "-s", f"ARCHIVE_URL=sqlite:///{tmp_path}/rodong.db"]
        run(crawl_box, "scrapy", "crawl", "rodong", "-a", f"base_url={server.url}", *settings)
    with sqlite3.connect(tmp_path / "rodong.db") as archive:
        assert archive.execute("SELECT count(*) FROM articles").fetchone()[0] >= 3
