"""What a page is that is not what was asked for: blocked, an unknown address, empty, or a layout nobody
knows yet.
"""

from __future__ import annotations

import re

from parsel import Selector

from crawler.pages.text import text

BLOCKED = "blocked"
NOT_FOUND = "not found"
EMPTY_PAGE = "empty page"
UNKNOWN_LAYOUT = "unknown layout"

# South Korea's filter answers 200 with its own page and marks it with a meta element; others say so in
# the title.
_BLOCK_TITLE = re.compile(
    r"차단\s*안내|유해\s*정보|(web ?)?page blocked|access denied|access blocked", re.IGNORECASE
)
# The old site answered an unknown address with a page of status 200 and this headline; the space varies.
_UNKNOWN_ADDRESS = re.compile(r"알\s*수\s*없는\s*주소")


class PageError(Exception):
    """A page that gives nothing to keep. `reason` is one short phrase, the same for all pages of its kind."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


def document(html: str) -> Selector:
    """The parsed page; raises PageError for one without content."""
    if not html.strip():
        raise PageError(EMPTY_PAGE)
    return Selector(text=html, type="html")


def refusal(page: Selector) -> PageError:
    """Why a page without any known container is useless, as an error to raise."""
    headings = [text(node) for node in page.css("title, h1, h2")]
    if page.css('meta[name="kcsc"]') or any(_BLOCK_TITLE.search(heading) for heading in headings):
        return PageError(BLOCKED, "a network filter answered, not the site")
    if any(_UNKNOWN_ADDRESS.search(heading) for heading in headings):
        return PageError(NOT_FOUND, "the site does not know the address")
    if not text(page) and not page.css("img, script"):
        return PageError(EMPTY_PAGE)
    return PageError(UNKNOWN_LAYOUT, "no container of a known layout")
