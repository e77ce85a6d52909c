"""The replica over HTTP: pages are drawn when asked for, kept until the site changes, spoilt by faults.

Beside the newspaper's site it serves a web archive of its past: `/cdx/search/cdx` and `/web/<time>id_/<address>`.
"""

import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from crawler.replica import cdx, scripted
from crawler.replica.faults import Faults, Response
from crawler.replica.pages import render, unknown_address
from crawler.replica.site import Site
from crawler.replica.tokens import ArticleAddress, decode, resolve
from crawler.replica.web_archive import WebArchive


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its decoded token and the article that it asks for, both "" where there is none; `at` is seconds
    of the monotonic clock.
    """

    path: str
    token: str
    news_id: str
    at: float


class ReplicaServer(ThreadingHTTPServer):
    """Serves one site. `requests` is what was asked for, in order; `faults` and `robots` may be set at any time."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, site: Site, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__((host, port), _Handler)
        self.site = site
        self.web_archive = WebArchive(site)
        self.faults = Faults()
        self.robots = "User-agent: *\nDisallow:\n"
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self._drawing = threading.Lock()
        self._drawn: dict[str, bytes] = {}
        self._drawn_version = site.version

    @property
    def url(self) -> str:
        """The address of the home page, on the port that was bound."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/{self.site.language}/"

    @property
    def archive_arguments(self) -> dict[str, str]:
        """What sends the spider of the web archives to this one."""
        root = self.url.removesuffix(f"/{self.site.language}/")
        return {"cdx_url": root + cdx.INDEX, "replay_url": f"{root}/web/"}

    def articles_asked(self) -> list[str]:
        """The newsIds of the articles that were asked for, in order, repeats included."""
        return [request.news_id for request in self.requests if request.news_id]

    def answer(self, path: str) -> Response:
        """The answer to a path with its query string."""
        parts = urlsplit(path)
        if parts.path.startswith(("/cdx/", "/web/")):
            with self._drawing:
                response, news_id = cdx.answer(self.web_archive, path)
            self.requests.append(Request(path, "", news_id, time.monotonic()))
            return self.faults.befall(response, news_id, parts.query, parts.path)
        token = decode(parts.query)
        address = resolve(token)
        news_id = address.news_id if isinstance(address, ArticleAddress) else ""
        self.requests.append(Request(path, token, news_id, time.monotonic()))
        return self.faults.befall(self._page(parts.path, parts.query, token), news_id, token, parts.path)

    def _page(self, path: str, query: str, token: str) -> Response:
        if path == "/robots.txt":
            return Response(self.robots.encode(), content_type="text/plain; charset=utf-8")
        root = f"/{self.site.language}"
        if path == f"{root}/{scripted.SCRIPT_PATH}":
            return Response(scripted.SCRIPT.encode(), content_type="text/javascript; charset=utf-8")
        if path == f"{root}/{scripted.DATA_PATH}":
            return Response(scripted.data(self._draw(token)), content_type="application/json")
        if path not in (f"{root}/", f"{root}/index.php"):
            return Response(unknown_address().encode(), status=404)
        if query and not token:
            return Response(unknown_address().encode())
        return Response(self._draw(token))

    def _draw(self, token: str) -> bytes:
        # One thread draws at a time: the site computes its lists lazily and is not made for several.
        with self._drawing:
            if self._drawn_version != self.site.version:
                self._drawn.clear()
                self._drawn_version = self.site.version
            if token not in self._drawn:
                self._drawn[token] = render(self.site, token).encode()
            return self._drawn[token]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that go away; tell everything else as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def stop(self) -> None:
        """Free whoever hangs and stop `serve_forever`; must not be called from the serving thread."""
        self.stopping.set()
        self.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: ReplicaServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # header and body leave together

    def do_GET(self) -> None:
        if self.server.stopping.is_set():
            # A connection that outlives the server must not be answered as if it were up.
            self.close_connection = True
            return
        response = self.server.answer(self.path)
        if response.hang:
            self.server.stopping.wait()
            self.close_connection = True
            return
        if response.reset and not response.midway:
            self._reset()
            return
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers:
            # An address left empty is the one that was asked for.
            self.send_header(name, value or self.path)
        self.end_headers()
        if response.midway:
            self.wfile.write(response.body[: len(response.body) // 2])
            self.wfile.flush()
            self._reset()
        elif response.drip:
            self._drip(response)
        elif self.command != "HEAD":
            self.wfile.write(response.body)

    def _reset(self) -> None:
        # Lingering for 0 seconds makes the kernel send a reset instead of an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _drip(self, response: Response) -> None:
        step = len(response.body) // 20 + 1
        for start in range(0, len(response.body), step):
            self.wfile.write(response.body[start : start + step])
            self.wfile.flush()
            self.server.stopping.wait(response.drip)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *args: object) -> None:
        """Say nothing: `requests` is the record."""


@contextmanager
def serve(site: Site, port: int = 0, host: str = "127.0.0.1") -> Iterator[ReplicaServer]:
    """Serve the site in a thread while the context lasts; port 0 takes a free one."""
    server = ReplicaServer(site, host, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
        server.server_close()
