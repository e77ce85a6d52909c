"""Faults on demand: what servers and networks do to an answer, as pure functions on `Response`.

A new fault is one function in `KINDS`. A rule names a fault and what it befalls: a newsId, a decoded token
(`1@@2@1@`), a path (`/robots.txt`), or a shell pattern of these (`2026-11-20-*`).
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from crawler.replica.scripted import shell


@dataclass(frozen=True, slots=True)
class Response:
    """An answer before it is sent; `hang` is never sent, `reset` breaks the connection instead, after half of the body
    with `midway`; `drip` is the pause in seconds between the twentieths of the body.
    """

    body: bytes
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    hang: bool = False
    reset: bool = False
    midway: bool = False
    drip: float = 0.0


# Names of the present markup and of a redesign that nobody has seen: the text stays, every known container goes.
_REDESIGN = {
    b"articleContent": b"reader-body",
    b"article-content": b"reader-wide",
    b"article-date": b"reader-day",
    b"article-homepage": b"reader-head",
    b"newsPage": b"reader",
    b"ContDIV": b"reader-text",
    b"TitleP": b"r-head",
    b"TextP": b"r-line",
    b"RevoListDIV": b"index-a",
    b"ThemeListDIV": b"index-b",
    b"revoList": b"index-c",
    b"date_news_list": b"index-d",
    b"PathBar": b"crumbs",
}
_BLOCK_PAGE = (
    '<html><head><meta http-equiv="Content-Type" content="text/html; charset=euc-kr">'
    '<meta name="kcsc" content="blocking"><title>불법·유해정보사이트에 대한 차단 안내</title></head>'
    "<body><p>이 주소로는 갈 수 없습니다.</p></body></html>"
)


def _error(status: int) -> Callable[[Response], Response]:
    def fault(response: Response) -> Response:
        page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
        return replace(response, status=status, body=page.encode())

    return fault


def _redesigned(response: Response) -> Response:
    known = re.compile(b"|".join(sorted(_REDESIGN, reverse=True)))
    return replace(response, body=known.sub(lambda name: _REDESIGN[name.group()], response.body))


def _blocked(response: Response) -> Response:
    return replace(response, body=_BLOCK_PAGE.encode("euc-kr"), content_type="text/html; charset=euc-kr")


def _unknown_address(response: Response) -> Response:
    return replace(response, body="<html><body><h1>알수 없는 주소</h1></body></html>".encode())


def _grown(response: Response) -> Response:
    """The total of a list, one higher: an article came in while the list was read."""
    return replace(
        response, body=re.sub(rb"(\d+)(?=\xea\xb1\xb4)", lambda n: b"%d" % (int(n[1]) + 1), response.body)
    )


def _wrong_article(response: Response) -> Response:
    """The page of another article than the one asked for, as its scripts tell."""
    return replace(response, body=re.sub(rb'(strNewsID = "[\d-]+?)\d{3}"', rb'\g<1>999"', response.body))


KINDS: dict[str, Callable[[Response], Response]] = {
    **{f"error{status}": _error(status) for status in (403, 404, 408, 429, 500, 502, 503, 504)},
    "empty": lambda response: replace(response, body=b""),
    "blocked": _blocked,
    "unknown_layout": _redesigned,
    "scripted": lambda response: replace(response, body=shell(response.body)),
    "retry_after": lambda response: replace(_error(429)(response), headers=(("Retry-After", "1"),)),
    "truncated": lambda response: replace(response, body=response.body[: len(response.body) * 2 // 3]),
    "wrong_encoding": lambda response: replace(response, content_type="text/html; charset=euc-kr"),
    "redirect_loop": lambda response: replace(response, status=302, body=b"", headers=(("Location", ""),)),
    "unknown_address": _unknown_address,
    "wrong_article": _wrong_article,
    "grown": _grown,
    "reset": lambda response: replace(response, reset=True),
    "reset_midway": lambda response: replace(response, reset=True, midway=True),
    "drip": lambda response: replace(response, drip=0.05),
    "hang": lambda response: replace(response, hang=True),
}


@dataclass(slots=True)
class Rule:
    """`times` answers are spoilt, then no more; None: all."""

    kind: str
    pattern: str
    times: int | None = None


@dataclass(slots=True)
class Faults:
    """The rules in force; the first that matches befalls the answer."""

    rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def set(self, kind: str, pattern: str, times: int | None = None) -> None:
        """Put a fault in force; ValueError for a kind that is not in `KINDS`."""
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}: choose one of {', '.join(sorted(KINDS))}")
        with self._lock:
            self.rules.append(Rule(kind, pattern, times))

    def clear(self) -> None:
        with self._lock:
            self.rules.clear()

    def befall(self, response: Response, *names: str) -> Response:
        """The answer after the first rule that matches one of `names` (newsId, decoded token, path)."""
        with self._lock:
            for rule in self.rules:
                if rule.times != 0 and any(name and fnmatchcase(name, rule.pattern) for name in names):
                    rule.times = None if rule.times is None else rule.times - 1
                    return KINDS[rule.kind](response)
        return response


def parse_rule(text: str) -> Rule:
    """Read `KIND=PATTERN` or `KIND=PATTERN:TIMES`, as the command line writes it."""
    kind, _, rest = text.partition("=")
    pattern, _, times = rest.partition(":")
    if kind not in KINDS or not pattern or (times and not times.isdecimal()):
        raise ValueError(
            f"cannot read the fault {text!r}: write KIND=NEWSID or KIND=NEWSID:TIMES, KIND being one of "
            + ", ".join(sorted(KINDS))
        )
    return Rule(kind, pattern, int(times) if times else None)
