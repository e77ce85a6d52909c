"""The crawl against the replica of the site: what the archive holds is what the site says, to the letter."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.archive import StoredArticle, open_archive, read_articles
from crawler.replica.server import serve
from crawler.replica.site import TODAYS_ISSUE, Article, Site

from .conftest import Crawl

pytestmark = pytest.mark.slow

TODAY = dt.date(2026, 8, 20)


def stored(archive: Path) -> dict[str, StoredArticle]:
    engine = open_archive(f"sqlite:///{archive}", read_only=True)
    return {article.news_id: article for article in read_articles(engine)}


def parts(article: Article | StoredArticle) -> tuple[str, str, str, str]:
    return article.title, article.subtitle, article.body, article.byline


def listed(site: Site) -> Iterable[Article]:
    return [article for article in site.articles if article.categories]


def test_archive_follows_the_site_from_night_to_night(crawl: Callable[..., Crawl], tmp_path: Path) -> None:
    site = Site(seed=3, days=12, per_day=30, today=TODAY)
    archive = tmp_path / "rodong.db"
    with serve(site) as server:
        first = {article.news_id: article for article in listed(site)}
        assert any(TODAYS_ISSUE not in article.categories for article in first.values())
        assert crawl(archive, server.url).exit_code == 0
        found = stored(archive)
        assert {news_id: parts(article) for news_id, article in found.items()} == {
            news_id: parts(article) for news_id, article in first.items()
        }
        for news_id, article in first.items():
            assert set(found[news_id].sections) == set(article.sections)
            if TODAYS_ISSUE in article.categories:
                assert found[news_id].page == article.page
        assert sorted(server.articles_asked()) == sorted(first), "each article is asked for once"

        # The next night: a new issue, one more section for an old article, one old article edited.
        old, edited = (news_id for news_id in sorted(first)[:2])
        site.today = TODAY + dt.timedelta(days=1)
        another = next(category for category in (3, 4) if category not in first[old].categories)
        site.edit(replace(first[old], categories=(*first[old].categories, another)))
        site.edit(replace(first[edited], paragraphs=("고쳐쓴 글이다.",), mark="", signature=""))
        server.requests.clear()
        assert crawl(archive, server.url, revisit_days=0).exit_code == 0
        new = {article.news_id for article in listed(site)} - set(first)
        assert sorted(server.articles_asked()) == sorted(new)
        found = stored(archive)
        assert len(found) == len(first) + len(new)
        assert set(found[old].sections) == set(site.article(old).sections)  # type: ignore[union-attr]
        assert found[edited].body != "고쳐쓴 글이다."

        site.withdraw(gone := sorted(first)[2])
        server.requests.clear()
        assert crawl(archive, server.url, revisit_days=100_000).exit_code == 0
        assert set(server.articles_asked()) == set(found), "in a list or not"
        assert len(server.articles_asked()) <= len(found) + 1, "each once, but for a probe that led nowhere"
        found = stored(archive)
        assert found[edited].body == "고쳐쓴 글이다."
        assert parts(found[gone]) == parts(first[gone]), "what the site takes back the archive keeps"


def test_faults_of_the_replica_are_failures_until_they_pass(
    crawl: Callable[..., Crawl], tmp_path: Path
) -> None:
    site = Site(seed=4, days=2, per_day=20, today=TODAY)
    ids = sorted(article.news_id for article in listed(site))[:5]
    archive = tmp_path / "rodong.db"
    with serve(site) as server:
        for kind, news_id in zip(
            ("unknown_layout", "blocked", "empty", "error500", "reset"), ids, strict=True
        ):
            server.faults.set(kind, news_id)
        server.faults.set("hang", "/robots.txt", 1)
        server.faults.set("error503", "1@@2@1@", 1)
        assert crawl(archive, server.url, ROBOTSTXT_TIMEOUT=0.5).exit_code == 3
        assert set(stored(archive)) == {article.news_id for article in listed(site)} - set(ids)
        server.faults.clear()
        server.requests.clear()
        assert crawl(archive, server.url, revisit_days=0).exit_code == 0
        assert sorted(server.articles_asked()) == ids
        assert set(stored(archive)) == {article.news_id for article in listed(site)}
