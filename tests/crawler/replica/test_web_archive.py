import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest

from crawler.pages.article import read_article
from crawler.replica.server import ReplicaServer, serve
from crawler.replica.site import Site
from crawler.replica.web_archive import GOOD, Capture, WebArchive, best

PREFIX = "url=rodong.rep.kp/ko/&matchType=prefix"


@pytest.fixture(scope="module")
def server() -> Iterator[ReplicaServer]:
    with serve(Site(days=4, per_day=11, today=date(2026, 11, 20))) as running:
        yield running


def get(server: ReplicaServer, query: str) -> str:
    with urllib.request.urlopen(f"{server.archive_arguments['cdx_url']}?{query}", timeout=10) as response:
        return str(response.read().decode())


def rows(server: ReplicaServer, query: str) -> list[list[str]]:
    table: list[list[str]] = json.loads(get(server, f"{query}&output=json"))
    return table


def test_every_layout_and_every_kind_of_page_is_among_the_captures(server: ReplicaServer) -> None:
    captures = server.web_archive.captures
    assert {each.kind for each in captures} >= {
        GOOD,
        "blocked",
        "unknown_address",
        "truncated",
        "unknown_layout",
    }
    good = [each for each in captures if each.kind == GOOD]
    assert {read_article(each.body.decode()).layout for each in good} >= {"legacy", "A", "B"}
    assert len({each.digest for each in good}) < len(good), "some captures are duplicates"
    assert 0 < len(best(captures)) < len({each.news_id for each in captures if each.news_id})


def test_good_captures_say_what_the_articles_say(server: ReplicaServer) -> None:
    for each in server.web_archive.captures:
        if each.article is not None and "@" not in each.news_id and "N" not in each.news_id:
            page = read_article(each.body.decode())
            article = each.article
            told = (article.title, article.subtitle, article.body, article.byline)
            assert (page.title, page.subtitle, page.body, page.byline) == told


def test_the_same_site_has_the_same_past() -> None:
    site = Site(days=3, per_day=5, today=date(2026, 11, 20))
    assert WebArchive(site).captures == WebArchive(Site(days=3, per_day=5, today=date(2026, 11, 20))).captures


def test_a_prefix_query_in_json_has_a_head_and_in_text_none(server: ReplicaServer) -> None:
    fields = "fl=timestamp,original"
    table = rows(server, f"{PREFIX}&{fields}&limit=5")
    assert table[0] == ["timestamp", "original"]
    assert len(table) == 6
    text = get(server, f"{PREFIX}&{fields}&limit=5").splitlines()
    assert [line.split(" ") for line in text] == table[1:]
    assert (
        rows(server, "url=example.org/&matchType=prefix&filter=statuscode:200&filter=original:http.*") == []
    )


def test_resume_keys_lead_through_the_whole_index(server: ReplicaServer) -> None:
    query = f"{PREFIX}&fl=urlkey,timestamp"
    whole = rows(server, query)[1:]
    found, key = [], ""
    while True:
        table = rows(server, f"{query}&limit=17&showResumeKey=true{key}")[1:]
        if [] not in table:
            found += table
            break
        found += table[:-2]
        key = f"&resumeKey={table[-1][0]}"
    assert found == whole


def test_filters_and_collapsing_work_as_described(server: ReplicaServer) -> None:
    kinds = {row[0] for row in rows(server, f"{PREFIX}&fl=mimetype&filter=!mimetype:image/gif")[1:]}
    assert "image/gif" not in kinds
    digests = [
        row[0] for row in rows(server, f"{PREFIX}&fl=digest&collapse=digest&filter=original:http.*")[1:]
    ]
    assert all(a != b for a, b in pairwise(digests))
    stamps = [
        row[0]
        for row in rows(server, f"{PREFIX}&fl=timestamp&from=2024&to=202412&filter=original:http.*")[1:]
    ]
    assert stamps
    assert all(stamp.startswith("2024") for stamp in stamps)


def test_a_capture_is_replayed_as_it_was_with_its_own_headers(server: ReplicaServer) -> None:
    capture = next(each for each in server.web_archive.captures if each.kind == GOOD)
    with replay(server, capture, capture.timestamp) as response:
        assert response.read() == capture.body
        assert response.headers["x-archive-orig-server"] == "Apache"
    with replay(server, capture, "20010101000000") as response:
        assert f"/web/{capture.timestamp}id_/" in response.url, "another time leads to the nearest capture"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        replay(server, Capture("20240101000000", "http://www.rodong.rep.kp/ko/none"), "20240101000000")


def replay(server: ReplicaServer, capture: Capture, timestamp: str):  # type: ignore[no-untyped-def]
    url = f"{server.archive_arguments['replay_url']}{timestamp}id_/{capture.original}"
    return urllib.request.urlopen(url, timeout=10)


def test_faults_befall_index_and_captures(server: ReplicaServer) -> None:
    server.faults.set("error503", "/cdx/*", 1)
    with pytest.raises(urllib.error.HTTPError, match="503"):
        get(server, PREFIX)
    assert get(server, PREFIX)
