"""The crawl against every fault of the replica: what passes is waited for, what does not is a failure with its reason,
and no fault ever makes a wrong article.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.archive import StoredArticle, open_archive, read_articles
from crawler.backoff import backoff, retry_after
from crawler.replica.server import serve
from crawler.replica.site import Site

from .conftest import Crawl

TODAY = dt.date(2026, 8, 20)
NOW = dt.datetime(2026, 8, 20, 3, 0, tzinfo=dt.UTC)


class TestWaiting:
    def test_wait_doubles_up_to_the_longest(self) -> None:
        waits = [backoff(attempt, first=2, longest=60, luck=0) for attempt in (1, 2, 3, 4, 5, 6, 5000)]
        assert waits == [2, 4, 8, 16, 32, 60, 60]

    def test_luck_takes_up_to_half_of_it(self) -> None:
        assert [backoff(2, first=2, longest=60, luck=luck) for luck in (0, 0.5, 1)] == [4, 3, 2]

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("120", 120),
            (" 0 ", 0),
            ("Thu, 20 Aug 2026 03:01:30 GMT", 90),
            ("Thu, 20 Aug 2026 02:00:00 GMT", 0),
            ("Thu, 20 Aug 2026 03:01:30 -0000", 90),
            ("soon", None),
            ("", None),
        ],
    )
    def test_server_may_say_how_long(self, header: str, seconds: float | None) -> None:
        assert retry_after(header, NOW) == seconds


@pytest.mark.slow
class TestCrawl:
    def test_what_passes_keeps_no_article_away(self, crawl: Callable[..., Crawl], tmp_path: Path) -> None:
        site = Site(seed=5, days=1, per_day=20, today=TODAY)
        ids = site.listed(2)
        with serve(site) as server:
            passing = ("retry_after", "error500", "error408", "empty", "truncated", "reset", "reset_midway")
            for kind, news_id in zip(passing, ids[1:], strict=False):
                server.faults.set(kind, news_id, 1)
            for kind, news_id in zip(("drip", "wrong_encoding"), ids[-2:], strict=True):
                server.faults.set(kind, news_id)
            server.faults.set("error503", "/ko/", 2)
            server.faults.set("grown", "1@@2@2@", 1)
            run = crawl(tmp_path / "rodong.db", server.url, RETRY_TIMES=2)
            assert run.exit_code == 0
            assert all(server.articles_asked().count(news_id) == 2 for news_id in ids[1 : len(passing) + 1])
            refused, again = (request.at for request in server.requests if request.news_id == ids[1])
            assert again - refused >= 1, "the server asked for a second's patience"
            lists = [request.token for request in server.requests if request.token.startswith("1@@2@")]
            assert lists == ["1@@2@1@", "1@@2@2@"] * 2, "a list that grew is read again"
        found = {article.news_id: article for article in stored(tmp_path)}
        assert found.keys() == set(ids)
        for news_id, article in found.items():
            truth = site.article(news_id)
            assert truth is not None
            assert (article.title, article.body) == (truth.title, truth.body)

    def test_what_does_not_pass_is_a_failure_with_its_reason(
        self, crawl: Callable[..., Crawl], tmp_path: Path, rows: Callable[..., list[tuple[object, ...]]]
    ) -> None:
        site = Site(seed=6, days=1, per_day=20, today=TODAY)
        reasons = {
            "retry_after": "http 429",
            "error504": "http 504",
            "empty": "empty page",
            "truncated": "truncated page",
            "reset_midway": "truncated page",
            "drip": "timed out",
            "hang": "timed out",
            "redirect_loop": "max redirections reached",
            "unknown_address": "not found: the site does not know the address",
            "wrong_article": "wrong article: asked for",
        }
        spoilt = dict(zip(site.listed(2)[3:], reasons, strict=False))
        with serve(site) as server:
            for news_id, kind in spoilt.items():
                server.faults.set(kind, news_id)
            run = crawl(tmp_path / "rodong.db", server.url, RETRY_TIMES=1, DOWNLOAD_TIMEOUT=0.5)
        assert run.exit_code == 3
        had = {str(news_id): str(reason) for news_id, reason in rows("SELECT news_id, reason FROM failures")}
        assert had.keys() == spoilt.keys()
        for news_id, kind in spoilt.items():
            assert had[news_id].startswith(reasons[kind]), kind
        assert {article.news_id for article in stored(tmp_path)} == set(site.listed(2)) - spoilt.keys()


def stored(folder: Path) -> list[StoredArticle]:
    return list(read_articles(open_archive(f"sqlite:///{folder}/rodong.db", read_only=True)))
