"""A very small site of the newspaper, served over HTTP, whose every answer a test can set."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crawler.pages import tokens
from crawler.pages.home import SECTIONS
from crawler.replica.server import ReplicaServer

PROJECT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that holds nothing yet; a test that asks for it runs on either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/rodong.db"
    return str(request.getfixturevalue("postgres"))


@dataclass
class Answer:
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})


@dataclass
class SmallSite:
    """`lists` maps a category to its newsIds in order; `answers` maps a decoded token to an answer of its own."""

    lists: dict[int, list[str]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    totals: dict[int, int] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    base_url: str = ""

    def articles_asked(self) -> list[str]:
        found = (tokens.parse(request) for request in self.requests)
        return [token.news_id for token in found if isinstance(token, tokens.ArticleToken)]

    def answer(self, path: str) -> Answer:
        _, _, query = path.partition("?")
        self.requests.append(query)
        if path == "/robots.txt":
            return self.answers.get("robots") or Answer(b"", 404)
        if not query:
            return self.answers.get("home") or Answer(self.home().encode())
        text = tokens.decode(query)
        token = tokens.parse(query)
        if isinstance(token, tokens.ListToken):
            return self.answers.get(text) or Answer(self.list_page(token.category, token.page).encode())
        assert isinstance(token, tokens.ArticleToken)
        return self.answers.get(token.news_id) or Answer(self.article(token.news_id).encode())

    def home(self) -> str:
        links = (
            f'<a href="index.php?{tokens.encode(f"1@@{category}@1@")}"><b>{SECTIONS[category]}</b></a>'
            for category in self.lists
        )
        return f"<html><body>{''.join(links)}<a href='index.php'>English</a></body></html>"

    def list_page(self, category: int, number: int) -> str:
        ids = self.lists[category]
        rows = "".join(
            f'<li><a href="index.php?{self.article_token(category, number, news_id)}">'
            f"{escape(self.title(news_id))}</a> <span class='news_date'>2026.8.20.</span></li>"
            for news_id in ids[(number - 1) * 15 : number * 15]
        )
        last = max(1, -(-len(ids) // 15))
        pages = "".join(
            f'<a href="index.php?{tokens.encode(f"1@@{category}@{n}@")}">{n}</a>' for n in range(1, last + 1)
        )
        total = self.totals.get(category, len(ids))
        return (
            f'<html><body><div id="PathBar">홈 &gt; {SECTIONS[category]} &gt; {total}건</div>'
            f'<div id="ThemeListDIV"><ul>{rows}</ul></div>{pages}</body></html>'
        )

    def article_token(self, category: int, page: int, news_id: str) -> str:
        ordinal = self.lists[category].index(news_id) + 1
        return tokens.encode(tokens.ArticleToken(news_id, category, page, "", ordinal).text)

    def title(self, news_id: str) -> str:
        return self.titles.get(news_id, f"온실에서 거둔 남새 {news_id[-3:]}")

    def article(self, news_id: str) -> str:
        body = self.bodies.get(
            news_id, f"새벽부터 농장원들이 온실에 모여들었다. 이날 거둔 오이는 {news_id[-2:]}상자였다."
        )
        return (
            '<html><body><div id="newsPage"><div id="articleContent"><div id="ContDIV">'
            f'<p class="TitleP">{escape(self.title(news_id))}</p><p class="TextP">{escape(body)}</p>'
            '<p class="WriterP">본사기자 림단비</p></div></div></div></body></html>'
        )


@pytest.fixture
def small_site() -> Iterator[SmallSite]:
    """Two sections of 3 and 2 articles, one of them in both; a test may change it before and between crawls."""
    site = SmallSite(
        lists={
            2: ["2026-08-20-001", "2026-08-20-002", "2026-08-20-003"],
            5: ["2026-08-20-002", "2026-08-19-004"],
        }
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = site.answer(self.path)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in answer.headers:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site.base_url = f"http://127.0.0.1:{server.server_port}/ko/"
    yield site
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Crawl:
    exit_code: int
    log: str

    @property
    def last_line(self) -> str:
        return self.log.strip().splitlines()[-1]


# A crawl in a process of its own costs a second before its first request, nearly all of it for imports. This process
# has done them; it forks one for every command line that it reads, and answers with its id and its exit code.
FORKING = """
import os, signal, sys
import scrapy.cmdline, scrapy.utils.versions, scrapy.core.downloader.handlers.http11, itemadapter, protego
import crawler.pipelines, crawler.extensions, crawler.middlewares, crawler.addresses, crawler.spiders.rodong
import crawler.spiders.rodong_wayback
import crawler.commands.crawl, crawler.commands.prose, crawler.commands.replica, crawler.commands.reparse
import crawler.commands.warc
from scrapy.settings import default_settings as base
from scrapy.utils.misc import load_object
for name in (*base.EXTENSIONS_BASE, *base.DOWNLOADER_MIDDLEWARES_BASE, *base.SPIDER_MIDDLEWARES_BASE):
    load_object(name)
scrapy.utils.versions.get_versions()
assert "twisted.internet.reactor" not in sys.modules
for line in sys.stdin:
    log, *sys.argv = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if not child:
        signal.alarm(120)
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        scrapy.cmdline.execute()
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def environment(*paths: Path) -> dict[str, str]:
    """The environment of a crawl: nothing in it points to an archive; `paths` come first where Python looks for
    modules.
    """
    ours = {name: value for name, value in os.environ.items() if name != "ARCHIVE_URL"}
    found = [*map(str, paths), ours.get("PYTHONPATH", "")]
    return ours | {"PYTHONPATH": os.pathsep.join(path for path in found if path)}


class Crawls:
    """Runs crawls, one at a time, each in a process of its own."""

    def __init__(self, log: Path) -> None:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", FORKING]
        self.log = log
        self.process = subprocess.Popen(
            command, cwd=PROJECT, env=environment(), text=True, stdin=pipe, stdout=pipe
        )

    def run(self, command: list[str], meanwhile: Callable[[int], None] = lambda child: None) -> Crawl:
        """Run a command of `crawl_command`; `meanwhile` is called with the id of its process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\t".join([str(self.log), *command[2:]]) + "\n")
        self.process.stdin.flush()
        meanwhile(int(self.process.stdout.readline()))
        exit_code = int(self.process.stdout.readline())
        return Crawl(exit_code, self.log.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawls]:
    crawls = Crawls(tmp_path_factory.mktemp("crawls") / "log")
    yield crawls
    crawls.process.communicate()


def kill_after(server: ReplicaServer, requests: int, pause: float) -> Callable[[int], None]:
    """Kills a process once the server has been asked so often, and so many seconds later."""

    def kill(child: int) -> None:
        deadline = time.monotonic() + 20
        while len(server.requests) < requests and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(pause)
        os.kill(child, signal.SIGKILL)

    return kill


def crawl_command(archive: Path, base_url: str, **arguments: object) -> list[str]:
    """The command of a crawl at full speed; arguments in capitals are settings, the others the spider's."""
    return _command("rodong", archive, {"base_url": base_url} | arguments)


def wayback_command(archive: Path, server: ReplicaServer, **arguments: object) -> list[str]:
    """The same of a walk through a replica's web archive, whose index it reads in several pages."""
    given = server.archive_arguments | {"INDEX_PAGE_SIZE": 40} | arguments
    return _command("rodong_wayback", archive, given)


def _command(spider: str, archive: Path, arguments: Mapping[str, object]) -> list[str]:
    settings: dict[str, object] = {
        "ARCHIVE_URL": f"sqlite:///{archive}",
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "RETRY_TIMES": 1,
        "RETRY_DELAY": 0,
    }
    settings |= {name: value for name, value in arguments.items() if name.isupper()}
    own = {name: value for name, value in arguments.items() if not name.isupper()}
    command = [sys.executable, "-m", "scrapy", "crawl", spider]
    command += [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    return command + [part for name, value in own.items() for part in ("-a", f"{name}={value}")]


@pytest.fixture
def crawl(tmp_path: Path, small_site: SmallSite, crawls: Crawls) -> Callable[..., Crawl]:
    """Run the crawl as a user does, in a process of its own, on the small site and an archive in tmp_path."""

    def run(
        archive: Path = tmp_path / "rodong.db", base_url: str | None = None, **arguments: object
    ) -> Crawl:
        command = crawl_command(archive, base_url or small_site.base_url, **arguments)
        command += ["--report", str(archive.with_suffix(".json"))]
        return crawls.run(command)

    return run


def scrapy(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run another command of the project."""
    command = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)


@pytest.fixture
def rows(tmp_path: Path) -> Callable[..., list[tuple[object, ...]]]:
    """Rows of a query to the archive in tmp_path, read without any of the project's code."""

    def read(query: str, archive: Path = tmp_path / "rodong.db") -> list[tuple[object, ...]]:
        connection = sqlite3.connect(archive)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    return read
