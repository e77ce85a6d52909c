"""From Scrapy's responses and errors to what the rest of the crawler speaks of: text, raw pages, reasons."""

from __future__ import annotations

from dataclasses import replace

from scrapy import exceptions
from scrapy.http import Request, Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.items import RawPage
from crawler.pages.article import NO_TEXT
from crawler.pages.detect import BLOCKED, EMPTY_PAGE, NOT_FOUND, UNKNOWN_LAYOUT, PageError, document, refusal

TRUNCATED = "truncated page"
FORBIDDEN = "forbidden by robots.txt"  # in Scrapy's words
CUT = "cut"  # flag of a response that ends before its page does
RENDER = "render"  # in the meta of a request: the response whose scripts are to be run in a browser

# What a page may be that waits for its scripts.
_SHELLS = (UNKNOWN_LAYOUT, NO_TEXT)

_ORIGINAL = "x-archive-orig-"

_NETWORK = {
    exceptions.CannotResolveHostError: "host name not found",
    exceptions.DownloadConnectionRefusedError: "connection refused",
    exceptions.DownloadTimeoutError: "timed out",
    exceptions.DownloadFailedError: "connection lost",
    exceptions.DownloadCancelledError: "page too large or cancelled",
    exceptions.ResponseDataLossError: TRUNCATED,
}


class RenderingError(Exception):
    """A page could not be rendered; the message says why."""


def html(response: Response) -> str:
    """The text of a page; raises PageError where there is none, or where it breaks off."""
    if not response.body.strip():
        raise PageError(EMPTY_PAGE)
    if not isinstance(response, TextResponse):
        raise PageError(UNKNOWN_LAYOUT, "not a page of text")
    if CUT in response.flags:
        raise PageError(TRUNCATED)
    return response.body.decode(_encoding(response), "replace")


def rendering(response: Response, error: PageError) -> Request | None:
    """The request that gives a page after its scripts ran, where it may be one that waits for them; never twice.

    It has a slot of its own: what the scripts fetch goes through the slot of the site, one request at a time.
    """
    request = response.request
    if error.reason not in _SHELLS or request is None or RENDER in request.meta:
        return None
    keys = {"download_slot": "browser", "autothrottle_dont_adjust_delay": True, "dont_obey_robotstxt": True}
    return request.replace(meta={RENDER: response, "dont_retry": True, **keys})


def is_cut(response: TextResponse, *, closes: bool) -> bool:
    """Whether a page broke off; `closes`: pages of its kind are known to end with their end tag.

    An old server ends a page by closing the connection, which looks the same when the connection breaks. Pages of a
    filter, or for an unknown address, are made by others and may end otherwise.
    """
    if not (closes or "partial" in response.flags) or b"</html>" in response.body[-1000:].lower():
        return False
    return refusal(document(response.text)).reason not in (BLOCKED, NOT_FOUND)


def is_passing_status(status: int) -> bool:
    """Whether an HTTP status may pass: not 404, and not 403, which is a block."""
    return status in (408, 429) or status >= 500


def raw_page(kind: str, response: Response) -> RawPage:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    return RawPage(kind, response.url, response.status, _encoding(response), response.body, headers)


def original_page(response: Response, url: str) -> RawPage:
    """The page that a web archive captured at an address; its headers stand in the answer under a prefix."""
    raw = raw_page("article", response)
    headers = tuple(
        (name[len(_ORIGINAL) :], value) for name, value in raw.headers if name.lower().startswith(_ORIGINAL)
    )
    return replace(raw, url=url, headers=headers)


def _encoding(response: Response) -> str:
    """UTF-8 for whatever is valid UTF-8, which no other text is by chance; else what the page or its header claims."""
    try:
        response.body.decode("utf-8")
    except UnicodeDecodeError:
        return response.encoding if isinstance(response, TextResponse) else "utf-8"
    return "utf-8"


def failed_page(kind: str, failure: Failure) -> RawPage | None:
    """The page of a server that refused with an HTTP status, or that no browser could render; None where there was no
    answer at all.
    """
    if isinstance(failure.value, HttpError):
        return raw_page(kind, failure.value.response)
    request: Request | None = getattr(failure, "request", None)
    received = request and request.meta.get(RENDER)
    return raw_page(kind, received) if received else None


def failure_reason(failure: Failure) -> str:
    """Why a download failed, in the words of table `failures`."""
    error = failure.value
    if isinstance(error, RenderingError):
        return f"{UNKNOWN_LAYOUT}: and no browser could render it ({error})"
    if isinstance(error, HttpError):
        status = error.response.status
        return f"{BLOCKED}: http 403" if status == 403 else f"http {status}"
    return error_reason(error)


def error_reason(error: BaseException | None) -> str:
    """Why there was no answer at all."""
    if isinstance(error, exceptions.IgnoreRequest):
        return str(error).lower() or "request ignored"
    for kind, reason in _NETWORK.items():
        if isinstance(error, kind):
            return reason
    return f"{type(error).__name__}: {error}"


def is_silence(failure: Failure) -> bool:
    """Whether the site gave no answer or broke over it (5xx), as opposed to a bad one or a request never sent."""
    if isinstance(failure.value, HttpError):
        return failure.value.response.status >= 500
    return not isinstance(failure.value, exceptions.IgnoreRequest | RenderingError)


def is_refusal(reason: str) -> bool:
    """Whether the site, or a filter on the way, does not want to be asked by this crawl: a block, or 429 to the end."""
    return reason.startswith((BLOCKED, "http 429"))
