import http.client
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import urljoin

import pytest

from crawler.pages.detect import document, refusal
from crawler.pages.layout_b import container
from crawler.replica.faults import KINDS, Faults, Response, parse_rule
from crawler.replica.server import ReplicaServer, serve
from crawler.replica.site import Site
from crawler.replica.tokens import article_href, list_href

NEWS_ID = "2026-11-20-013"


@pytest.fixture
def server() -> Iterator[ReplicaServer]:
    with serve(Site(days=3, per_day=20, today=date(2026, 11, 20))) as running:
        yield running


def get(server: ReplicaServer, href: str = "") -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urljoin(server.url, href), timeout=10) as response:
            return response.status, response.read().decode(response.headers.get_content_charset())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_site_is_served_under_its_language_root(server: ReplicaServer) -> None:
    assert server.url.endswith("/ko/")
    status, html = get(server)
    assert status == 200
    assert "분야별기사" in html
    assert get(server, "index.php") == (200, html)
    assert get(server, "/en/")[0] == 404


def test_robots_txt_allows_everything(server: ReplicaServer) -> None:
    assert get(server, "/robots.txt") == (200, "User-agent: *\nDisallow:\n")


def test_lists_and_articles_are_served_by_their_tokens(server: ReplicaServer) -> None:
    article = server.site.article(NEWS_ID)
    assert article is not None
    assert article.news_id in server.site.listed(2)
    assert "20건" in get(server, list_href(2))[1]
    assert article.title_lines[0] in get(server, article_href(NEWS_ID, 2, 1))[1]


@pytest.mark.parametrize("query", ["!!!", "MUBAMUAx0A==", "MTJAMjAyNg=="])
def test_a_bad_token_gets_the_unknown_address_page_with_status_200(server: ReplicaServer, query: str) -> None:
    status, html = get(server, f"index.php?{query}")
    assert status == 200
    assert "알수 없는 주소" in html


def test_requests_are_recorded_with_their_decoded_tokens(server: ReplicaServer) -> None:
    get(server)
    get(server, list_href(5, 2))
    get(server, article_href(NEWS_ID, 15, 1))
    assert [request.token for request in server.requests] == ["", "1@@5@2@", f"12@{NEWS_ID}@15@1@@0@1@"]
    assert server.requests[0].path == "/ko/"
    assert server.articles_asked() == [NEWS_ID]


def test_a_change_of_the_site_shows_at_once(server: ReplicaServer) -> None:
    href = article_href(NEWS_ID, 2, 1)
    before = get(server, href)[1]
    article = server.site.article(NEWS_ID)
    assert article is not None
    server.site.edit(replace(article, paragraphs=("고친 글이다.",)))
    assert "고친 글이다." in get(server, href)[1] != before
    server.site.withdraw(NEWS_ID)
    assert "알수 없는 주소" in get(server, href)[1]


def test_many_clients_are_answered_at_once_and_alike(server: ReplicaServer) -> None:
    hrefs = [list_href(category) for category in (1, 2, 3, 4, 5, 7)] * 4
    answers: dict[str, set[str]] = {href: set() for href in hrefs}
    threads = [threading.Thread(target=lambda h=href: answers[h].add(get(server, h)[1])) for href in hrefs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(bodies) == 1 for bodies in answers.values())


def test_an_error_befalls_an_article_as_often_as_told(server: ReplicaServer) -> None:
    server.faults.set("error500", NEWS_ID, times=2)
    href = article_href(NEWS_ID, 2, 1)
    assert [get(server, href)[0] for _ in range(3)] == [500, 500, 200]
    assert len(server.articles_asked()) == 3


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("empty", "empty page"), ("blocked", "blocked"), ("unknown_layout", "unknown layout")],
)
def test_a_spoilt_article_is_known_by_its_kind(server: ReplicaServer, kind: str, reason: str) -> None:
    server.faults.set(kind, NEWS_ID)
    status, html = get(server, article_href(NEWS_ID, 2, 1))
    assert status == 200
    if html:
        page = document(html)
        assert container(page) is None
        assert refusal(page).reason == reason
    else:
        assert kind == "empty"
    other = server.site.listed(2)[5]
    assert container(document(get(server, article_href(other, 2, 6))[1])) is not None


def test_an_unknown_layout_still_holds_the_text(server: ReplicaServer) -> None:
    article = server.site.article(server.site.listed(2)[0])
    assert article is not None
    server.faults.set("unknown_layout", "2026-11-20-*")
    html = get(server, article_href(article.news_id, 2, 1))[1]
    assert article.title_lines[0] in html


def test_lists_and_paths_may_fail_too(server: ReplicaServer) -> None:
    server.faults.set("error503", "1@@2@1@")
    server.faults.set("error404", "/robots.txt")
    assert get(server, list_href(2))[0] == 503
    assert get(server, "/robots.txt")[0] == 404
    server.faults.clear()
    assert get(server, list_href(2))[0] == 200


def test_a_reset_connection_is_an_error_for_the_client(server: ReplicaServer) -> None:
    server.faults.set("reset", "/ko/", times=1)
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected, urllib.error.URLError)):
        get(server)
    assert get(server)[0] == 200


def test_a_hanging_answer_never_comes_and_does_not_keep_the_server_from_stopping() -> None:
    with serve(Site(days=1, per_day=3, today=date(2026, 11, 20))) as server:
        server.faults.set("hang", "/ko/")
        with pytest.raises(TimeoutError):
            urllib.request.urlopen(server.url, timeout=0.3)
        address = server.server_address[:2]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=1)


def test_a_connection_that_outlives_the_server_is_not_answered() -> None:
    with serve(Site(days=1, per_day=3, today=date(2026, 11, 20))) as server:
        connection = http.client.HTTPConnection(*server.server_address[:2], timeout=5)
        connection.request("GET", "/ko/")
        assert connection.getresponse().read()
    connection.request("GET", "/ko/")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    connection.close()


def test_the_first_rule_that_matches_wins() -> None:
    faults = Faults()
    faults.set("error500", "2026-11-20-*", times=1)
    faults.set("empty", NEWS_ID)
    good = Response(b"page")
    assert faults.befall(good, NEWS_ID, "", "/ko/index.php").status == 500
    assert faults.befall(good, NEWS_ID, "", "/ko/index.php").body == b""
    assert faults.befall(good, "2026-11-20-014", "", "/ko/index.php") == good


def test_a_rule_is_read_as_the_command_line_writes_it() -> None:
    rule = parse_rule("error500=2026-11-20-013:2")
    assert (rule.kind, rule.pattern, rule.times) == ("error500", NEWS_ID, 2)
    assert parse_rule("unknown_layout=2026-11-20-013").times is None


@pytest.mark.parametrize("text", ["", "broken=x", "empty", "empty=", "empty=x:often"])
def test_a_rule_that_cannot_be_read_is_refused_with_the_choices(text: str) -> None:
    with pytest.raises(ValueError, match="unknown_layout"):
        parse_rule(text)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="choose one of"):
        Faults().set("melt", NEWS_ID)
    assert {"error500", "empty", "blocked", "unknown_layout", "reset", "hang"} <= set(KINDS)
