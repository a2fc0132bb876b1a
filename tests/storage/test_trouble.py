"""A full disk and a database that somebody else holds: said once, nothing half kept, over by itself."""

import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from bot.ports import StorageBusy, StorageFull, StorageUnavailable
from bot.storage.sqlite import BRIEFLY, BUSY_TIMEOUT, SURE, SqliteStore

MUCH = "x" * 50_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "club.sqlite3"


@pytest_asyncio.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore()
    await store.open(path)
    yield store
    await store.close()


async def pragma(store: SqliteStore, name: str, value: int | None = None) -> int:
    """Ask or set something of the connection that writes."""
    asked = name if value is None else f"{name} = {value}"
    async with store.write() as records:
        rows = await records.connection.execute_fetchall(f"PRAGMA {asked}")
        return int(next(iter(rows))[0])


async def keep(store: SqliteStore, name: str, value: str) -> None:
    async with store.write() as records:
        await records.keep(name, value)


async def kept(store: SqliteStore, name: str) -> str | None:
    async with store.read() as records:
        return await records.kept(name)


async def test_without_room_nothing_is_kept_reading_works_and_writing_comes_back(
    store: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    await keep(store, "before", "1")
    await pragma(store, "max_page_count", await pragma(store, "page_count"))
    with caplog.at_level(logging.INFO):
        for _ in range(5):
            with pytest.raises(StorageFull, match="the disk is full"):
                await keep(store, "much", MUCH)
            assert await kept(store, "before") == "1"
            assert await kept(store, "much") is None
        assert len(caplog.messages) == 1
        await pragma(store, "max_page_count", 1_000_000)
        for number in range(2 * SURE):
            await keep(store, "much", MUCH[number:])
        assert caplog.messages[1:] == ["the record can be written again"]
    assert await kept(store, "much") == MUCH[2 * SURE - 1 :]


async def test_on_a_disk_that_is_nearly_full_what_fits_is_no_end_of_the_trouble(
    store: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    await keep(store, "little", "1")
    await pragma(store, "max_page_count", await pragma(store, "page_count"))
    with caplog.at_level(logging.INFO):
        for number in range(10):
            with pytest.raises(StorageFull):
                await keep(store, "much", MUCH)
            await keep(store, "little", str(number))
    assert len(caplog.messages) == 1


async def test_a_database_that_another_program_holds_is_busy_readable_and_free_again(
    store: SqliteStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await keep(store, "before", "1")
    store.patience = 0.01
    with caplog.at_level(logging.INFO), closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            with pytest.raises(StorageBusy, match="another program"):
                await keep(store, "after", "2")
            assert await kept(store, "before") == "1"
        other.execute("ROLLBACK")
        assert len(caplog.messages) == 1
        for _ in range(SURE):
            await keep(store, "after", "2")
        assert caplog.messages[1:] == ["the record can be written again"]
    assert await kept(store, "after") == "2"


async def test_once_a_wait_was_in_vain_the_next_ones_are_short(store: SqliteStore, path: Path) -> None:
    """Else each of those who stand in line would wait for all before them."""
    store.patience = 0.01
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageBusy):
            await keep(store, "a", "1")
        other.execute("ROLLBACK")
    assert store.patience == BRIEFLY
    for _ in range(SURE):
        await keep(store, "a", "1")
    assert store.patience == BUSY_TIMEOUT


async def test_writing_in_a_read_block_is_our_fault_and_not_the_disks(store: SqliteStore) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        async with store.read() as records:
            await records.keep("a", "1")


async def test_a_folder_that_is_not_there_is_told_by_the_port(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="cannot be opened"):
        await SqliteStore().open(tmp_path / "nowhere" / "club.sqlite3")
