import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.replica.tokens import (
    ArticleAddress,
    ListAddress,
    article_href,
    decode,
    encode,
    list_href,
    resolve,
)


def test_tokens_end_in_two_equal_signs_whatever_padding_they_need() -> None:
    assert list_href(1) == "index.php?MUBAMUAxQA=="
    assert [encode(text) for text in ("a", "ab", "abc")] == ["YQ==", "YWI==", "YWJj=="]


@given(st.text(min_size=1))
def test_decoding_undoes_encoding_with_any_padding(text: str) -> None:
    token = encode(text)
    assert {decode(token), decode(token.rstrip("=")), decode(token.replace("=", "%3D"))} == {text}


@given(st.text())
def test_decoding_takes_any_query_without_an_error(query: str) -> None:
    assert isinstance(decode(query), str)


def test_the_token_of_an_article_differs_by_list_and_place() -> None:
    hrefs = {article_href("2026-11-20-013", category, place) for category in (2, 5) for place in (1, 15, 16)}
    assert len(hrefs) == 6
    texts = {decode(href.partition("?")[2]) for href in hrefs}
    assert "12@2026-11-20-013@5@1@@0@15@" in texts
    assert "12@2026-11-20-013@5@2@@0@16@" in texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1@@4@2@", ListAddress(4, 2)),
        ("1@@4@2@@0@", ListAddress(4, 2)),
        ("2@@2@1@", ListAddress(2, 1)),
        ("12@2026-11-20-013@5@1@@0@13", ArticleAddress("2026-11-20-013", 5)),
        ("12@2026-11-20-013@5@1@@0@13@", ArticleAddress("2026-11-20-013", 5)),
        ("8@2026-11-20-013@19@@수필@11", ArticleAddress("2026-11-20-013", 19)),
        ("12@2026-11-20-013@@", ArticleAddress("2026-11-20-013", None)),
        ("19@@19@@@1", None),
        ("1@@a@1@", None),
        ("nonsense", None),
    ],
)
def test_tokens_lead_to_lists_and_articles(text: str, expected: object) -> None:
    assert resolve(text) == expected
