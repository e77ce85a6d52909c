import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.archive import open_archive
from crawler.history import Text, changed_articles, differences, texts

from .conftest import Crawl, SmallSite, scrapy

WHEN = dt.datetime(2026, 8, 20, tzinfo=dt.UTC)


def text(body: str, title: str = "제목", byline: str = "") -> Text:
    return Text(WHEN, title, "", body, byline)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (text("가\n나"), text("가\n나"), []),
        (
            text("오이 40상자를 거두었다."),
            text("오이 50상자를 거두었다."),
            ["  오이 [-40상자를-]{+50상자를+} 거두었다."],
        ),
        (text("가\n나\n다"), text("가\n다"), ["- 나"]),
        (text("가"), text("가\n나"), ["+ 나"]),
        (text("가 나"), text("가 나 다"), ["  가 나 {+다+}"]),
        (text("가", byline="림단비"), text("가"), ["- byline: 림단비"]),
        (text("가", title="옛 제목"), text("가", title="새 제목"), ["  title: [-옛-]{+새+} 제목"]),
    ],
)
def test_differences_show_the_changed_words_and_nothing_else(old: Text, new: Text, shown: list[str]) -> None:
    assert differences(old, new) == shown


@pytest.mark.slow
def test_command_shows_every_text_of_an_article(
    crawl: Callable[..., Crawl], small_site: SmallSite, tmp_path: Path
) -> None:
    news_id = "2026-08-20-002"
    for body in ("첫 글이다.", "둘째 글이다.", "셋째 글이다."):
        small_site.bodies[news_id] = body
        assert crawl(revisit_days=100_000).exit_code == 0
    url = f"sqlite:///{tmp_path}/rodong.db"
    engine = open_archive(url, read_only=True)
    assert [(changed.news_id, changed.texts) for changed in changed_articles(engine, "ko")] == [(news_id, 3)]
    found = texts(engine, "ko", news_id)
    assert [each.body for each in found] == ["첫 글이다.", "둘째 글이다.", "셋째 글이다."]
    assert [each.since for each in found] == sorted(each.since for each in found)

    listed = scrapy("revisions", "-s", f"ARCHIVE_URL={url}")
    assert (listed.returncode, len(listed.stdout.splitlines())) == (0, 1)
    assert listed.stdout.startswith(f"{news_id}  3 texts, the last since ")
    shown = scrapy("revisions", news_id, "-s", f"ARCHIVE_URL={url}")
    assert [line for line in shown.stdout.splitlines() if line.startswith("  ")] == [
        "  [-첫-]{+둘째+} 글이다.",
        "  [-둘째-]{+셋째+} 글이다.",
    ]
    none = scrapy("revisions", "2026-08-20-999", "-s", f"ARCHIVE_URL={url}")
    assert (none.returncode, len(none.stderr.splitlines())) == (1, 1)
