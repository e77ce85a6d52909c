"""From Scrapy's responses and errors to what the rest of the crawler speaks of: text, raw pages, reasons."""

from __future__ import annotations

from dataclasses import replace

from scrapy import exceptions
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.items import RawPage
from crawler.pages.detect import BLOCKED, EMPTY_PAGE, NOT_FOUND, UNKNOWN_LAYOUT, PageError, document, refusal

TRUNCATED = "truncated page"
CUT = "cut"  # flag of a response that ends before its page does

_ORIGINAL = "x-archive-orig-"

_NETWORK = {
    exceptions.CannotResolveHostError: "host name not found",
    exceptions.DownloadConnectionRefusedError: "connection refused",
    exceptions.DownloadTimeoutError: "timed out",
    exceptions.DownloadFailedError: "connection lost",
    exceptions.DownloadCancelledError: "page too large or cancelled",
    exceptions.ResponseDataLossError: TRUNCATED,
}


def html(response: Response) -> str:
    """The text of a page; raises PageError where there is none, or where it breaks off."""
    if not response.body.strip():
        raise PageError(EMPTY_PAGE)
    if not isinstance(response, TextResponse):
        raise PageError(UNKNOWN_LAYOUT, "not a page of text")
    if CUT in response.flags:
        raise PageError(TRUNCATED)
    return response.body.decode(_encoding(response), "replace")


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
    """The page of a server that refused with an HTTP status, None where there was no answer at all."""
    return raw_page(kind, failure.value.response) if isinstance(failure.value, HttpError) else None


def failure_reason(failure: Failure) -> str:
    """Why a download failed, in the words of table `failures`."""
    error = failure.value
    if isinstance(error, HttpError):
        status = error.response.status
        return f"{BLOCKED}: http 403" if status == 403 else f"http {status}"
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
    return not isinstance(failure.value, exceptions.IgnoreRequest)


def is_refusal(reason: str) -> bool:
    """Whether the site, or a filter on the way, does not want to be asked by this crawl: a block, or 429 to the end."""
    return reason.startswith((BLOCKED, "http 429"))
