from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from corpus.documents import Document
from corpus.schema import CorpusError
from corpus.sources import Source
from corpus.tally import Tally
from crawler.archive import article_sections, articles, open_archive


@pytest.fixture
def archive(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'rodong.db'}"
    open_archive(url, create=True).dispose()
    return url


def fill(url: str, *rows: dict[str, object]) -> None:
    engine = open_archive(url)
    now = dt.datetime(2024, 4, 2, 3, 0, tzinfo=dt.UTC)
    blank = {
        "language": "ko",
        "page": 1,
        "subtitle": "",
        "byline": "",
        "url": "u",
        "layout": "b",
        "content_hash": "h",
    }
    with engine.begin() as connection:
        for row in rows:
            sections = row.pop("sections", ())
            issued = dt.date.fromisoformat(str(row["news_id"])[:10])
            values = blank | row | {"issue_date": issued, "first_seen_at": now, "last_seen_at": now}
            key = connection.execute(sa.insert(articles).values(values)).inserted_primary_key
            assert key is not None
            for section in sections:  # type: ignore[attr-defined]
                connection.execute(sa.insert(article_sections).values(article_id=key[0], section=section))
    engine.dispose()


def read(url: str) -> list[Document]:
    return list(Source("archive", url).read(Tally()))


def test_articles_become_documents_by_day_with_the_subtitle_as_first_paragraph(archive: str) -> None:
    fill(
        archive,
        {
            "news_id": "2024-04-02-001",
            "title": "새 온실",
            "body": "온실이 섰다.\n남새가 자란다.",
            "sections": ("경제", "농업"),
        },
        {"news_id": "2024-04-01-001", "title": "봄", "subtitle": "들에서", "body": "밭을 간다."},
    )
    assert read(archive) == [
        Document("ko/2024-04-01-001", "들에서\n밭을 간다.", "봄", dt.date(2024, 4, 1)),
        Document(
            "ko/2024-04-02-001",
            "\n온실이 섰다.\n남새가 자란다.",
            "새 온실",
            dt.date(2024, 4, 2),
            "경제; 농업",
        ),
    ]


def test_only_the_korean_edition_is_read(archive: str) -> None:
    fill(
        archive,
        {"news_id": "2024-04-01-001", "language": "en", "title": "Spring", "body": "The field is ploughed."},
        {"news_id": "2024-04-01-001", "title": "봄", "body": "밭을 간다."},
    )
    assert [document.id for document in read(archive)] == ["ko/2024-04-01-001"]


def test_an_empty_archive_says_to_crawl_first(archive: str) -> None:
    with pytest.raises(CorpusError, match=r"holds no article .* run `scrapy crawl rodong` first"):
        read(archive)


def test_a_missing_archive_and_a_file_that_is_none_are_errors(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no archive at"):
        read(f"sqlite:///{tmp_path / 'no.db'}")
    (tmp_path / "text.db").write_text("글입니다", encoding="utf-8")
    with pytest.raises(CorpusError, match="not an archive"):
        read(f"sqlite:///{tmp_path / 'text.db'}")


def test_a_database_cut_short_is_one_error_and_not_a_shorter_corpus(archive: str, tmp_path: Path) -> None:
    fill(
        archive,
        *(
            {"news_id": f"2024-04-{1 + n % 30:02}-{n:03}", "title": "봄", "body": "밭을 간다. " * 300}
            for n in range(200)
        ),
    )
    path = tmp_path / "rodong.db"
    with sa.create_engine(archive).connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(CorpusError):
        read(archive)


def test_an_article_under_an_old_and_a_new_number_is_one_document(archive: str) -> None:
    fill(
        archive,
        {"news_id": "2022-10-31-0012", "title": "온실의 아침", "body": "남새가 자란다."},
        {"news_id": "2022-10-31-N012", "title": "온실의 아침", "body": "남새가 자란다.\n림단비"},
        {"news_id": "2022-10-31-N013", "title": "온실의 저녁", "body": "해가 진다."},
    )
    tally = Tally()
    documents = list(Source("archive", archive).read(tally))
    assert [each.id for each in documents] == ["ko/2022-10-31-0012", "ko/2022-10-31-N013"]
    assert tally.dropped == {"document: the same article under a later number": 1}
