from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from corpus.schema import CorpusError
from corpus.vocabulary import label, read_vocabulary

ROOT = Path(__file__).parents[2]
PIECES = ["[PAD]", "[UNK]", "[MASK]", "가", "##가", "봄"]


def test_vocab_txt_is_one_piece_a_line(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    assert read_vocabulary(path) == set(PIECES)


def test_a_gzipped_vocabulary_is_unpacked_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "pieces"
    path.write_bytes(gzip.compress("\r\n".join(PIECES).encode()))
    assert read_vocabulary(path) == set(PIECES)


def test_a_folder_is_searched_for_a_tokenizer(tmp_path: Path) -> None:
    model = {"type": "WordPiece", "vocab": {piece: index for index, piece in enumerate(PIECES)}}
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": model}), encoding="utf-8")
    assert read_vocabulary(tmp_path) == set(PIECES)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("가\n나\n", "no \\[UNK\\]"),
        ('{"model": {"type": "BPE", "vocab": {"[UNK]": 0}}}', "BPE model"),
        ('{"version": 1}', "not a tokenizer.json"),
        ('{"model"', "not a tokenizer.json"),
    ],
)
def test_what_is_no_wordpiece_vocabulary_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "vocab"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=complaint):
        read_vocabulary(path)


def test_an_empty_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="holds no vocabulary"):
        read_vocabulary(tmp_path)
    with pytest.raises(CorpusError, match="does not exist"):
        read_vocabulary(tmp_path / "vocab.txt")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A hub on this machine: one model has a vocab.txt, one a tokenizer.json, and one neither."""
    files = {
        "someone/cased/vocab.txt": "\n".join(PIECES).encode(),
        "someone/fast/tokenizer.json": json.dumps(
            {"model": {"type": "WordPiece", "vocab": dict.fromkeys(PIECES, 0)}}
        ).encode(),
        "someone/other/weights.bin": b"",
    }

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            name, _, file = self.path.strip("/").partition("/resolve/main/")
            data = files.get(f"{name}/{file}")
            known = any(path.startswith(f"{name}/") for path in files)
            self.send_response(200 if data is not None else 404)
            self.send_header("X-Repo-Commit", "0" * 40)
            if data is None:
                self.send_header("X-Error-Code", "EntryNotFound" if known else "RepoNotFound")
            self.send_header("ETag", f'"{hashlib.sha1(data or b"").hexdigest()}"')
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            if self.command == "GET" and data:
                self.wfile.write(data)

        do_GET = do_HEAD  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hub-cache")


def read_in_a_process(
    name: str, endpoint: str, cache: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """In a process of its own, because the hub's library reads its environment once."""
    pytest.importorskip("huggingface_hub")
    code = (
        "import sys; from pathlib import Path; from corpus.schema import CorpusError\n"
        "from corpus.vocabulary import label, read_vocabulary\n"
        f"try: print(label(Path({name!r})), *sorted(read_vocabulary(Path({name!r}))))\n"
        "except CorpusError as error: sys.exit(str(error))"
    )
    settings = {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(cache),
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | settings | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.slow
class TestHub:
    @pytest.mark.parametrize("name", ["someone/cased", "someone/fast"])
    def test_a_models_name_is_looked_for_on_the_hub_and_then_found_without_it(
        self, hub: str, cache: Path, name: str
    ) -> None:
        expected = " ".join([name, *sorted(PIECES)])
        assert read_in_a_process(name, hub, cache).stdout.strip() == expected
        assert read_in_a_process(name, hub, cache, HF_HUB_OFFLINE="1").stdout.strip() == expected

    @pytest.mark.parametrize(
        ("name", "complaint"),
        [
            ("someone/other", "someone/other on the hub has neither vocab.txt nor tokenizer.json"),
            ("no-one/none", "no-one/none is no file or folder here, and the hub does not give it: "),
        ],
    )
    def test_what_the_hub_lacks_is_one_line(self, hub: str, cache: Path, name: str, complaint: str) -> None:
        done = read_in_a_process(name, hub, cache)
        assert done.returncode == 1
        assert done.stderr.strip().splitlines()[-1].startswith(complaint)

    def test_a_hub_out_of_reach_is_one_line(self, hub: str, tmp_path: Path) -> None:
        done = read_in_a_process("someone/cased", hub, tmp_path, HF_HUB_OFFLINE="1")
        assert done.returncode == 1
        assert (
            done.stderr.strip()
            .splitlines()[-1]
            .endswith("the hub cannot be reached: give its vocab.txt, or go online")
        )


def test_a_path_here_is_never_looked_for_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "someone" / "cased").mkdir(parents=True)
    (tmp_path / "someone" / "cased" / "vocab.txt").write_text("[UNK]\n", encoding="utf-8")
    assert read_vocabulary(Path("someone/cased")) == {"[UNK]"}
    assert label(Path("someone/cased")) == "cased"
    for name in ("vocab.txt", "krbert/vocab.txt", "a/b/c"):
        with pytest.raises(CorpusError, match="does not exist"):
            read_vocabulary(Path(name))


def test_without_the_hubs_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(CorpusError, match=r"pip install 'dprk-bert\[hub\]'"):
        read_vocabulary(Path("someone/nowhere"))
