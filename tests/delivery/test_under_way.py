"""What became of posts, until it is on record."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.delivery.under_way import UnderWay
from bot.ports import Records
from bot.storage.records import SqlRecords
from bot.storage.sqlite import SqliteStore


class ShakyStore(SqliteStore):
    """A store that refuses to write while there is no room, and counts what it commits."""

    room = True
    commits = 0

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlRecords]:
        if not self.room:
            raise OSError("disk full")
        async with super().write() as records:
            yield records
        self.commits += 1


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[ShakyStore]:
    store = ShakyStore()
    await store.open(tmp_path / "club.sqlite3")
    yield store
    await store.close()


def noting(name: str) -> Callable[[Records], Awaitable[None]]:
    """An outcome that leaves a trace."""
    return lambda records: records.keep(name, "noted")


async def noted(store: SqliteStore, *names: str) -> list[bool]:
    async with store.read() as records:
        return [await records.kept(name) is not None for name in names]


async def test_an_outcome_is_on_record_when_it_has_been_recorded(store: ShakyStore) -> None:
    ours = UnderWay(store)
    ours.take([1])
    assert 1 in ours
    await ours.record(1, noting("a"))
    assert await noted(store, "a") == [True]
    assert 1 not in ours


async def test_outcomes_that_come_together_are_written_together(store: ShakyStore) -> None:
    """The first takes the writer, and the rest go with the next."""
    ours = UnderWay(store)
    async with asyncio.TaskGroup() as posts:
        for number in range(50):
            posts.create_task(ours.record(number, noting(f"{number}")))
    assert all(await noted(store, *map(str, range(50))))
    assert store.commits <= 2


async def test_what_cannot_be_recorded_is_kept_until_it_can(
    store: ShakyStore, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once when that begins, and once when it is over."""
    ours = UnderWay(store)
    store.room = False
    with caplog.at_level(logging.INFO):
        for number in range(3):
            ours.take([number])
            await ours.record(number, noting(f"{number}"))
            await ours.retry()
        assert [number in ours for number in range(4)] == [True, True, True, False]
        assert caplog.text.count("cannot be recorded") == 1
        store.room = True
        await ours.retry()
    assert await noted(store, "0", "1", "2") == [True] * 3
    assert [number in ours for number in range(3)] == [False] * 3
    assert caplog.text.count("on record again") == 1


async def test_one_outcome_that_never_fits_keeps_no_other_from_the_record(store: ShakyStore) -> None:
    async def bad(records: Records) -> None:
        raise ZeroDivisionError

    ours = UnderWay(store)
    await ours.record(1, bad)
    await ours.record(2, noting("2"))
    await ours.record(3, noting("3"))
    for _ in range(2):
        await ours.retry()
    assert await noted(store, "2", "3") == [True, True]
    assert 1 in ours


async def test_without_anything_to_record_nothing_is_written(store: ShakyStore) -> None:
    await UnderWay(store).retry()
    assert store.commits == 0


async def test_an_outcome_whose_recording_is_cancelled_is_recorded_later(store: ShakyStore) -> None:
    ours = UnderWay(store)
    async with store.write():
        recording: asyncio.Task[Any] = asyncio.create_task(ours.record(1, noting("1")))
        await asyncio.sleep(0)
        recording.cancel()
        await asyncio.gather(recording, return_exceptions=True)
    await ours.retry()
    assert await noted(store, "1") == [True]
