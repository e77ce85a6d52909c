import datetime as dt
import re
import sqlite3
from pathlib import Path

import pytest

from crawler.archive import open_archive
from crawler.captures import store_capture
from crawler.database import writing
from crawler.items import Article, Capture, Listed, RawPage
from crawler.search import build_index
from crawler.storing import store
from crawler.tables import metadata

PAGE = (Path(__file__).parents[2] / "docs" / "archive.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def archive(tmp_path: Path) -> sqlite3.Connection:
    """Two issues with a missing day between them; one article was changed, the other one is from a web archive."""
    engine = open_archive(f"sqlite:///{tmp_path}/rodong.db", create=True)
    raw = RawPage("article", "http://127.0.0.1/", 200, "utf-8", b"<p>")
    with writing(engine) as connection:
        for news_id, body in [
            ("2026-08-18-001", "옛글"),
            ("2026-08-18-001", "과학기술과 로동"),
            ("2026-08-20-001", "글"),
        ]:
            day = dt.date.fromisoformat(news_id[:10])
            listed = Listed(["오늘호 기사"])
            article = Article("ko", news_id, day, 1, "제목", "", body, "림단비", "http://x", "B", listed, raw)
            now = dt.datetime(2026, 8, 20, tzinfo=dt.UTC)
            if day.day == 18:
                store(connection, article, now)
            else:
                store_capture(connection, Capture("ko", news_id, "http://w/", now, "A", article), now)
    build_index(engine)
    engine.dispose()
    return sqlite3.connect(tmp_path / "rodong.db")


def test_documented_queries_run_and_answer(archive: sqlite3.Connection) -> None:
    answers = [
        archive.execute(single).fetchall()
        for query in QUERIES
        for single in query.split(";")
        if single.strip()
    ]
    assert len(answers) == 15
    assert ("2026-08", 2, 9) in answers[0]
    assert ("2026", 1, 50.0) in answers[1]
    assert answers[2] == [("2026-08-20-001", "제목", "림단비")]
    assert answers[3] == [("오늘호 기사", 2)]
    assert answers[4][0][4:] == ("옛글", "과학기술과 로동")
    assert answers[5][0][0::3] == ("2026-08-20-001", "http://w/")
    assert answers[6] == [("2026-08-19",)]
    assert answers[9] == [("2026-08-18-001", "제목", "[과학기술]과 로동")]
    assert answers[10] == [("2026-08-18-001", "제목")]
    left = {name for (name,) in archive.execute("SELECT name FROM sqlite_master")}
    assert not [name for name in left if "fts" in name], "the last statements remove the index"


@pytest.mark.parametrize("table", metadata.tables)
def test_every_column_is_documented(table: str) -> None:
    heading = PAGE.partition(f"\n### `{table}`")[2].partition("\n#")[0]
    columns = [column.name for column in metadata.tables[table].columns if column.name != "id"]
    assert [name for name in columns if f"`{name}`" not in heading] == []
