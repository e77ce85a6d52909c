from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.cli import corpus

FAST = ["--without", "compounds"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, standard_input: str | bytes | None = None) -> Result:
    return CliRunner().invoke(corpus, ["convert", *arguments], input=standard_input)


def test_the_input_becomes_the_output() -> None:
    result = run("--to", "rok", *FAST, standard_input="로동\n\n아는것")
    assert result.stdout == "노동\n\n아는 것\n"
    assert run("--to", "dprk", *FAST, "-", standard_input="노동\n").stdout == "로동\n"


def test_files_follow_each_other_gzipped_or_not() -> None:
    Path("a.txt").write_text("\ufeff로동", encoding="utf-8")
    Path("b.txt.gz").write_bytes(gzip.compress("녀성\n".encode()))
    assert run("--to", "rok", *FAST, "a.txt", "b.txt.gz").stdout == "노동\n여성\n"


def test_one_field_of_json_lines() -> None:
    record = {"id": 1, "title": "로동", "text": "녀성이\n아는것"}
    Path("a.jsonl").write_text(json.dumps(record) + "\n" + '{"id": 2}\n\n', encoding="utf-8")
    result = run("--to", "rok", *FAST, "--field", "text", "a.jsonl")
    *records, last = result.stdout.splitlines()
    first, second = map(json.loads, records)
    assert last == ""
    assert first == {"id": 1, "title": "로동", "text": "여성이\n아는 것"}
    assert second == {"id": 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [("로동\n", "line 1 is not JSON"), ("[1]\n", "no JSON object"), ('{"body": "로동"}\n', "name the field")],
)
def test_what_is_not_the_json_that_was_named(text: str, message: str) -> None:
    result = run("--to", "rok", *FAST, "--field", "text", standard_input=text)
    assert result.exit_code == 1
    assert message in result.stderr


def test_a_file_is_there_when_it_is_whole_and_never_replaced_unasked() -> None:
    assert run("--to", "rok", *FAST, "--output", "out.txt", standard_input="로동\n").exit_code == 0
    again = run("--to", "rok", *FAST, "--output", "out.txt", standard_input="녀성\n")
    assert again.exit_code == 1
    assert "--force" in again.stderr
    broken = run("--to", "rok", *FAST, "--output", "out.txt", "--force", standard_input=b"\xeb\xa1\n\xff\n")
    assert broken.exit_code == 1
    assert "not UTF-8" in broken.stderr
    assert Path("out.txt").read_text(encoding="utf-8") == "노동\n"
    assert run("--to", "rok", *FAST, "--output", "out.txt", "--force", standard_input="녀성\n").exit_code == 0
    assert Path("out.txt").read_text(encoding="utf-8") == "여성\n"
    assert [path.name for path in Path().iterdir()] == ["out.txt"]


def test_rules_are_named_or_left_out() -> None:
    assert (
        run("--to", "rok", "--rules", "bound-nouns", standard_input="로동하는것\n").stdout == "로동하는 것\n"
    )
    assert (
        run("--to", "rok", "--without", "compounds,bound-nouns", standard_input="로동하는것").stdout
        == "노동하는것\n"
    )
    unknown = run("--to", "rok", "--rules", "spelling", standard_input="")
    assert unknown.exit_code == 2
    assert "initial-sound" in unknown.stderr


def test_changes_are_explained_in_place_of_the_text() -> None:
    result = run("--to", "rok", *FAST, "--explain", standard_input="로동하는것\n로동\n로동\n")
    assert result.stdout.splitlines() == [
        "       2  initial-sound  로동 → 노동",
        "       1  initial-sound  로동하는것 → 노동하는것",
        "       1  bound-nouns    노동하는것 → 노동하는 것",
    ]


def test_a_text_is_measured_against_another() -> None:
    Path("north.txt").write_text("로동을\r\n아는것\r\n", encoding="utf-8", newline="")
    Path("south.txt").write_text("노동을\n아는것\n", encoding="utf-8")
    result = run("--to", "rok", *FAST, "north.txt", "--against", "south.txt", "--csv", "errors.csv")
    assert result.exit_code == 0, result.output
    assert "character error rate" in result.stdout
    assert "아는것 → 아는 것" in result.stdout
    with Path("errors.csv").open(encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["rule", "verdict", "before", "after", "count"],
            ["initial-sound", "right", "로동을", "노동을", "1"],
            ["bound-nouns", "wrong", "아는것", "아는 것", "1"],
            ["", "left", "아는 것", "아는것", "1"],
        ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.txt"], "does not exist"),
        (["--against", "missing.txt"], "does not exist"),
        (["--csv", "e.csv"], "--against"),
        (["--against", "a.txt", "--output", "b.txt"], "writes no text"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: list[str], message: str) -> None:
    result = run("--to", "rok", *FAST, *arguments, standard_input="로동\n")
    assert result.exit_code in (1, 2)
    assert message in result.stderr
    assert "Traceback" not in result.output
