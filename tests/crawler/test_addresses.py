"""A name with several addresses, one of which hangs: real sockets on loopback addresses of one port."""

import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .conftest import PROJECT, SmallSite, crawl_command, environment

pytestmark = pytest.mark.slow

NAME = "rodong.test"
# The resolver of the crawl's process knows one more name, of these addresses in this order.
KNOWN = """
import socket
system = socket.getaddrinfo
def getaddrinfo(host, *arguments, **named):
    if host != {name!r}:
        return system(host, *arguments, **named)
    return [found for address in {addresses!r} for found in system(address, *arguments, **named)]
socket.getaddrinfo = getaddrinfo
"""

Crawl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def crawl_name(tmp_path: Path, small_site: SmallSite) -> Crawl:
    """Crawl the small site under a name with these addresses; the site listens on the address 127.0.0.1."""

    def run(*addresses: str, **settings: object) -> subprocess.CompletedProcess[str]:
        code = KNOWN.format(name=NAME, addresses=addresses)
        (tmp_path / "sitecustomize.py").write_text(code, encoding="utf-8")
        url = small_site.base_url.replace("127.0.0.1", NAME)
        # Nobody could sit a hanging page out: the time-out of a page is longer than the one of the process.
        settings = {
            "DOWNLOAD_TIMEOUT": 600,
            "ROBOTSTXT_TIMEOUT": settings.get("DOWNLOAD_TIMEOUT", 600),
        } | settings
        command = crawl_command(tmp_path / "rodong.db", url, **settings)
        return subprocess.run(
            command, cwd=PROJECT, env=environment(tmp_path), capture_output=True, text=True, timeout=100
        )

    return run


@pytest.fixture
def port(small_site: SmallSite) -> int:
    return int(small_site.base_url.rpartition(":")[2].partition("/")[0])


@pytest.fixture
def unconnectable(port: int) -> Iterator[str]:
    """An address where connections are neither made nor refused: its queue of them is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.2", port))
        listener.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.2", port))
        yield "127.0.0.2"


class Silent:
    """An address where connections are made and nothing is ever answered."""

    def __init__(self, address: str, port: int) -> None:
        self.address = address
        self.connections: list[socket.socket] = []
        self.listener = socket.create_server((address, port))
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self) -> None:
        while True:
            try:
                self.connections.append(self.listener.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        for connection in self.connections:
            connection.close()


@pytest.fixture
def silent(port: int) -> Iterator[Silent]:
    silent = Silent("127.0.0.3", port)
    yield silent
    silent.close()


def test_address_that_takes_no_connection_holds_up_nothing(
    crawl_name: Crawl, small_site: SmallSite, unconnectable: str
) -> None:
    run = crawl_name(unconnectable, "127.0.0.1")
    assert run.returncode == 0, run.stderr
    assert len(small_site.articles_asked()) == 4


def test_address_that_answers_nothing_is_left_after_one_time_out(
    crawl_name: Crawl, small_site: SmallSite, silent: Silent
) -> None:
    run = crawl_name(silent.address, "127.0.0.1", DOWNLOAD_TIMEOUT=3)
    assert run.returncode == 0, run.stderr
    assert len(small_site.articles_asked()) == 4
    assert len(silent.connections) == 1


def test_crawl_finds_the_one_good_address_of_four(
    crawl_name: Crawl, small_site: SmallSite, unconnectable: str, silent: Silent
) -> None:
    # Nobody listens on 127.0.0.4: connections are refused.
    run = crawl_name(
        "127.0.0.4", silent.address, unconnectable, "127.0.0.1", DOWNLOAD_TIMEOUT=2, RETRY_TIMES=4
    )
    assert run.returncode == 0, run.stderr
    assert len(small_site.articles_asked()) == 4


def test_name_without_a_working_address_fails_with_one_line(crawl_name: Crawl, silent: Silent) -> None:
    run = crawl_name(silent.address, "127.0.0.4", DOWNLOAD_TIMEOUT=0.5)
    assert run.returncode == 1
    assert "(timed out): check the network" in run.stderr.strip().splitlines()[-1]
    assert "Traceback" not in run.stderr
