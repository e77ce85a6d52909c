from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.cli import corpus
from corpus.schema import Manifest

Articles = Callable[..., Path]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(corpus, ["export", *map(str, arguments)])


@pytest.mark.parametrize(("arguments", "ratio"), [(["--split"], 0.8), (["--split", "0.5"], 0.5), ([], None)])
def test_split_takes_a_ratio_or_none(articles: Articles, arguments: list[str], ratio: float | None) -> None:
    result = run(*arguments, "--source", f"jsonl:{articles(60)}", "--output", "c")
    assert result.exit_code == 0, result.output
    manifest = Manifest.load(Path("c"))
    assert manifest.options["split"] == ratio
    assert list(manifest.splits) == (["train", "validation"] if ratio else ["all"])


@pytest.mark.parametrize(
    ("arguments", "documents"),
    [
        (["--split", "0.5,0.25,0.25", "--split-by", "date"], {"train": 28, "validation": 14, "test": 14}),
        (
            ["--split", "2021-03-08,2021-03-27", "--split-by", "date"],
            {"train": 14, "validation": 38, "test": 4},
        ),
        (["--split", "2021-03-15", "--split-by", "date"], {"train": 28, "validation": 28}),
    ],
)
def test_days_split_the_past_from_the_future(
    articles: Articles, arguments: list[str], documents: dict[str, int]
) -> None:
    result = run(*arguments, "--source", f"jsonl:{articles(56)}", "--output", "c")
    assert result.exit_code == 0, result.output
    assert {k: v.documents for k, v in Manifest.load(Path("c")).splits.items()} == documents
    for day, split in Manifest.load(Path("c")).assigned.items():
        assert f"{split} from {day} on\n" in result.stdout


def test_a_missed_ratio_is_said_with_the_reason(articles: Articles) -> None:
    result = run("--split", "0.9", "--seed", 4, "--source", f"jsonl:{articles(60)}", "--output", "c")
    manifest = Manifest.load(Path("c"))
    share = manifest.splits["train"].documents / 60
    assert abs(share - 0.9) > 0.01
    said = f"train has {share:.1%} of the documents instead of 90.0%"
    assert said in result.stdout
    assert "each is placed by its own hash" in result.stdout
    assert f"{said[0].upper()}{said[1:]}" in (Path("c") / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--split", "2021-03-08"], "with --split-by date"),
        (["--split", "2021-03-09,2021-03-08", "--split-by", "date"], "in order"),
        (["--split-by", "section"], "splits nothing without --split"),
        (["--split", "--split-by", "section"], "1 × document: no section"),
    ],
)
def test_an_impossible_split_is_one_line_and_1(
    articles: Articles, arguments: list[str], complaint: str
) -> None:
    source = articles(1)
    result = run(*arguments, "--source", f"jsonl:{source}", "--output", "c")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert complaint in result.stderr


def test_the_end_says_what_there_is_what_is_missing_and_what_to_type_next(articles: Articles) -> None:
    source = articles(60)
    source.write_text(source.read_text(encoding="utf-8") + "{\n", encoding="utf-8")
    result = run("--split", "--source", f"jsonl:{source}", "--output", "my corpus")
    assert "train" in result.stdout
    assert "1  line: not a JSON object with a text (articles.jsonl:61)" in result.stdout
    assert "mapped: 60 (돐 60)" in result.stdout
    assert result.stdout.endswith(
        "next:   model train --corpus 'my corpus' --base NAME_OR_DIR --output RUN\n"
    )


def test_several_sources_are_one_corpus(articles: Articles) -> None:
    first, second = articles(9, "a.jsonl"), articles(9, "b.txt")
    assert run("--source", f"jsonl:{first}", "--source", f"text:{second}", "--output", "c").exit_code == 0
    assert list(Manifest.load(Path("c")).sources) == ["jsonl:a.jsonl", "text:b.txt"]


def test_options_reach_the_manifest(articles: Articles) -> None:
    Path("vocab.txt").write_text("[UNK]\n", encoding="utf-8")
    result = run(
        "--split", 0.5, "--source", f"jsonl:{articles(60)}", "--output", "c", "--vocab", "vocab.txt",
        "--recipe", "paper", "--seed", 5, "--dedup", "near", "--similarity", 0.9, "--dedup-sentences", "exact",
        "--with", "separators", "--without", "space",
        "--since", "2021-03-02", "--until", "2021-03-20", "--exclude-orthography", "rok", "--shard-size", "1.5kB",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert Manifest.load(Path("c")).options == {
        "source": ["jsonl:articles.jsonl"],
        "split": 0.5,
        "split_by": "document",
        "seed": 5,
        "recipe": "paper",
        "with": ["separators"],
        "without": ["space"],
        "cleaning": ["separators"],
        "vocab": "vocab.txt",
        "map": True,
        "dedup": "near",
        "similarity": 0.9,
        "dedup_sentences": "exact",
        "since": "2021-03-02",
        "until": "2021-03-20",
        "section": [],
        "exclude_orthography": "rok",
        "shard_size": 1500,
    }


def test_the_default_source_is_the_archive_and_a_missing_one_is_one_line_and_1() -> None:
    result = run("--split")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: no archive at rodong.db")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--split", "1.5"],
        ["--split", "0"],
        ["--split", "0.8,0.1"],
        ["--split", "0.8,0.1,0.05,0.05"],
        ["--split", "1.2,-0.1,-0.1"],
        ["--split", "half"],
        ["--split", "2020-13-01", "--split-by", "date"],
        ["--split", "--split-by", "page"],
        ["--source", "html:a"],
        ["--since", "yesterday"],
        ["--recipe", "none"],
        ["--without", "lower"],
        ["--shard-size", "0"],
        ["--shard-size", "a lot"],
        ["--jobs", "0"],
        ["--dedup", "fuzzy"],
        ["--similarity", "0"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_force_replaces_and_its_lack_is_an_error(articles: Articles) -> None:
    assert run("--source", f"jsonl:{articles(5)}", "--output", "c").exit_code == 0
    arguments = ["--source", f"jsonl:{articles(6)}", "--output", "c"]
    refused = run(*arguments)
    assert (refused.exit_code, "--force" in refused.stderr, "--update" in refused.stderr) == (1, True, True)
    assert run(*arguments, "--force").exit_code == 0
    assert run(*arguments, "--overwrite").exit_code == 0


def test_an_export_of_what_is_there_says_that_there_is_nothing_to_do(articles: Articles) -> None:
    arguments = ["--source", f"jsonl:{articles(5)}", "--output", "c"]
    assert "up to date" not in run(*arguments).stdout
    assert run(*arguments).stdout.startswith("c is up to date")


def test_an_update_says_how_much_of_the_corpus_it_kept(articles: Articles) -> None:
    arguments = ["--output", "c", "--shard-size", "2kB", "--update"]
    assert run("--source", f"jsonl:{articles(200)}", *arguments).exit_code == 0
    result = run("--source", f"jsonl:{articles(201)}", *arguments)
    assert result.exit_code == 0
    count = len(Manifest.load(Path("c")).shards)
    assert f"{count - 1} of {count} shards are as they were\n" in result.stdout


def test_the_report_has_a_line_for_everything_that_is_left_out(tmp_path: Path) -> None:
    Path("a.txt").write_text("봄이 왔다.\n봄이  왔다.\n***\n여름이 왔다.\n", encoding="utf-8")
    arguments = ["--source", "text:a.txt", "--output", "c", "--report", "left-out.csv"]
    assert run(*arguments).exit_code == 0
    assert Path("left-out.csv").read_text(encoding="utf-8").splitlines() == [
        "reason,name,like,similarity,text",
        "document: the same text as an earlier one,a/2,a/1,,",
        "line: a separator,a/3,,,***",
        "document: no text is left of it,a/3,,,",
    ]
    refused = run(*arguments[:2], "--output", "d", *arguments[4:])
    assert (refused.exit_code, "left-out.csv exists and is left alone" in refused.stderr) == (1, True)
    assert run(*arguments, "--force").exit_code == 0


@pytest.mark.slow
def test_without_its_libraries_it_says_what_to_install(tmp_path: Path) -> None:
    """Runs the real entry point in an interpreter whose path ends at the standard library and this project."""
    root = Path(__file__).parents[2]
    code = f"import sys; sys.path.insert(0, {str(root)!r}); from corpus.__main__ import main; main()"
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr == "corpus needs pyarrow and rensa: pip install 'dprk-bert[corpus]'\n"


@pytest.mark.slow
def test_the_module_can_be_run() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "corpus", "export", "--help"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0
    assert "corpus export --split 0.9" in result.stdout
