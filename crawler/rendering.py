"""Pages after their scripts ran, in a browser without a network: whatever a page asks for, the crawl asks for.

So the page itself is not fetched twice, and delay, robots.txt, second tries, proxies and addresses are those of the
crawl for scripts and their data too.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route
from playwright.async_api import Request as BrowserRequest
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.http.request import NO_CALLBACK
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from crawler.responses import RENDER, RenderingError, html

# Styles, images, fonts and frames hold none of the text.
_FETCHED = {"script", "xhr", "fetch"}
_SENT = ("accept", "content-type", "x-requested-with", "referer")
_CONTEXT = {"offline": True, "service_workers": "block", "accept_downloads": False}
_MOST_SCRIPTS = 100


class BrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """Renders the response that a request brings along as `RENDER`; all other requests are Scrapy's as ever. The
    browser is started for the first page that needs it.
    """

    # Made for the first request of its scheme, when the signal that would start the browser's driver is over.
    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.limit = crawler.settings.getfloat("BROWSER_TIMEOUT")
        self.scripts: dict[str, Response] = {}

    async def download_request(self, request: Request) -> Response:
        received: Response | None = request.meta.get(RENDER)
        if received is None:
            return await super().download_request(request)
        pages: list[Page] = []
        asked = request.replace(
            meta={
                "playwright": True,
                "playwright_include_page": True,
                "playwright_context_kwargs": _CONTEXT,
                "playwright_page_init_callback": partial(self._open, pages, received),
                "playwright_page_methods": [PageMethod("wait_for_load_state", "networkidle")],
            }
        )
        try:
            async with asyncio.timeout(self.limit):
                if not hasattr(self, "browser_provider"):
                    await self._launch()
                rendered = await super().download_request(asked)
        except TimeoutError:
            raise RenderingError(f"it took longer than {self.limit:g} s") from None
        except PlaywrightError as error:
            raise RenderingError(str(error).partition("\n")[0]) from None
        finally:
            for page in pages:
                with suppress(PlaywrightError):  # which a browser that crashed has closed
                    await page.close()
        headers = rendered.headers.copy()
        headers.pop("Content-Length", None)
        headers["X-Rendered-By"] = f"Chromium/{self.browser.version}"
        return rendered.replace(url=received.url, headers=headers, request=request)

    async def _open(self, pages: list[Page], received: Response, page: Page, request: Request) -> None:
        pages.append(page)
        await page.route("**/*", partial(self._answer, received))

    async def _answer(self, received: Response, route: Route) -> None:
        """Answer one request of the browser."""
        answer = await self._given(received, route.request)
        with suppress(PlaywrightError):  # the page may be closed meanwhile
            await (route.fulfill(**answer) if answer else route.abort())

    async def _given(self, received: Response, asked: BrowserRequest) -> dict[str, Any] | None:
        """What the browser gets for a request, None where it gets nothing."""
        if asked.is_navigation_request() and asked.url == received.url:
            return {"content_type": "text/html; charset=utf-8", "body": html(received).encode()}
        if asked.resource_type not in _FETCHED or _host(asked.url) != _host(received.url):
            return None
        try:
            answer = await self._fetch(asked)
        except Exception:
            return None  # the crawl could not get it or must not, and has counted that
        kind = (answer.headers.get("Content-Type") or b"").decode("latin-1")
        return {"status": answer.status, "content_type": kind, "body": answer.body}

    async def _fetch(self, asked: BrowserRequest) -> Response:
        if script := self.scripts.get(asked.url):
            return script
        headers = {name: value for name, value in asked.headers.items() if name in _SENT}
        request = Request(
            asked.url, method=asked.method, headers=headers, body=asked.post_data_buffer, callback=NO_CALLBACK
        )
        answer = await self._crawler.engine.download_async(request)
        if asked.resource_type == "script" and answer.status == 200 and len(self.scripts) < _MOST_SCRIPTS:
            self.scripts[asked.url] = answer
        return answer


def _host(url: str) -> str:
    return urlsplit(url).netloc
