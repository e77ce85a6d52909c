import datetime as dt

import pytest

from crawler.pages.dates import find_date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026년 8월 20일 목요일", (2026, 8, 20)),
        ("주체115(2026)년 8월 20일", (2026, 8, 20)),
        ("주체114(2026)년 8월 20일", (2026, 8, 20)),
        ("주체115년 8월 20일", (2026, 8, 20)),
        ("2025年 10月 10日 星期五", (2025, 10, 10)),
        ("2026.9.5.", (2026, 9, 5)),
        ("Feb. 19, 2026 Thursday [Photo]", (2026, 2, 19)),
        ("Sept. 3, 2025 Wednesday", (2025, 9, 3)),
        ("Feb. 11, Juche 111 (2022)\u00a0 Friday", (2022, 2, 11)),
    ],
)
def test_dates_of_all_editions_are_read(text: str, date: tuple[int, int, int]) -> None:
    assert find_date(text) == dt.date(*date)


@pytest.mark.parametrize("text", ["", "로동신문", "2026년 13월 41일", "3 / 543", "Page 12, 2026"])
def test_text_without_a_date_has_none(text: str) -> None:
    assert find_date(text) is None
