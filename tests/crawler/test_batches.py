import asyncio
import sqlite3
from pathlib import Path

import pytest

from crawler.archive import open_archive
from crawler.batches import BatchWriter, StorageError
from crawler.items import Failure
from crawler.lock import ArchiveLock


def failures(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [key for (key,) in connection.execute("SELECT key FROM failures ORDER BY id")]
    finally:
        connection.close()


def writer_to(path: Path, size: int = 50) -> BatchWriter:
    engine = open_archive(f"sqlite:///{path}", create=True)
    return BatchWriter(engine, ArchiveLock(engine), size=size)


def failure(number: int) -> Failure:
    return Failure("ko", "list", f"{number:03}", "http://127.0.0.1/", "timed out")


def test_record_is_on_disk_when_its_write_returns(tmp_path: Path) -> None:
    async def write() -> None:
        writer = writer_to(tmp_path / "a.db")
        assert await writer.write(failure(1)) == "failed"
        assert failures(tmp_path / "a.db") == ["001"]
        await writer.close()

    asyncio.run(write())


def test_many_records_keep_their_order_over_batches(tmp_path: Path) -> None:
    async def write() -> None:
        writer = writer_to(tmp_path / "a.db", size=7)
        await asyncio.gather(*(writer.write(failure(number)) for number in range(100)))
        await writer.close()

    asyncio.run(write())
    assert failures(tmp_path / "a.db") == [f"{number:03}" for number in range(100)]


def test_closing_writes_what_waits(tmp_path: Path) -> None:
    async def write() -> None:
        writer = writer_to(tmp_path / "a.db", size=1)
        waiting = [asyncio.create_task(writer.write(failure(number))) for number in range(5)]
        await asyncio.sleep(0)
        await writer.close()
        await asyncio.gather(*waiting)

    asyncio.run(write())
    assert len(failures(tmp_path / "a.db")) == 5


def test_batch_that_fails_is_undone_whole_and_ends_the_writing(tmp_path: Path) -> None:
    async def write() -> None:
        writer = writer_to(tmp_path / "a.db")
        with sqlite3.connect(tmp_path / "a.db") as connection:
            connection.execute(
                "CREATE TRIGGER full BEFORE INSERT ON failures WHEN NEW.key = '002' "
                "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        written = await asyncio.gather(
            *(writer.write(failure(number)) for number in range(4)), return_exceptions=True
        )
        assert [type(error) for error in written] == [StorageError] * 4
        assert "disk full" in str(written[0])
        with pytest.raises(StorageError, match="disk full"):
            await writer.write(failure(9))
        await writer.close()

    asyncio.run(write())
    assert failures(tmp_path / "a.db") == []
