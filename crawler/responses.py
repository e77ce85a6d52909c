"""From Scrapy's responses and errors to what the rest of the crawler speaks of: text, raw pages, reasons."""

from __future__ import annotations

from scrapy import exceptions
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.items import RawPage
from crawler.pages.detect import BLOCKED, EMPTY_PAGE, UNKNOWN_LAYOUT, PageError

TRUNCATED = "truncated page"
PASSING = (EMPTY_PAGE, TRUNCATED)  # worth another try at once

_NETWORK = {
    exceptions.CannotResolveHostError: "host name not found",
    exceptions.DownloadConnectionRefusedError: "connection refused",
    exceptions.DownloadTimeoutError: "timed out",
    exceptions.DownloadFailedError: "connection lost",
    exceptions.DownloadCancelledError: "page too large or cancelled",
    exceptions.ResponseDataLossError: TRUNCATED,
}


def html(response: Response) -> str:
    """The text of a page; raises PageError where there is none, or where it visibly breaks off."""
    if not response.body.strip():
        raise PageError(EMPTY_PAGE)
    if not isinstance(response, TextResponse):
        raise PageError(UNKNOWN_LAYOUT, "not a page of text")
    # An old server ends a page by closing the connection, which looks the same when the connection breaks.
    if "partial" in response.flags and "</html>" not in response.text.lower():
        raise PageError(TRUNCATED)
    return response.text


def raw_page(kind: str, response: Response) -> RawPage:
    encoding = response.encoding if isinstance(response, TextResponse) else ""
    return RawPage(kind, response.url, response.status, encoding, response.body)


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
    """Whether the site gave no answer, as opposed to a bad one or a request that was never sent."""
    return not isinstance(failure.value, HttpError | exceptions.IgnoreRequest)
