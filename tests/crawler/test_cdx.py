import datetime as dt
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.cdx import CdxError, IndexPage, IndexRow, capture_time, query, read_page

HEAD = ["timestamp", "original", "digest"]
ROW = ["20221031000000", "http://www.rodong.rep.kp/ko/", "ABC"]


def test_rows_and_resume_key_are_read() -> None:
    key = "kp%2Crep%2Crodong%29%2Fko+20221031000000%21"
    page = read_page(json.dumps([HEAD, ROW, [], [key]]))
    assert page == IndexPage((IndexRow(*ROW),), key, 0)


@pytest.mark.parametrize("text", ["[]", "[]\n", json.dumps([HEAD])])
def test_an_index_may_hold_nothing(text: str) -> None:
    assert read_page(text) == IndexPage((), None, 0)


def test_rows_that_are_no_captures_are_counted() -> None:
    bad = [
        ["2022"],
        ["20229999000000", "http://x", "A"],
        ["soon", "http://x", "A"],
        [1, 2, 3],
        "row",
        None,
        [],
    ]
    page = read_page(json.dumps([HEAD, *bad, ROW]))
    assert (page.rows, page.unreadable) == ((IndexRow(*ROW),), len(bad))


def test_a_broken_line_spoils_only_itself() -> None:
    text = f'[{json.dumps(HEAD)},\n ["2022", "http://"x", "A"],\n {json.dumps(ROW)},\n [],\n ["key"]]\n'
    page = read_page(text)
    assert page == IndexPage((IndexRow(*ROW),), "key", 1)


@pytest.mark.parametrize("cut", [1, 40, 100, -2, -3, -30])
def test_an_answer_that_was_cut_off_is_none(cut: int) -> None:
    text = json.dumps([HEAD, ROW, ROW, ROW]).replace("], [", "],\n [")
    with pytest.raises(CdxError):
        read_page(text[:cut])


@pytest.mark.parametrize("text", ["", "<html>Sorry</html>", "{}", '"x"', json.dumps([["urlkey"], ["x"]])])
def test_what_is_no_index_is_refused(text: str) -> None:
    with pytest.raises(CdxError):
        read_page(text)


def test_the_query_asks_for_what_is_needed_and_sends_the_key_as_it_came() -> None:
    key = "kp%2Crep%2Crodong%29%2Fko+20221031000000%21"
    url = query("http://x/cdx", "rodong.rep.kp/ko/", since=dt.date(2022, 10, 30), size=50, resume_key=key)
    assert url.endswith(f"&resumeKey={key}")
    asked = parse_qs(urlsplit(url).query)
    assert asked["url"] == ["rodong.rep.kp/ko/"]
    assert asked["filter"] == ["statuscode:200", "mimetype:text/html"]
    assert (asked["fl"], asked["from"], asked["limit"]) == (
        ["timestamp,original,digest"],
        ["20221030"],
        ["50"],
    )
    assert "from" not in parse_qs(urlsplit(query("http://x", "y", since=None, size=1)).query)


def test_times_of_captures_are_utc() -> None:
    assert capture_time("20221031235959") == dt.datetime(2022, 10, 31, 23, 59, 59, tzinfo=dt.UTC)
    with pytest.raises(ValueError, match="14 digits"):
        capture_time("2022")
