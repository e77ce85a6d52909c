import datetime as dt
import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages.tokens import ArticleToken, ListToken, TokenError, decode, encode, issue_date, parse

DATA = Path(os.environ.get("DPRK_DATA", Path(__file__).parents[3].parent / "shared" / "data"))
LINKS = DATA / "html" / "article-links.ko.2024.txt"

keywords = st.text("가나다라사설론수필력", max_size=4)
numbers = st.integers(0, 9999)
news_ids = st.builds(
    "{}-{}{}".format,
    st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)),
    st.sampled_from(["", "N", "H"]),
    st.from_regex(r"[0-9]{3,4}", fullmatch=True),
)
articles = st.builds(
    ArticleToken,
    news_id=news_ids,
    category=st.none() | numbers,
    list_page=st.none() | numbers,
    keyword=keywords,
    ordinal=st.none() | numbers,
    view=st.sampled_from(["12", "8"]),
    closed=st.booleans(),
)
lists = st.builds(
    ListToken, category=numbers, page=numbers, keyword=keywords, view=st.sampled_from(["1", "2"])
)


@given(articles | lists)
def test_every_token_reads_back_as_itself(token: ArticleToken | ListToken) -> None:
    assert parse("index.php?" + encode(token.text)) == token


# All forms of an address that were ever seen, and what they are to the crawl.
SERIES = {
    "1@@{category}@{page}@": ListToken,
    "1@@{category}@{page}@@0@": ListToken,
    "1@@{category}@{page}@{keyword}@": ListToken,
    "2@@{category}@{page}@": ListToken,
    "12@{news_id}@{category}@{page}@{keyword}@0@{ordinal}": ArticleToken,
    "12@{news_id}@{category}@{page}@{keyword}@0@{ordinal}@": ArticleToken,
    "12@{news_id}@15@@@0@{ordinal}@": ArticleToken,
    "8@{news_id}@19@@{keyword}@1{ordinal}": ArticleToken,
    "19@@19@@{keyword}@{page}": None,
    "10@{news_id}@@@@@@@21": None,
    "11@{news_id}@@@@@@@21": None,
    "2@@@@p@0@2026/08/20/21/{news_id}/{page}.jpg": None,
    "2@@@@p@0@2026/08/20/1/{page}.jpg": None,
    "02@@@u@0@2026/08/20/{page}.jpg": None,
    "05@@@@": None,
}


@pytest.mark.parametrize("form", SERIES)
@given(
    news_id=news_ids,
    category=numbers,
    page=numbers,
    ordinal=numbers,
    keyword=keywords,
    padding=st.integers(0, 3),
)
def test_every_form_of_an_address_is_known_for_what_it_is(
    form: str, news_id: str, category: int, page: int, ordinal: int, keyword: str, padding: int
) -> None:
    text = form.format(news_id=news_id, category=category, page=page, ordinal=ordinal, keyword=keyword)
    href = "index.php?" + encode(text).rstrip("=") + "=" * padding
    found, kind = parse(href), SERIES[form]
    assert decode(href) == text
    assert type(found) is (kind or type(None))
    if isinstance(found, ArticleToken):
        assert found.news_id == news_id
        assert found.text == text
    if isinstance(found, ListToken):
        assert (found.category, found.page) == (category, page)


@given(st.text(min_size=1), st.integers(0, 3), st.booleans(), st.booleans())
def test_decoding_does_not_mind_padding_quoting_or_the_url_alphabet(
    text: str, padding: int, quoted: bool, for_urls: bool
) -> None:
    token = encode(text).rstrip("=") + "=" * padding
    if for_urls:
        token = token.replace("+", "-").replace("/", "_")
    assert decode("http://host/ko/index.php?" + (quote(token, safe="") if quoted else token)) == text


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("MUBAMUAxQA==", "1@@1@1@"),
        ("MkBAMkAxQA==", "2@@2@1@"),
        ("MTJAMjAyNC0wNC0wMS1OMDI1QDVAMUBAMEAxMw==", "12@2024-04-01-N025@5@1@@0@13"),
    ],
)
def test_links_of_the_site_are_written_as_the_site_writes_them(token: str, text: str) -> None:
    assert (decode(token), encode(text)) == (text, token)


@pytest.mark.parametrize("text", ["1@@4@2@", "1@@4@2@@0@", "2@@4@2@"])
def test_list_page_has_several_spellings(text: str) -> None:
    token = parse(encode(text))
    assert isinstance(token, ListToken)
    assert (token.category, token.page) == (4, 2)


@pytest.mark.parametrize(
    "href",
    [
        "",
        "index.php",
        "index.php?",
        "http://example.org/?q=1",
        "javascript:void(0)",
        "index.php?MDVAQEBA",
        "index.php?" + encode("10@2026-08-20-012@@@@@@@21"),
        "index.php?" + encode("12@2026-02-30-012@1@1@@0@1@"),
        "index.php?" + encode("12@nonsense@1@1@@0@1@"),
        "index.php?" + encode("19@@19@@남새@1"),
    ],
)
def test_other_links_are_neither_lists_nor_articles(href: str) -> None:
    assert parse(href) is None


def test_what_is_no_token_says_so() -> None:
    with pytest.raises(TokenError, match="not a token"):
        decode("index.php?%%%")


def test_issue_date_is_the_beginning_of_the_id() -> None:
    assert issue_date("2024-04-01-N025") == dt.date(2024, 4, 1)


@pytest.mark.realdata
@pytest.mark.skipif(not LINKS.exists(), reason=f"real links are not at {LINKS} (set DPRK_DATA)")
def test_real_links_decode_and_encode_to_themselves() -> None:
    links = LINKS.read_text(encoding="utf-8").split()
    assert len(links) == 30
    for link in links:
        token = parse(link)
        assert isinstance(token, ArticleToken)
        assert token.issue_date.year == 2024
        assert "index.php?" + encode(token.text) == link
