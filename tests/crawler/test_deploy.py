"""The files that run the crawl unattended, and the page that explains them."""

import argparse
import importlib
import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
from scrapy.settings import Settings

from .conftest import PROJECT

UNITS = sorted((PROJECT / "deploy").glob("*.service")) + sorted((PROJECT / "deploy").glob("*.timer"))
SOURCES = [*UNITS, PROJECT / "deploy" / "crontab", PROJECT / "docs" / "operation.md"]
COMMAND = re.compile(r"\.venv/bin/scrapy ([^\n>|`]+)")
SCRAPY = "/opt/dprk-bert/.venv/bin/scrapy"

COMMANDS = [
    (path.name, command.strip()) for path in SOURCES for command in COMMAND.findall(path.read_text("utf-8"))
]


def test_the_commands_are_found() -> None:
    assert {command.split()[0] for _, command in COMMANDS} == {
        *("crawl", "health", "reparse", "replica", "upgrade", "warc")
    }


@pytest.mark.parametrize(("source", "command"), COMMANDS)
def test_every_command_there_is_one_of_the_project_with_its_options(source: str, command: str) -> None:
    name, *arguments = shlex.split(command)
    parser = argparse.ArgumentParser(exit_on_error=False)
    known = importlib.import_module(f"crawler.commands.{name}").Command()
    known.settings = Settings()
    known.add_options(parser)
    _, rest = parser.parse_known_args(arguments)
    first = {"crawl": ("rodong", "rodong_wayback"), "warc": ("export", "import")}.get(name, ())
    assert (rest[0] in first) if first else not rest
    assert not [each for each in rest if each.startswith("-")]


def test_cron_lines_have_five_times_and_one_archive() -> None:
    lines = [line for line in SOURCES[-2].read_text("utf-8").splitlines() if line and line[0] not in "#A"]
    assert len(lines) == 2
    for line in lines:
        minute, hour, *rest, command = line.split(maxsplit=5)
        assert re.fullmatch(r"\d+", minute)
        assert re.fullmatch(r"[\d,]+", hour)
        assert rest == ["*", "*", "*"]
        assert command.startswith("cd /opt/dprk-bert && ")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_timer_has_its_service_and_every_service_runs_in_the_project(unit: Path) -> None:
    # One key stands twice in no section of these units.
    parsed = ConfigParser(interpolation=None)
    parsed.read(unit, encoding="utf-8")
    if unit.suffix == ".timer":
        assert unit.with_suffix(".service") in UNITS
        assert parsed["Timer"]["Persistent"] == "true"
    else:
        assert parsed["Service"]["WorkingDirectory"] == "/opt/dprk-bert"
        assert parsed["Service"]["ExecStart"].startswith(SCRAPY)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = (
            unit.read_text("utf-8")
            .replace(SCRAPY, "/bin/true")
            .replace("WorkingDirectory=/opt/dprk-bert", "")
        )
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    copies = [str(path) for path in sorted(tmp_path.iterdir())]
    command = ["systemd-analyze", "verify", "--man=no", *copies]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
